"""Every bad input gets a 4xx problem, with a pointer if a field is at fault, and has no effect."""
import json

import pytest

GOOD = '{"amount":99.99,"currency":"USD"}'


def refused(answer, status, slug, pointer=None):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    problem = answer.json
    assert problem["type"].endswith("/" + slug) and problem["slug"] == slug, problem
    assert problem["retryable"] is False        # sent again unchanged, it would be refused again
    for member in ("title", "status", "instance", "timestamp", "traceId", "method"):
        assert member in problem
    if pointer:
        assert pointer in [e["pointer"] for e in problem["errors"]], problem


@pytest.fixture(scope="module")
def client(payapi):
    connection = payapi.connect(sub="bad-input")
    yield connection
    connection.close()
    assert payapi.row("SELECT count(*) FROM payapi.orders WHERE owner_id = 'bad-input'") == (0,)
    assert "internal" not in [json.loads(line).get("problem") for line in
                              payapi.log("fast").splitlines() if line.startswith("{")]


@pytest.mark.parametrize("body", [
    "", "{", "nonsense", '{"amount":1,"currency":"USD"', '{"amount":1,"currency":"USD"} x',
    '{"amount":1,"amount":1,"currency":"USD"}', '{"amount":1,"\\u0061mount":1,"currency":"USD"}',
    '{"amount":1,"currency":"USD","metadata":{"a":"1","a":"2"}}', "[]", "null", '"text"', "17",
    b'{"amount":1,"currency":"USD","description":"\xff"}',
    b'{"amount":1,"currency":"USD","description":"\xc0\xaf"}',
    b'\xef\xbb\xbf{"amount":1,"currency":"USD"}', b'{"amount":1,\x00"currency":"USD"}',
    '{"amount":1,"currency":"USD","description":"\\ud800"}',
    '{"amount":1,"currency":"USD","description":"\\u0000"}',
    '{"amount":01,"currency":"USD"}', '{"amount":+1,"currency":"USD"}', '{"amount":.5,"currency":"USD"}',
    '{"amount":1.,"currency":"USD"}', "{'amount':1}", '{"amount":NaN,"currency":"USD"}',
    '{"metadata":' + "[" * 20 + "]" * 20 + "}", "[" * 30000,
], ids=lambda body: repr(body)[:40])
def test_a_body_that_is_no_json_object_is_malformed(client, body):
    refused(client.request("POST", "/api/v1/orders", body), 400, "malformed-request")


CARD = "4242 4242 4242 4242"


@pytest.mark.parametrize("member, pointer", [
    (f'"description":"Card {CARD}, thanks"', "#/description"), (f'"metadata":{{"note":"{CARD}"}}', "#/metadata/note"),
    (f'"metadata":{{"{CARD}":"x"}}', "#/metadata/%2A%2A%2A"),
    (f'"{CARD}":1', "#/%2A%2A%2A"), ('"id":"o-4242424242424242"', "#/id"), ('"customerEmail":"4242424242424242@example.com"', "#/customerEmail"),
])
def test_a_card_number_is_refused_and_neither_stored_nor_logged(client, payapi, member, pointer):
    refused(client.request("POST", "/api/v1/orders", GOOD[:-1] + "," + member + "}",
                           {"Idempotency-Key": "with-a-card"}), 422, "validation-failed", pointer)
    assert payapi.rows("SELECT 1 FROM payapi.idempotency_keys WHERE key = 'with-a-card'") == []
    assert not [name for name in ("fast", "provider", "nginx-access", "nginx-error")
                if "4242424242424242" in payapi.log(name).replace(" ", "")]


def test_a_card_number_is_no_idempotency_key(client):
    refused(client.request("POST", "/api/v1/orders", GOOD, {"Idempotency-Key": "4242424242424242"}), 400,
            "malformed-request")


@pytest.mark.parametrize("members, pointer", [
    ('"amount":-1', "#/amount"), ('"amount":0', "#/amount"), ('"amount":0.00', "#/amount"),
    ('"amount":1e3', "#/amount"), ('"amount":1E3', "#/amount"), ('"amount":99.999', "#/amount"),
    ('"amount":"99.99"', "#/amount"), ('"amount":true', "#/amount"), ('"amount":null', "#/amount"),
    ('"amount":{}', "#/amount"), ('"amount":10000000000.00', "#/amount"),
    ('"amount":100000000000000000', "#/amount"),
    ('"amountMinor":0', "#/amountMinor"), ('"amountMinor":-5', "#/amountMinor"),
    ('"amountMinor":1.5', "#/amountMinor"), ('"amountMinor":1000000000000', "#/amountMinor"),
    ('"amountMinor":1000000000000000000', "#/amountMinor"), ('"amountMinor":"5"', "#/amountMinor"),
    ('"amount":1,"amountMinor":101', "#/amountMinor"),
])
def test_bad_amounts_are_pointed_at(client, members, pointer):
    refused(client.request("POST", "/api/v1/orders", '{%s,"currency":"USD"}' % members), 422,
            "validation-failed", pointer)


