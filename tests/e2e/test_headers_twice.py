"""Headers that come twice: the same answer for two lines and for one joined line, with every nginx.

nginx before 1.23 passes each line to the worker; later versions join them with ", " (RFC 9110 section
5.3). `./dev test long` runs this file again behind the nginx of the other Debian.
"""
import pytest

from raw_http import answers_in, exchange, request

JSON = ("Content-Type", "application/json")
GOOD = b'{"amount":1.00,"currency":"USD"}'


@pytest.fixture(scope="module")
def ask(payapi):
    def send(method, path, headers, body=b"", role="shop"):
        known = [("Authorization", f"Bearer {payapi.token('alice', role)}")]
        [answer] = answers_in(exchange(payapi.port, request(method, path, [*known, *headers], body)))
        return answer

    return send


def in_both_forms(name, first, second):
    return [[(name, first), (name, second)], [(name, f"{first}, {second}")]]


def orders(payapi):
    return payapi.row("SELECT count(*) FROM payapi.orders")


# --- One value only --------------------------------------------------------------------------------

@pytest.mark.parametrize("name, first, second", [
    ("Idempotency-Key", "a", "a"), ("Idempotency-Key", "a", "b"), ("Idempotency-Key", '"a"', '"b"'),
    ("Idempotency-Key", "", "a"), ("Content-Type", "application/json", "application/json"),
    ("Content-Type", "application/json", "text/plain"), ("Content-Type", "text/plain", "application/json"),
    ("Stripe-Signature", "t=1,v1=aa", "t=1,v1=aa"), ("X-Paystack-Signature", "aa", "aa")])
def test_headers_that_count_must_not_come_twice(payapi, ask, name, first, second):
    before = orders(payapi)
    for lines in in_both_forms(name, first, second):
        answer = ask("POST", "/api/v1/orders", [*lines, *([JSON] if name != "Content-Type" else [])], GOOD)
        assert answer.status == 400 and answer.json["type"].endswith("/malformed-request"), answer
        assert answer.json["detail"].lower() == f"the header {name.lower()} must be sent once, with one value."
    assert orders(payapi) == before


@pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready", "/checkout/outcome"])
def test_every_operation_refuses_them(ask, path):
    for lines in in_both_forms("Content-Type", "application/json", "text/plain"):
        answer = ask("GET", path, lines)
        assert answer.status == 400 and answer.json["slug"] == "malformed-request", answer


@pytest.mark.parametrize("name, value", [
    ("Authorization", "Bearer x"), ("Host", "b"), ("Content-Length", str(len(GOOD)))])
def test_nginx_itself_refuses_a_second_one(payapi, ask, name, value):
    first = [("Content-Length", value)] if name == "Content-Length" else []
    before = orders(payapi)
    answer = ask("POST", "/api/v1/orders", [*first, (name, value), JSON], GOOD)
    assert answer.status == 400 and orders(payapi) == before, answer


def test_a_webhook_with_two_signatures_is_not_taken(payapi, ask):
    """Not even if each signature is correct."""
    count = "SELECT count(*) FROM payapi.webhook_events"
    before = payapi.row(count)
    for name, provider in (("Stripe-Signature", "stripe"), ("X-Paystack-Signature", "paystack")):
        for lines in in_both_forms(name, "t=1,v1=aa", "t=1,v1=aa"):
            answer = ask("POST", f"/api/v1/webhooks/{provider}", [*lines, JSON], b"{}")
            assert answer.status == 400 and "must be sent once" in answer.json["detail"], answer
    assert payapi.row(count) == before


def test_a_comma_of_the_key_itself_is_no_second_key(payapi, ask):
    keys = ["order,17", '"order,17"']
    first, again = (ask("POST", "/api/v1/orders", [("Idempotency-Key", key), JSON], GOOD) for key in keys)
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body and again.header("Idempotent-Replayed") == "true"
    spaced = ask("POST", "/api/v1/orders", [("Idempotency-Key", '"order, 17"'), JSON], GOOD)
    assert spaced.status == 400 and "visible ASCII" in spaced.json["detail"]


# --- Lists -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("first, second, content_type", [
    ("text/html", "text/csv;q=0.5", "text/csv"), ("application/x-ndjson", "text/csv;q=0.5", "application/x-ndjson"),
    ("text/csv;q=0.1", "application/json", "application/json"), ("text/html", "image/png", None)])
def test_the_lines_of_accept_are_one_list(ask, first, second, content_type):
    for lines in in_both_forms("Accept", first, second):
        answer = ask("GET", "/api/v1/transactions", lines, role="admin")
        assert answer.status == (200 if content_type else 406), answer
        assert (answer.header("Content-Type") or "").split(";")[0] == (content_type or "application/problem+json")


def test_a_second_accept_stands_in_nobodys_way(ask):
    assert ask("POST", "/api/v1/orders", [("Accept", "text/csv"), ("Accept", "text/csv"), JSON], GOOD).status == 201


@pytest.mark.parametrize("first, second", [("identity", "gzip"), ("gzip", "identity"), ("gzip", "gzip")])
def test_a_coding_hides_behind_no_other(payapi, ask, first, second):
    before = orders(payapi)
    for lines in in_both_forms("Content-Encoding", first, second):
        answer = ask("POST", "/api/v1/orders", [*lines, JSON], GOOD)
        assert answer.status == 415 and "compressed" in answer.json["detail"], answer
    assert orders(payapi) == before


# --- Headers that decide nothing -------------------------------------------------------------------

def test_other_headers_may_come_as_often_as_they_like(ask):
    for name in ("If-Modified-Since", "User-Agent", "X-Forwarded-For", "Cookie", "Traceparent"):
        answer = ask("POST", "/api/v1/orders", [(name, "x"), (name, "x"), JSON], GOOD)
        assert answer.status == (400 if name == "If-Modified-Since" else 201), (name, answer)
