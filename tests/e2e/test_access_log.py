"""nginx's log has one JSON object per request, which the trace id finds and which holds no secret."""
import datetime
import json
import re
import time

import pytest

import nginx_site
from payapi_instance import wait_until
from raw_http import answers_in, exchange, request

MEMBERS = {"ts", "traceId", "ip", "protocol", "tls", "method", "path", "status", "bytes", "rt", "us", "urt",
           "limit", "connections"}
CANARIES = ["canary-query", "canary-mail@example.com", "canary-cookie", "canary-agent", "canary-referer",
            "canary-key", "canary-body", "canary-user"]


def lines_of(payapi):
    """The lines of the log, strictly as UTF-8 and split only at \\n, as a log reader does."""
    return (payapi.log_dir / "nginx-access.log").read_text(encoding="utf-8").rstrip("\n").split("\n")


def line_with(payapi, trace_id):
    def found():
        return [line for line in lines_of(payapi) if trace_id in line]

    [line] = wait_until(found, what=f"a line with {trace_id}")
    return json.loads(line)


def test_a_line_is_found_by_the_trace_id_of_the_answer(payapi):
    order = payapi.create_order()
    answer = payapi.get(f"/api/v1/orders/{order}")
    line = line_with(payapi, answer.headers["X-Request-Id"])
    assert set(line) == MEMBERS
    assert (line["status"], line["method"], line["path"]) == (200, "GET", f"/api/v1/orders/{order}")
    assert (line["ip"], line["protocol"], line["us"]) == ("127.0.0.1", "HTTP/1.1", "200")
    assert line["rt"] >= 0 and line["bytes"] == len(answer.body)
    trace_id = answer.headers["X-Request-Id"]
    [worked] = wait_until(lambda: [line for line in payapi.events("request", "fast")
                                   if line["traceId"] == trace_id], what="the worker's line")
    assert (worked["status"], worked["route"]) == (200, "/api/v1/orders/:id")


@pytest.mark.parametrize("sent, kept", [
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
    ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", False),
    ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", False),
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x", False),
    ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", False),
    ('4bf92f"},{"x":"', False), ("", False)])
def test_a_trace_id_is_the_callers_only_when_well_formed(payapi, sent, kept):
    answer = payapi.get("/api/v1/orders/none", headers={"traceparent": sent})
    trace_id = answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{32}", trace_id) and answer.json["traceId"] == trace_id
    assert (trace_id == "4bf92f3577b34da6a3ce929d0e0e4736") == kept


def test_secrets_do_not_get_into_the_log(payapi):
    token = payapi.token("canary-user")
    headers = [("Authorization", f"Bearer {token}"), ("Cookie", "s=canary-cookie"), ("User-Agent", "canary-agent"),
               ("Referer", "https://h/?canary-referer"), ("Idempotency-Key", "canary-key"),
               ("Content-Type", "application/json")]
    for target in ("/api/v1/orders?access_token=canary-query&email=canary-mail@example.com",
                   "/docs/?canary-query", "/checkout/return?payment=canary-query",
                   "/checkout/outcome?payment=canary-query", "/nowhere?canary-query#canary-query"):
        [answer] = answers_in(exchange(payapi.port, request("POST", target, headers, b'{"a":"canary-body"}')))
        line_with(payapi, answer.header("X-Request-Id"))
    log = payapi.log("nginx-access")
    for canary in CANARIES + [token, token.split(".")[1], token.split(".")[2]]:
        assert canary not in log, canary
        assert canary not in payapi.log("fast"), canary


def test_hostile_bytes_do_not_break_a_line(payapi):
    for target in (b'/a"b', b"/a%22,%22status%22:200", b"/a%0d%0a%7b%22ts%22:1%7d", b"/a%5c", b"/\xff\xfe", b"/a%1b[31m",
                   b"/\xe2\x80\xa8", b"/a'<b>"):
        data = request("GET", target.decode("latin-1"))
        answers_in(exchange(payapi.port, data))
    for data in (b"\x16\x03\x01\x00\r\n\r\n", b'G"ET / HTTP/1.1\r\nHost: a\r\n\r\n', b"GET\r\n\r\n", b"\r\n\r\n", b"GET / HT"):
        payapi.raw(data, read_all=False)
    last = payapi.get("/api/v1/orders/none").headers["X-Request-Id"]
    line_with(payapi, last)
    broken = []
    for line in lines_of(payapi):
        try:
            assert set(json.loads(line)) == MEMBERS
            assert not re.search(r"[\x00-\x1f\x7f]", line)
        except ValueError:
            broken.append(line)
    assert broken == []


CARD = "4242424242424242"


def test_no_card_number_in_a_path_is_kept(payapi):
    spelt = [CARD, "4242-4242-4242-4242", "4242%204242%204242%204242", "4242.4242.4242.4242", "4242/4242/4242/4242",
             "%34%32%34%32" + CARD[4:], "%2534%2532%2534%2532" + CARD[4:], "4242%C2%A04242%C2%A04242%C2%A04242",
             "%EF%BC%94%EF%BC%92" + CARD[2:], "%D9%A4%D9%A2" + CARD[2:], "x" + CARD + "y", f"a/{CARD}/b/{CARD}",
             " ".join(CARD).replace(" ", "%20"), "378282246310005", "2223003122003222"]
    for each in spelt:
        answer = payapi.raw(request("GET", f"/api/v1/orders/{each}"))
        line = line_with(payapi, re.search(rb"X-Request-Id: (\w+)", answer)[1].decode())
        assert line["path"].startswith("/api/v1/orders/")
        assert len(re.sub(r"\D", "", line["path"].removeprefix("/api/v1/orders"))) < 13, line
    for name in ("order-2026-11-30-0001234567", "1796048159382-7", "pay_01J8ZQ4W3E5R6T7Y8V9A0S1D2F"):
        trace_id = payapi.get(f"/api/v1/orders/{name}").headers["X-Request-Id"]
        assert line_with(payapi, trace_id)["path"] == f"/api/v1/orders/{name}"


def test_times_are_utc_wherever_the_host_is(monkeypatch):
    monkeypatch.setitem(nginx_site.ENVIRONMENT, "TZ", "FAR-5:30")
    site = nginx_site.NginxSite()
    try:
        site.up()
        [answer] = answers_in(exchange(site.port, request("GET", "/nowhere")))
        line = json.loads(wait_until(lambda: site.log("nginx-access"), what="a line").splitlines()[-1])
    finally:
        site.down()
    for told in (answer.json["timestamp"], line["ts"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told)
        moment = datetime.datetime.fromisoformat(told.replace("Z", "+00:00"))
        assert abs(moment.timestamp() - time.time()) < 300


def test_probes_do_not_fill_the_log(payapi):
    trace_id = payapi.get("/health/live", sub=None).headers["X-Request-Id"]
    line_with(payapi, payapi.get("/api/v1/orders").headers["X-Request-Id"])
    assert trace_id not in payapi.log("nginx-access")
