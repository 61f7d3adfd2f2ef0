"""One rule for all members: null and "" never mean "absent". Every member of every body is tested.

The members come from the OpenAPI document, so a new one there is tested here too.
"""
import json
import uuid

import pytest
from openapi_document import DOCUMENT, resolve

# A valid body for each operation: the other members beside the one at fault.
GOOD = {
    "createOrder": {"amountMinor": 9999, "currency": "USD"},
    "checkoutOrder": {},
    "refundPayment": {},
    "reviewPayment": {"reason": "The bank confirmed the amount."},
    "explainFinding": {"finding": 17, "reason": "A test charge."},
    "createApiKey": {"name": "web shop", "scopes": ["orders:read"]},
    "createWebhookEndpoint": {"url": "https://shop.example/payments", "events": ["payment.completed"]},
    "changeWebhookEndpoint": {},
    "recoverWebhooks": {"since": "2026-11-23T00:00:00.000Z"},
    "rotateWebhookSecret": {},
}
# These take the providers' own bodies.
FOREIGN = {"receiveStripeWebhook", "receivePaystackWebhook"}


def operations_with_a_body():
    return {operation["operationId"]: resolve(operation["requestBody"])
            for item in DOCUMENT["paths"].values() for operation in item.values()
            if "requestBody" in operation and operation["operationId"] not in FOREIGN}


def members_of(schema, path=()):
    """The path of each member, as a tuple of names; one name stands for all free names."""
    for name, member in resolve(schema).get("properties", {}).items():
        yield (*path, name)
        yield from members_of(member, (*path, name))
    if isinstance(resolve(schema).get("additionalProperties"), dict):
        yield (*path, "any")


CASES = [(operation, path, value)
         for operation, body in sorted(operations_with_a_body().items())
         for path in members_of(body["content"]["application/json"]["schema"])
         for value in (None, "")]


def with_member(body, path, value):
    for name in reversed(path):
        value = {name: value}
    return {**body, **value}


class World:
    """An order to pay, a paid payment, and the URL of each operation."""

    def __init__(self, payapi):
        self.payapi = payapi
        self.order = payapi.create_order()
        paid = payapi.create_order()
        self.payment = payapi.checkout(paid).data
        payapi.sandbox_do(self.payment["externalId"], "pay")
        payapi.wait_for_status(paid, "completed")
        self.before = self.everything()

    def send(self, operation, body):
        path = {"createOrder": "/api/v1/orders",
                "checkoutOrder": f"/api/v1/orders/{self.order}/checkout",
                "refundPayment": f"/api/v1/payments/{self.payment['id']}/refund",
                "reviewPayment": f"/api/v1/payments/{self.payment['id']}/review",
                "explainFinding": f"/api/v1/reconciliations/rec_{'0' * 26}/explain",
                "createApiKey": "/api/v1/api-keys",
                "createWebhookEndpoint": "/api/v1/webhook-endpoints",
                "changeWebhookEndpoint": f"/api/v1/webhook-endpoints/wep_{'0' * 26}",
                "recoverWebhooks": f"/api/v1/webhook-endpoints/wep_{'0' * 26}/recover",
                "rotateWebhookSecret": f"/api/v1/webhook-endpoints/wep_{'0' * 26}/rotate-secret"}[operation]
        who = {} if "/orders" in path else {"sub": "boss", "role": "admin"}
        method = "PATCH" if operation.startswith("change") else "POST"
        return self.payapi.request(method, path, body, headers={"Idempotency-Key": uuid.uuid4().hex}, **who)

    def everything(self):
        counts = self.payapi.row("SELECT (SELECT count(*) FROM payapi.orders),"
                                 " (SELECT count(*) FROM payapi.payments),"
                                 " (SELECT count(*) FROM payapi.refunds),"
                                 " (SELECT count(*) FROM payapi.provider_calls),"
                                 " (SELECT count(*) FROM payapi.api_keys),"
                                 " (SELECT count(*) FROM payapi.webhook_endpoints)")
        return counts, self.payapi.ledger["charges"], self.payapi.ledger["refunds"]


@pytest.fixture(scope="module")
def world(payapi):
    world = World(payapi)
    yield world
    assert world.everything() == world.before


def test_every_operation_with_a_body_is_tried():
    assert set(operations_with_a_body()) == set(GOOD)
    tried = {(operation, path) for operation, path, _ in CASES}
    assert {("refundPayment", ("amount",)), ("refundPayment", ("amountMinor",)),
            ("checkoutOrder", ("currency",)), ("createOrder", ("metadata", "any"))} <= tried


@pytest.mark.parametrize("operation, path, value", CASES,
                         ids=[f"{o}-{'.'.join(p)}-{json.dumps(v)}" for o, p, v in CASES])
def test_null_and_nothing_are_not_absent(world, operation, path, value):
    answer = world.send(operation, with_member(GOOD[operation], path, value))
    assert answer.status == 422, answer
    assert answer.json["type"].endswith("/validation-failed")
    assert [error["pointer"] for error in answer.json["errors"]] == ["#/" + "/".join(path)], answer


@pytest.mark.parametrize("body", [{"amount": None}, {"amountMinor": None},
                                  {"amount": None, "amountMinor": None}])
def test_a_refund_of_null_gives_nothing_back(world, body):
    assert world.send("refundPayment", body).status == 422
    now = world.payapi.get(f"/api/v1/payments/{world.payment['id']}").data
    assert (now["status"], now["refundedAmountMinor"]) == ("completed", 0)
    assert [refund for refund in world.payapi.ledger["refunds"]
            if refund["session"] == world.payment["externalId"]] == []