@pytest.mark.parametrize("body, pointer", [
    ('{"amount":10.5,"currency":"JPY"}', "#/amount"), ('{"amount":1.00,"currency":"JPY"}', "#/amount"),
    ('{"amount":1,"currency":"XXZ"}', "#/currency"), ('{"amount":1,"currency":"usd"}', "#/currency"),
    ('{"amount":1,"currency":"US"}', "#/currency"), ('{"amount":1,"currency":7}', "#/currency"),
    ('{"amount":1}', "#/currency"), ('{"currency":"USD"}', "#/amount"),
    (GOOD[:-1] + ',"surprise":1}', "#/surprise"), (GOOD[:-1] + ',"status":"paid"}', "#/status"),
    (GOOD[:-1] + ',"ownerId":"bob"}', "#/ownerId"), (GOOD[:-1] + ',"a/b~c":1}', "#/a~1b~0c"),
    (GOOD[:-1] + ',"id":""}', "#/id"), (GOOD[:-1] + ',"id":"a b"}', "#/id"),
    (GOOD[:-1] + ',"id":".."}', "#/id"), (GOOD[:-1] + ',"id":"x\\n"}', "#/id"),
    (GOOD[:-1] + ',"id":"%s"}' % ("x" * 65), "#/id"), (GOOD[:-1] + ',"id":5}', "#/id"),
    (GOOD[:-1] + ',"customerEmail":"nobody"}', "#/customerEmail"),
    (GOOD[:-1] + ',"customerEmail":"a@b\\r\\nBcc: c@d"}', "#/customerEmail"),
    (GOOD[:-1] + ',"description":"%s"}' % ("d" * 600), "#/description"),
    (GOOD[:-1] + ',"description":[]}', "#/description"),
    (GOOD[:-1] + ',"metadata":[]}', "#/metadata"), (GOOD[:-1] + ',"metadata":{"a":1}}', "#/metadata/a"),
    (GOOD[:-1] + ',"metadata":%s}' % json.dumps({f"k{i}": "v" for i in range(21)}), "#/metadata"),
    (GOOD[:-1] + ',"metadata":{"k":"%s"}}' % ("v" * 501), "#/metadata/k"),
])
def test_bad_members_are_pointed_at(client, body, pointer):
    refused(client.request("POST", "/api/v1/orders", body), 422, "validation-failed", pointer)


def test_all_faults_are_told_at_once(client):
    answer = client.request("POST", "/api/v1/orders", '{"amount":-1,"currency":"usd","x":1}')
    pointers = {e["pointer"] for e in answer.json["errors"]}
    assert {"#/currency", "#/x"} <= pointers


@pytest.mark.parametrize("body, pointer", [
    ('{"currency":"EUR"}', "#/currency"), ('{"provider":"paypal"}', "#/provider"),
    ('{"returnUrl":"javascript:alert(1)"}', "#/returnUrl"), ('{"returnUrl":"/relative"}', "#/returnUrl"),
    ('{"returnUrl":"http://h/\\r\\nX: y"}', "#/returnUrl"), ('{"cancelUrl":5}', "#/cancelUrl"),
    ('{"amount":1}', "#/amount"), ('{"customerEmail":"@"}', "#/customerEmail"),
])
def test_bad_members_of_a_checkout_are_pointed_at(payapi, body, pointer):
    order = payapi.create_order()
    answer = payapi.post(f"/api/v1/orders/{order}/checkout", body)
    refused(answer, 422, "validation-failed", pointer)
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404


def test_a_checkout_needs_no_body(payapi):
    order = payapi.create_order()
    assert payapi.request("POST", f"/api/v1/orders/{order}/checkout").status == 201


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded",
                                          "application/json; charset=latin-1", "application/jsonx"])
def test_a_body_of_another_type_is_unsupported(client, content_type):
    refused(client.request("POST", "/api/v1/orders", GOOD, {"Content-Type": content_type}), 415,
            "unsupported-media-type")


def test_a_body_over_64_kib_is_too_large(client):
    refused(client.request("POST", "/api/v1/orders", '{"description":"%s"}' % ("x" * 70000)), 413,
            "payload-too-large")


@pytest.mark.parametrize("query, parameter", [
    ("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("limit=-1", "limit"),
    ("limit=99999999999999999999", "limit"), ("page=0", "page"), ("page=1.5", "page"),
    ("cursor=garbage", "cursor"), ("cursor=%00", "cursor"), ("page=1&cursor=abc", "cursor"),
    ("limit=1&limit=2", "limit"), ("sort=id", "sort"),
])
def test_bad_queries_are_named(client, query, parameter):
    answer = client.request("GET", "/api/v1/orders?" + query)
    refused(answer, 422, "validation-failed")
    assert parameter in [error["parameter"] for error in answer.json["errors"]], answer
    assert not [error for error in answer.json["errors"] if "pointer" in error]


@pytest.mark.parametrize("path, status", [
    ("/api/v1/orders/a%0d%0ab", 400), ("/api/v1/orders/a%00b", 400), ("/api/v1/orders/a%7fb", 400),
    ("/api/v1/orders/a%20b", 404), ("/api/v1/orders/a'b", 404), ("/api/v1/orders/" + "x" * 65, 404),
    ("/api/v1/payments/pay_short", 404), ("/api/v1/payments/..%2f..%2fetc%2fpasswd", 404),
    ("/api/v1/nothing", 404), ("/api/v1/orders/abc/checkout/more", 404), ("/api/v2/orders", 404),
    ("/api/v1//orders/%2e%2e/%2e%2e/health/x", 404),
])
def test_odd_paths_find_nothing(client, path, status):
    answer = client.request("GET", path)
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_other_methods_are_told_what_is_allowed(client):
    for method, path, allow in [("DELETE", "/api/v1/orders", {"GET", "POST", "HEAD"}),
                                ("PUT", "/api/v1/orders/abc-123", {"GET", "HEAD"}),
                                ("GET", "/api/v1/orders/abc-123/checkout", {"POST"}),
                                ("GET", "/api/v1/webhooks/stripe", {"POST"})]:
        answer = client.request(method, path)
        refused(answer, 405, "method-not-allowed")
        assert {m.strip() for m in answer.headers["Allow"].split(",")} >= allow - {"HEAD"}
