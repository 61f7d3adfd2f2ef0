"""Bodies that go too far, in size, depth, meaning or coding: 4xx, nothing done, nothing changed."""
import gzip
import json
import zlib
from urllib.parse import quote

import pytest

from raw_http import answers_in, exchange, request

SUB = "mallory"
JSON = [("Content-Type", "application/json")]
KIB = 1024


@pytest.fixture(scope="module")
def post(payapi):
    def send(path, body, headers=JSON, role="shop"):
        data = request("POST", path, [("Authorization", f"Bearer {payapi.token(SUB, role)}"), *headers], body)
        [answer] = answers_in(exchange(payapi.port, data))
        assert answer.status < 500 and b"<html" not in answer.body, answer
        if answer.status >= 400:
            assert answer.header("Content-Type") == "application/problem+json"
        return answer

    yield send
    for pool in ("fast", "provider"):
        assert "internal" not in [json.loads(line).get("problem") for line in
                                  payapi.log(pool).splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def payment(payapi):
    order = payapi.create_order(sub=SUB)
    return payapi.checkout(order, sub=SUB).data


def targets(payapi, payment):
    """Every command that takes a body, on objects that the caller may use."""
    order = payapi.create_order(sub=SUB)
    pay = payment["id"]
    return {"order": ("/api/v1/orders", JSON, "shop"),
            "checkout": (f"/api/v1/orders/{order}/checkout", JSON, "shop"),
            "sync": (f"/api/v1/payments/{pay}/sync", JSON, "shop"),
            "cancel": (f"/api/v1/payments/{pay}/cancel", JSON, "shop"),
            "review": (f"/api/v1/payments/{pay}/review", JSON, "admin"),
            "refund": (f"/api/v1/payments/{pay}/refund", JSON + [("Idempotency-Key", "attack")], "admin")}


COMMANDS = ["order", "checkout", "sync", "cancel", "review", "refund"]
HOSTILE = {
    "deep arrays": b"[" * 40000 + b"]" * 20000, "deep objects": b'{"a":' * 8000 + b"1" + b"}" * 8000,
    "17 deep": b'{"metadata":' + b"[" * 17 + b"]" * 17 + b"}", "open string": b'{"a":"' + b"x" * 60000,
    "many members": b"{" + b",".join(b'"k%d":1' % n for n in range(5000)) + b"}",
    "same member often": b"{" + b",".join([b'"amount":1'] * 4000) + b"}",
    "a name twice": b'{"amount":1,"amount":2,"currency":"USD"}',
    "a name twice, escaped": b'{"amount":1,"\\u0061mount":2,"currency":"USD"}',
    "a long name": b'{"' + b"n" * 60000 + b'":1}', "a long number": b'{"amount":' + b"9" * 60000 + b"}",
    "a long fraction": b'{"amount":0.' + b"0" * 60000 + b'1,"currency":"USD"}',
    "exponent": b'{"amount":1e308,"currency":"USD"}', "huge exponent": b'{"amount":1e99999999999,"currency":"USD"}',
    "minus zero": b'{"amount":-0,"currency":"USD"}', "infinity": b'{"amount":Infinity}', "hex": b'{"amount":0x10}',
    "NUL": b'{"amount":1,"currency":"USD\x00"}', "NUL at the end": b'{"amount":1,"currency":"USD"}\x00',
    "escaped NUL": b'{"amount":1,"currency":"USD","id":"a\\u0000b"}', "lone surrogate": b'{"id":"\\ud800"}',
    "bad UTF-8": b'{"id":"\xff\xfe"}', "overlong": b'{"id":"\xc0\x80"}', "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16 without mark": '{"a":1}'.encode("utf-16-le"), "BOM": b'\xef\xbb\xbf{}', "two documents": b"{}{}",
    "text behind": b"{} x", "comment": b"{/* */}", "trailing comma": b'{"a":1,}', "array": b"[]", "text": b'"x"',
    "prototype": b'{"__proto__":{"admin":true}}', "operator": b'{"amount":{"$gt":0},"currency":"USD"}',
    "entity": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_by_every_command(payapi, post, payment, command, name):
    path, headers, role = targets(payapi, payment)[command]
    before = payapi.payment_of(payment["orderId"], sub=SUB)
    answer = post(path, HOSTILE[name], headers, role)
    assert answer.status in (400, 422), answer
    assert len(answer.body) < 100 * KIB
    assert payapi.payment_of(payment["orderId"], sub=SUB) == before


@pytest.mark.parametrize("path, limit", [("/api/v1/orders", 64 * KIB), ("/api/v1/orders/x/checkout", 64 * KIB),
                                         ("/api/v1/payments/x/refund", 64 * KIB), ("/health", 64 * KIB),
                                         ("/api/v1/webhooks/stripe", 1024 * KIB)])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_as_long_as_it_may_be_and_not_a_byte_longer(post, path, limit, chunked):
    for size, too_large in ((limit, False), (limit + 1, True)):
        body, headers = b"x" * size, JSON
        if chunked:
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (size, body)
            headers = JSON + [("Transfer-Encoding", "chunked")]
        answer = post(path, body, headers)
        assert (answer.status == 413) == too_large, answer
        if too_large:
            assert answer.json["type"].endswith("/payload-too-large")


def test_a_claimed_gigabyte_is_refused_before_it_comes(payapi):
    data = request("POST", "/api/v1/orders", [("Content-Length", 2 ** 30)], close=False)
    [answer] = answers_in(exchange(payapi.port, data))
    assert answer.status == 413


# --- Mass assignment -------------------------------------------------------------------------------

OURS = ["status", "owner", "ownerId", "owner_id", "sub", "role", "paid", "captured", "amountCaptured", "refundedAmount",
        "refundedAmountMinor", "surplus", "needsReview", "provider_ref", "externalId", "checkoutUrl", "createdAt",
        "completedAt", "expiresAt", "paymentId", "orderId", "statusCode", "success", "fee", "__class__", "Amount",
        "AMOUNT", "currency ", "metadata[x]", "dispute", "idempotencyKey", "traceId"]


@pytest.mark.parametrize("member", OURS)
def test_what_is_ours_to_say_cannot_be_sent_in(payapi, post, payment, member):
    for command, body in (("order", {"amount": 1, "currency": "USD"}), ("checkout", {}), ("refund", {"amount": 1}),
                          ("sync", {}), ("cancel", {}), ("review", {"reason": "x"})):
        path, headers, role = targets(payapi, payment)[command]
        answer = post(path, json.dumps({**body, member: True}).encode(), headers, role)
        assert answer.status == 422, (command, answer)
        assert "#/" + quote(member) in [error["pointer"] for error in answer.json["errors"]]


@pytest.mark.parametrize("member, value", [("amount", 0.01), ("amountMinor", 1), ("amount", 0), ("id", "ord_x"),
                                           ("description", "x"), ("metadata", {"a": "b"})])
def test_a_checkout_charges_the_orders_amount_whatever_is_sent(payapi, post, payment, member, value):
    path, headers, role = targets(payapi, payment)["checkout"]
    answer = post(path, json.dumps({member: value}).encode(), headers, role)
    assert answer.status == 422 and "#/" + member in [error["pointer"] for error in answer.json["errors"]]


# --- Types and codings -----------------------------------------------------------------------------

GOOD = b'{"amount":1.00,"currency":"USD"}'


@pytest.mark.parametrize("content_type, status", [
    ("application/json", 201), ("Application/JSON", 201), ("application/json; charset=utf-8", 201),
    ("application/json;charset=UTF-8", 201), ('application/json; charset="utf-8"', 201),
    ("application/json; charset=utf-16", 415), ("application/json; charset=utf-7", 415),
    ("application/json; charset=iso-8859-1", 415), ("application/json; charset=", 415),
    ("application/json; charset=utf-8; charset=utf-7", 415), ("application/json charset=utf-8", 415),
    ("application/json; boundary=x", 415), ("application/json, text/html", 400), ("application/json/x", 415),
    ("application/jsonp", 415), ("application/x-json", 415), ("application/problem+json", 415), ("text/json", 415),
    ("application/vnd.api+json", 415), ("application/merge-patch+json", 415), ("text/plain", 415), ("text/html", 415),
    ("application/xml", 415), ("multipart/form-data; boundary=x", 415), ("application/x-www-form-urlencoded", 415),
    ("application/octet-stream", 415), ("*/*", 415), ("json", 415), ("/", 415), ("application/", 415), (";", 415),
    (None, 415), ("", 415)])
def test_only_json_in_utf_8_is_taken(payapi, post, content_type, status):
    headers = [] if content_type is None else [("Content-Type", content_type)]
    answer = post("/api/v1/orders", GOOD, headers)
    assert answer.status == status, answer
    if status == 415:
        assert answer.json["type"].endswith("/unsupported-media-type")
    elif status == 400:
        assert answer.json["detail"] == "The header Content-Type must be sent once, with one value."


def gzipped(data):
    """Compresses without a timestamp: processes that share the suite must name its cases alike."""
    return gzip.compress(data, mtime=0)


@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/orders/x/checkout", "/api/v1/webhooks/stripe"])
@pytest.mark.parametrize("coding, body", [
    ("gzip", gzipped(GOOD)), ("deflate", zlib.compress(GOOD)), ("gzip", GOOD), ("br", GOOD), ("zstd", GOOD),
    ("x-gzip", GOOD), ("identity, gzip", GOOD), ("gzip, gzip", gzipped(gzipped(GOOD))),
    ("GZIP", gzipped(b"0" * 10_000_000)), ("nonsense", GOOD)],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes")
def test_compressed_bodies_are_not_taken(post, path, coding, body):
    answer = post(path, body, JSON + [("Content-Encoding", coding)])
    assert answer.status == 415 and "compressed" in answer.json["detail"]


def test_no_coding_by_its_name_is_taken(post):
    assert post("/api/v1/orders", GOOD, JSON + [("Content-Encoding", "identity")]).status == 201


@pytest.mark.parametrize("body", list(HOSTILE.values()) + [b"", b"\x00" * 1000], ids=repr)
def test_a_webhook_is_not_read_before_its_signature_fits(payapi, post, body):
    count = "SELECT count(*) FROM payapi.webhook_events"
    before = payapi.row(count)
    for signature in ([], [("Stripe-Signature", "t=1,v1=00")], [("Stripe-Signature", "")]):
        answer = post("/api/v1/webhooks/stripe", body, JSON + signature)
        assert answer.status == 400 and answer.json["type"].endswith("/webhook-signature-invalid")
    assert payapi.row(count) == before
