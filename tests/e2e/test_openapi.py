"""The document describes exactly what is served, and its examples work unchanged."""
import json
import re

import source_tables
from openapi_document import DOCUMENT, faults_of, resolve


def documented_routes():
    return {(method.upper(), re.sub(r"\{\w+\}", ":id", path))
            for path, item in DOCUMENT["paths"].items()
            for method in item if method in ("get", "post", "put", "patch", "delete")}


def served_routes():
    text = source_tables.routes()
    found = set(re.findall(r'\{\s*"(GET|POST|PUT|PATCH|DELETE)",\s*"([^"]+)"', text))
    return {(method, path) for method, path in found if not path.startswith("/checkout/")}     # only for our own pages


def test_document_and_router_name_the_same_routes():
    served = served_routes()
    assert served, "no route found in routes.c"
    assert documented_routes() == served


def test_the_served_document_is_this_one(payapi):
    served = payapi.get("/docs/openapi.json", sub=None)
    assert served.status == 200 and served.headers["Content-Type"].startswith("application/json")
    assert served.json == DOCUMENT


def examples_of(operation):
    content = operation["requestBody"]["content"]["application/json"]
    if "example" in content:
        return [content["example"]]
    return [resolve(e)["value"] for e in content.get("examples", {}).values()]


def test_each_request_example_is_accepted(payapi):
    post_order = DOCUMENT["paths"]["/api/v1/orders"]["post"]
    examples = examples_of(post_order)
    assert examples
    for number, example in enumerate(examples):
        answer = payapi.post("/api/v1/orders", json.dumps(example), sub=f"reader-{number}")
        assert answer.status == 201, (example, answer)
        check(post_order, answer)
    [checkout] = [v for k, v in DOCUMENT["paths"].items() if k.endswith("/checkout")]
    for example in examples_of(checkout["post"]):
        order = payapi.create_order()
        answer = payapi.post(f"/api/v1/orders/{order}/checkout", json.dumps(example))
        assert answer.status == 201, (example, answer)
        check(checkout["post"], answer)


def test_each_refund_example_is_accepted(payapi):
    operation = DOCUMENT["paths"]["/api/v1/payments/{paymentId}/refund"]["post"]
    listing = DOCUMENT["paths"]["/api/v1/payments/{paymentId}/refunds"]["get"]
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    path = f"/api/v1/payments/{payment['id']}/refund"
    for number, example in enumerate(examples_of(operation)):
        answer = payapi.post(path, json.dumps(example), sub="boss", role="admin",
                             headers={"Idempotency-Key": f"example-{number}"})
        assert answer.status == 201, (example, answer)
        check(operation, answer)
    check(listing, payapi.get(path + "s"))


def test_amounts_beyond_32_bits_come_back_whole(payapi):
    """Sent as by a client with the documented types; a 32-bit float would turn the first into 12345679.0."""
    order = payapi.post("/api/v1/orders", {"currency": "USD", "amount": 12345678.91})
    assert (order.status, order.data["amountMinor"]) == (201, 1234567891) and b'"amount":12345678.91,' in order.body
    order = payapi.post("/api/v1/orders", {"currency": "IDR", "amountMinor": 2_500_000_000, "amount": 25000000.0})
    assert order.status == 201, order
    payment = payapi.checkout(order.data["id"]).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order.data["id"], "completed")
    [charge] = payapi.get(f"/api/v1/transactions?paymentId={payment['id']}", sub="root", role="admin").data
    assert (charge["amountMinor"], charge["amount"], charge["currency"]) == (2_500_000_000, 25000000.0, "IDR")


def check(operation, answer):
    """Checks the answer against its schema."""
    response = resolve(operation["responses"][str(answer.status)])
    assert list(faults_of(response["content"]["application/json"]["schema"], answer.json)) == []
