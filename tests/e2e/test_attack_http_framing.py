"""Requests that two servers might split differently: nginx answers each once, and no second one is smuggled in."""
import json

import pytest

from raw_http import answers_in, exchange, request

BODY = b'{"amount":1.00,"currency":"USD"}'
LENGTH = ("Content-Length", len(BODY))
CHUNKED = ("Transfer-Encoding", "chunked")
SMUGGLED = request("GET", "/api/v1/orders/smuggled")


@pytest.fixture(scope="module")
def post(payapi):
    """Sends POST /api/v1/orders with the case's framing; a smuggled request may follow."""
    token = ("Authorization", f"Bearer {payapi.token('framing')}")
    json_type = ("Content-Type", "application/json")

    def send(headers, body, version="HTTP/1.1", close=False):
        data = request("POST", "/api/v1/orders", [token, json_type, *headers], version=version, close=close)
        return answers_in(exchange(payapi.port, data + body))

    yield send
    assert payapi.row("SELECT count(*) FROM payapi.orders WHERE owner_id = 'framing'") == (0,)
    assert '"path":"/api/v1/orders/smuggled"' not in payapi.log("nginx-access")


def refused(answers, *statuses):
    assert len(answers) == 1, answers
    [answer] = answers
    assert answer.status in (statuses or (400,)), answer
    assert answer.header("Content-Type") == "application/problem+json", answer
    assert answer.json["status"] == answer.status
    assert answer.header("Connection") == "close"


def in_chunks(body):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize("headers", [
    [LENGTH, CHUNKED], [CHUNKED, LENGTH], [LENGTH, LENGTH], [LENGTH, ("Content-Length", "0")],
    [("Content-Length", "0"), LENGTH], [("Content-Length", f"{len(BODY)}, {len(BODY)}")],
    [("Content-Length", f"+{len(BODY)}")], [("Content-Length", f"-{len(BODY)}")],
    [("Content-Length", f"0x{len(BODY):x}")], [("Content-Length", f"{len(BODY)}.0")],
    [("Content-Length", f"{len(BODY)} 0")], [("Content-Length", "")], [("Content-Length", "9" * 30)],
    [("Content-Length", f"{len(BODY)}\x0b")], [("Content-Length", f"{len(BODY)}x")],
    [("Content-Length", str(2 ** 64 + len(BODY)))], [("Content-Length", f"{len(BODY)}\r\n 0")],
], ids=str)
def test_lengths_that_can_be_read_in_two_ways_are_refused(post, headers):
    refused(post(headers, BODY + SMUGGLED))


@pytest.mark.parametrize("headers", [
    [("Transfer-Encoding", "chunked, identity")], [("Transfer-Encoding", "identity, chunked")],
    [("Transfer-Encoding", "identity")], [("Transfer-Encoding", "xchunked")],
    [("Transfer-Encoding", "chunkedx")], [("Transfer-Encoding", "chunked,")], [("Transfer-Encoding", ", chunked")],
    [("Transfer-Encoding", "chunked, chunked")], [("Transfer-Encoding", "gzip, chunked")],
    [("Transfer-Encoding", "gzip")], [("Transfer-Encoding", "\"chunked\"")], [("Transfer-Encoding", "chunked;q=1")],
    [("Transfer-Encoding", "")], [("Transfer-Encoding", "\x0bchunked")], [("Transfer-Encoding", "chunked\x0b")],
    [("Transfer-Encoding", "chu\tnked")], [("Transfer-Encoding", "\r\n chunked")],
    [CHUNKED, CHUNKED], [CHUNKED, ("Transfer-Encoding", "identity")], [("Transfer-Encoding", "identity"), CHUNKED],
    [("Transfer-Encoding", "cow"), CHUNKED],
    [("Transfer-Encoding", "chunked"), ("Content-length", "4")],
], ids=str)
def test_codings_that_can_be_read_in_two_ways_are_refused(post, headers):
    refused(post(headers, in_chunks(BODY[:-1]) + SMUGGLED))


@pytest.mark.parametrize("name", ["Transfer-Encoding ", "Content-Length ", " Transfer-Encoding", "\tContent-Length",
                                  "Transfer\x00Encoding", "Content-Length\x0b", "X\x7fY", "X\x01Y"])
def test_header_names_with_blanks_or_control_bytes_are_refused(post, name):
    refused(post([LENGTH, (name, "chunked")], BODY + SMUGGLED))


@pytest.mark.parametrize("value", [b"a\x00b", b"a\rb", b"a\r\x00b"])
def test_control_bytes_in_header_values_are_refused(post, value):
    refused(post([("X-Value", value), ("Content-Length", "1"), LENGTH], BODY + SMUGGLED))


@pytest.mark.parametrize("chunks", [
    b"20x\r\n" + BODY + b"\r\n0\r\n\r\n", b"-20\r\n" + BODY + b"\r\n0\r\n\r\n",
    b"+20\r\n" + BODY + b"\r\n0\r\n\r\n", b"0x20\r\n" + BODY + b"\r\n0\r\n\r\n",
    b" 20\r\n" + BODY + b"\r\n0\r\n\r\n", b"\r\n20\r\n" + BODY + b"\r\n0\r\n\r\n",
    b"ffffffffffffffff\r\n" + BODY, b"10000000000000020\r\n" + BODY, b"fffffffffffffff0\r\n" + BODY,
    b"20\r\n" + BODY + b"XX0\r\n\r\n", b"1f\r\n" + BODY + b"\r\n0\r\n\r\n", b"zz\r\n\r\n", b";ext\r\n\r\n",
    b"20\rX" + BODY, b"20\x00\r\n" + BODY + b"\r\n0\r\n\r\n",
], ids=str)
def test_chunks_that_do_not_add_up_are_refused(post, chunks):
    refused(post([CHUNKED], chunks + SMUGGLED), 400, 413)


@pytest.mark.parametrize("version, headers, body", [
    ("HTTP/1.0", [CHUNKED], in_chunks(BODY)), ("HTTP/1.0", [LENGTH, CHUNKED], in_chunks(BODY)),
    ("HTTP/2.0", [LENGTH], BODY), ("HTTP/1.2x", [LENGTH], BODY), ("HTTP/9", [LENGTH], BODY),
    ("HTTP/0.9", [LENGTH], BODY), ("http/1.1", [LENGTH], BODY), ("HTTP/1.1 HTTP/1.1", [LENGTH], BODY),
    ("HTTP /1.1", [LENGTH], BODY), ("HTTPS/1.1", [LENGTH], BODY), ("HTTP/1.1\x00", [LENGTH], BODY),
    ("HTTP/11", [LENGTH], BODY), ("HTTP/-1.1", [LENGTH], BODY),
], ids=str)
def test_other_versions_are_refused(post, version, headers, body):
    refused(post(headers, body + SMUGGLED, version=version))


@pytest.mark.parametrize("line", [
    b"GET\r\n", b"GET \r\n", b"G\x00ET / HTTP/1.1\r\n", b"get / HTTP/1.1\r\n", b" GET / HTTP/1.1\r\n",
    b"GET  /\x00 HTTP/1.1\r\n", b"GET /\x01 HTTP/1.1\r\n", b"GET /\x7f HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n",
    b"{}\r\n", b"GET / / HTTP/1.1\r\n", b"GET : HTTP/1.1\r\n", b"GET * HTTP/1.1\r\n", b"GET x HTTP/1.1\r\n",
    b"GET http:// HTTP/1.1\r\n", b"GET http:/// HTTP/1.1\r\n", b"GET ftp:x HTTP/1.1\r\n", b"G@T / HTTP/1.1\r\n",
], ids=str)
def test_request_lines_that_are_none_are_refused(payapi, line):
    received = exchange(payapi.port, line + b"Host: a\r\n\r\n" + SMUGGLED)
    refused(answers_in(received))
    assert b"<html" not in received


@pytest.mark.parametrize("hosts", [[], ["a", "b"], ["a", "a"], [""], ["a b"], ["a/b"], ["a\x00"], ["a@b/c"]])
def test_a_request_has_one_host(payapi, hosts):
    data = request("GET", "/api/v1/orders", [("Host", host) for host in hosts], host=None, close=False)
    refused(answers_in(exchange(payapi.port, data + SMUGGLED)))


# --- What the standard allows: still only one request ----------------------------------------------

@pytest.mark.parametrize("data", [
    b"GET /health/live HTTP/1.1\nHost: a\nConnection: close\n\n",
    b"\r\nGET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"GET /health/live HTTP/1.0\r\n\r\n",
    b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    b"GET /health/live HTTP/1.1\r\nhOST: a\r\ncONNECTION: CLOSE\r\n\r\n",
], ids=str)
def test_lenient_forms_are_one_request(payapi, data):
    answers = answers_in(exchange(payapi.port, data + SMUGGLED))
    assert [answer.status for answer in answers] == [200]
    assert json.loads(answers[0].body)["status"] == "ok"


@pytest.mark.parametrize("chunks", [
    b"5;name=value\r\n{\"a\":\r\n2;x\r\n1}\r\n0\r\n\r\n", b"0005\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n",
    b"5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\nTrailer: x\r\nAuthorization: Bearer y\r\n\r\n",
    b"5\n{\"a\":\n2\n1}\n0\n\n",
], ids=str)
def test_chunk_extensions_and_trailers_change_nothing(post, chunks):
    answers = post([("Transfer-Encoding", "Chunked")], chunks, close=True)
    assert [answer.status for answer in answers] == [422]
    assert "#/a" in [error["pointer"] for error in answers[0].json["errors"]]


def test_two_pipelined_requests_get_their_own_answers(payapi):
    data = request("GET", "/health/live", close=False) + request("GET", "/api/v1/nothing")
    assert [answer.status for answer in answers_in(exchange(payapi.port, data))] == [200, 404]


def test_a_body_that_looks_like_a_request_is_a_body(payapi):
    hidden = b"GET /api/v1/orders/hidden HTTP/1.1\r\nHost: a\r\n\r\n"
    token = ("Authorization", f"Bearer {payapi.token('framing')}")
    for method, status in (("GET", 404), ("POST", 400), ("DELETE", 405)):
        data = request(method, "/api/v1/orders/x" if method == "GET" else "/api/v1/orders",
                       [token, ("Content-Type", "application/json")], hidden)
        assert [answer.status for answer in answers_in(exchange(payapi.port, data))] == [status]
    assert '"path":"/api/v1/orders/hidden"' not in payapi.log("nginx-access")
