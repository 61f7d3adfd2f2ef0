"""Paths, methods and headers that try to be something else: refused with a problem, or treated as plain text."""
import json
import re

import pytest

from raw_http import answers_in, exchange, request


@pytest.fixture(scope="module")
def ask(payapi):
    """Sends one request as raw bytes with alice's token; checks every answer for what none may contain."""
    def send(method, path, headers=(), body=b"", token=True, **options):
        known = [("Authorization", f"Bearer {payapi.token()}")] if token else []
        data = request(method, path, [*known, *headers], body, **options)
        answers = answers_in(exchange(payapi.port, data), head_only=method == "HEAD")
        assert len(answers) == 1, answers
        well_formed(answers[0])
        return answers[0]

    yield send
    assert "internal" not in [json.loads(line).get("problem") for line in
                              payapi.log("fast").splitlines() if line.startswith("{")]


def well_formed(answer):
    assert answer.status < 500, answer
    if answer.status >= 400:
        assert answer.header("Content-Type") == "application/problem+json", answer
        assert b"<html" not in answer.body and (not answer.body or answer.json["status"] == answer.status)
        assert "\r" not in answer.header("X-Request-Id")
    assert "set-cookie" not in answer.headers and "x-injected" not in answer.headers
    for name in ("server", "x-request-id", "cache-control", "x-content-type-options"):
        assert len(answer.headers[name]) == 1, answer
    assert not re.search(r"\d", answer.header("Server")) and "x-powered-by" not in answer.headers


# --- Paths -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("path, statuses", [
    ("/api/v1/%2e%2e/v1/orders/none", (404,)), ("/api/v1/../../etc/passwd", (404,)), ("/../etc/passwd", (400,)),
    ("/..%2f..%2fetc/passwd", (400,)), ("/%2e%2e/%2e%2e/etc/passwd", (400,)), ("/docs/../nginx/nginx.conf", (404,)),
    ("/docs/..%2f..%2fnginx%2fnginx.conf", (400, 404)), ("/docs/%2e%2e/%2e%2e/nginx/nginx.conf", (400, 404)),
    ("/docs../nginx/nginx.conf", (404,)), ("/errors../nginx/nginx.conf", (404,)), ("/docs/.git/config", (404,)),
    ("/docs/..;/nginx.conf", (404,)), ("/errors/..%5c..%5cnginx.conf", (404,)), ("/errors/\\..\\x", (404,)),
    ("/api/v1/%252e%252e/orders", (400,)), ("/api/v1/orders/%252f", (400,)), ("/api/v1/orders/%25", (400,)),
    ("/api/v1/orders/%c0%ae%c0%ae", (404,)), ("/api/v1/orders/%ff", (404,)), ("/api/v1/orders/%u002e", (400,)),
    ("/api/v1/orders/%", (400,)), ("/api/v1/orders/%2", (400,)), ("/api/v1/orders/%zz", (400,)),
    ("/api/v1/orders/%00", (400,)), ("/api/v1/orders/x%00.json", (400,)), ("/docs/%00", (400,)),
    ("/api/v1/orders/%0d%0aX-Injected:%201", (400,)), ("/api/v1/orders/%0a", (400,)), ("/api/v1/orders/%09", (400,)),
    ("/api/v1/orders/%1b[2J", (400,)), ("/docs%0d%0aX-Injected:%201", (404,)), ("/errors/%0d%0aX-Injected:1", (404,)),
    ("/%0d%0aLocation:%20https://evil.example", (404,)), ("//api/v1/orders", (404,)), ("/api//v1/orders", (404,)),
    ("/api/v1//orders", (404,)), ("/api/v1/orders//", (404,)), ("/api/v1/orders/", (404,)), ("//evil.example/", (404,)),
    ("/\\evil.example/", (404,)), ("//evil.example/docs/..", (404,)),
    ("/api/v1/orders;jsessionid=1", (404,)), ("/api/v1/orders;/../audit", (403,)), ("/api/v1/audit;.css", (404,)),
    ("/api/v1/audit/.css", (404,)), ("/api/v1/audit.json", (404,)), ("/api/v1/audit%3f", (404,)),
    ("/api/v1/audit%23", (404,)), ("/API/v1/orders", (404,)), ("/api/V1/orders", (404,)), ("/api/v1/Orders", (404,)),
    ("/api/v1/ORDERS/x/CHECKOUT", (404,)), ("/Health", (404,)), ("/api/v1/orders%20", (404,)),
    ("/api/v1/orders%2fx", (404,)), ("/api/v1%2forders", (200, 404)), ("/api/v1/orders/x%2fcheckout", (404, 405)),
    ("/api/v1/orders/x/checkout%0a", (400,)), ("/api/v1/orders/x/checkout%0d", (400,)),
    ("/api/v1/payments/x%2f..%2f..%2faudit", (403, 404)), ("/api/v1/payments/../audit", (403,)),
    ("/api/v1/orders/x/../../audit", (403,)), ("/api/v1/webhooks/../audit", (403,)),
    ("/health/../api/v1/audit", (403,)), ("/docs/../api/v1/audit", (403,)), ("/api/v1/%61udit", (403,)),
    ("/__problem", (404,)), ("/@problem", (404,)), ("/fast", (404,)), ("/nginx_status", (404,)), ("/.env", (404,)),
    ("/server-status", (404,)), ("/metrics", (404,)), ("/var/payapi.env", (404,)), ("/docs/init.js.bak", (404,)),
    ("/api/v1/orders/" + "a" * 65, (404,)), ("/api/v1/orders/" + "a" * 3000, (400,)), ("/" + "a/" * 1000, (404,)),
    ("/api/v1/orders?" + "a=b&" * 1500, (400, 422)), ("/api/v1/orders?limit=1%00", (422, 400)),
    ("/api/v1/orders?limit=1%0d%0aX-Injected:1", (422,)), ("/api/v1/orders?limit[]=1", (422,)),
    ("/api/v1/orders?limit=1;page=2", (422,)), ("/api/v1/orders?%6cimit=101", (422,)), ("/api/v1/orders?&=&", (200, 422)),
    ("/api/v1/orders?cursor=" + "A" * 5000, (422,)), ("/api/v1/orders?limit=' OR 1=1--".replace(" ", "%20"), (422,)),
    ("/api/v1/orders/x'--", (404,)), ("/api/v1/orders/$(id)", (404,)), ("/api/v1/orders/%3cscript%3e", (404,)),
    ("/api/v1/orders/{{7*7}}", (404,)), ("/api/v1/orders/%s%n", (400,)),
], ids=lambda value: str(value)[:60])
def test_a_path_has_one_meaning(ask, path, statuses):
    answer = ask("GET", path)
    assert answer.status in statuses, answer
    assert b"root:" not in answer.body and b"worker_processes" not in answer.body
    if answer.status >= 400:
        assert re.fullmatch(r"/[!-~]*", answer.json["instance"])
        assert "<" not in answer.body.decode()


@pytest.mark.parametrize("target, statuses", [
    ("http://evil.example/api/v1/orders/none", (404,)), ("https://evil.example/api/v1/orders/none", (404,)),
    ("http://user:pass@evil.example/api/v1/orders/none", (404, 400)), ("HTTP://127.0.0.1:22/api/v1/audit", (403,)),
    ("file:///etc/passwd", (400,)), ("gopher://127.0.0.1/x", (400, 404)), ("evil.example:443", (400,)), ("*", (400,)),
    ("#", (400,)), ("?", (400,)),
])
def test_a_whole_url_as_target_leads_nowhere_else(ask, target, statuses):
    answer = ask("GET", target)
    assert answer.status in statuses, answer
    assert b"evil" not in answer.body


@pytest.mark.parametrize("host", ["evil.example", "evil.example:1234", "127.0.0.1", "localhost", "[::1]", "a." * 100])
def test_no_answer_is_built_from_the_host(payapi, ask, host):
    for path in ("/", "/docs", "/errors", "/api/v1/orders", "/nowhere"):
        answer = ask("GET", path, [("X-Forwarded-Host", "evil.example"), ("Forwarded", "host=evil.example"),
                                   ("X-Forwarded-Proto", "https"), ("X-Original-URL", "/api/v1/audit"),
                                   ("X-Rewrite-URL", "/api/v1/audit")], host=host)
        assert "evil" not in str(answer.headers) and b"evil" not in answer.body
        if answer.status == 302:
            assert answer.header("Location") in ("/docs/", "/errors/")


# --- Methods ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "DEBUG", "PROPFIND", "MOVE", "COPY", "MKCOL", "LOCK",
                                    "PURGE", "BREW", "PRI", "A" * 100, "GET-", "POST_"])
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/orders/x/checkout", "/health", "/docs/", "/nowhere"])
def test_other_methods_are_not_allowed(ask, method, path):
    answer = ask(method, path, [("X-Secret", "echo")])
    assert answer.status in (400, 405), answer
    assert b"echo" not in answer.body
    if answer.status == 405:
        assert "TRACE" not in answer.header("Allow") and answer.header("Allow")


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
def test_a_method_is_overridden_by_no_header_and_no_parameter(payapi, ask, name):
    order = payapi.create_order()
    answer = ask("GET", f"/api/v1/orders/{order}/checkout", [(name, "POST")])
    assert answer.status == 405
    assert ask("POST", f"/api/v1/orders/{order}", [(name, "GET")], b"{}").status == 405
    assert ask("GET", f"/api/v1/orders/{order}?_method=POST").status == 422
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404


def test_head_has_the_head_of_get_and_no_body(payapi, ask):
    order = payapi.create_order()
    for path in (f"/api/v1/orders/{order}", "/api/v1/orders/none", "/nowhere", "/docs/", "/health"):
        head, get = ask("HEAD", path), ask("GET", path)
        assert (head.status, head.body) == (get.status, b"")
        assert head.header("Content-Type") == get.header("Content-Type")


def test_no_other_origin_is_let_in(ask):
    asked = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"),
             ("Access-Control-Request-Headers", "authorization")]
    for method in ("OPTIONS", "GET", "POST"):
        answer = ask(method, "/api/v1/orders", asked)
        assert not [name for name in answer.headers if name.startswith("access-control")]


# --- Headers ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("value", [
    b"Bearer ", b"Bearer \x80\xff", b"Bearer a b", b"bearer", b"Basic YTpi", b"Bearer null", b"Bearer undefined",
    b"Bearer Bearer x.y.z", b"Token x.y.z", b"Bearer\tx.y.z", b"Bearer x.y.z, Bearer x.y.z", b"Bearer " + b"a" * 7000,
    b"Bearer ..", b"Bearer .", b"Bearer %00", b"Digest username=\"a\"", b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."],
    ids=repr)
def test_what_is_no_token_is_unauthorized(ask, value):
    answer = ask("GET", "/api/v1/orders", [("Authorization", value)], token=False)
    assert answer.status == 401 and answer.header("WWW-Authenticate").startswith("Bearer")


@pytest.mark.parametrize("path", ["/api/v1/orders?access_token=%s", "/api/v1/orders?token=%s"])
def test_a_token_is_taken_from_its_header_only(payapi, ask, path):
    token = payapi.token()
    for headers in ([("Cookie", f"token={token}")], [("X-Authorization", f"Bearer {token}")],
                    [("Proxy-Authorization", f"Bearer {token}")], [("X-Api-Key", token)],
                    [("Http_Authorization", f"Bearer {token}")]):
        assert ask("GET", path % token, headers, token=False).status == 401


@pytest.mark.parametrize("name", ["Idempotency_Key", "idempotency_key", "HTTP_IDEMPOTENCY_KEY", "Idempotency.Key",
                                  "Idempotency-Key_"])
def test_names_that_look_alike_are_other_names(payapi, ask, name):
    """A refund needs the real header: one with a look-alike is refused before anything happens."""
    payment = payapi.checkout(payapi.create_order()).data["id"]
    data = request("POST", f"/api/v1/payments/{payment}/refund",
                   [("Authorization", f"Bearer {payapi.token('boss', 'admin')}"), (name, "k1"),
                    ("Content-Type", "application/json")], b"{}")
    [answer] = answers_in(exchange(payapi.port, data))
    assert answer.status == 400 and answer.json["type"].endswith("/idempotency-key-missing"), answer


@pytest.mark.parametrize("names", [
    ["Trace_Id", "TRACE_ID"], ["Remote_Addr", "REMOTE-ADDR"], ["Script-Name", "Document-Uri"], ["Query-String"],
    ["Request-Start"], ["Request-Id"], ["Content_Length"]])
def test_headers_do_not_become_parameters_of_the_server(payapi, ask, names):
    answer = ask("GET", "/api/v1/orders/none", [(name, "0" * 31 + "1") for name in names])
    assert answer.status == 404
    assert answer.json["traceId"] != "0" * 31 + "1" and answer.json["instance"] == "/api/v1/orders/none"


def test_a_proxy_header_redirects_no_provider_call(payapi, ask):
    order = payapi.create_order()
    answer = ask("POST", f"/api/v1/orders/{order}/checkout",
                 [("Proxy", "http://127.0.0.1:9"), ("Http-Proxy", "http://127.0.0.1:9"),
                  ("Https_Proxy", "http://127.0.0.1:9"), ("All-Proxy", "http://127.0.0.1:9")])
    assert answer.status == 201, answer


@pytest.mark.parametrize("headers, status", [
    ([("X-Long", "x" * 8100)] * 3, 404), ([("X-Long", "x" * 8200)], 431), ([("X-Long", "x" * 7000)] * 6, 431),
    ([(f"X-{number}", "y") for number in range(200)], 404), ([(f"X-{number}", "y" * 20) for number in range(2000)], 431), ([("X-" + "n" * 8200, "y")], 431),
    ([("Cookie", "c" * 8200)], 431), ([("Expect", "200-maybe")], 404), ([("Expect", "100-continue")], 404),
    ([("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAAQAAP__")], 404), ([("Upgrade", "websocket")], 404),
    ([("TE", "trailers, deflate;q=0.5")], 404), ([("Max-Forwards", "0")], 404), ([("Via", "1.1 " * 500)], 404),
    ([("Accept", "*/*;q=" + "9" * 500)], 404), ([("Accept", "," * 3000)], 404), ([("Accept-Encoding", "gzip, br")], 404),
    ([("Range", "bytes=0-0")], 404), ([("Range", "bytes=" + "0-0," * 500)], 404), ([("If-None-Match", "*")], 404),
    ([("If-Match", "\"x\"")], 404), ([("If-Unmodified-Since", "Thu, 01 Jan 1970 00:00:00 GMT")], 404),
    ([("traceparent", "00-" + "f" * 32)], 404), ([("X-Forwarded-For", "127.0.0.1")], 404),
    ([("X-Accel-Redirect", "/docs/")], 404), ([("X-Sendfile", "/etc/passwd")], 404), ([("Content-Type", "x" * 5000)], 404),
    ([("Idempotency-Key", "k" * 256)], 404), ([("User-Agent", "() { :; }; echo")], 404),
], ids=lambda value: str(value)[:50])
def test_odd_headers_change_nothing(ask, headers, status):
    assert ask("GET", "/api/v1/orders/none", headers).status == status


@pytest.mark.parametrize("header", [("Range", "bytes=0-5"), ("Range", "bytes=-5"), ("Range", "bytes=5-1,0-0"),
                                    ("If-Range", "x"), ("Range", "items=0-1")])
def test_answers_of_the_api_are_never_cut_into_ranges(payapi, ask, header):
    order = payapi.create_order()
    whole = ask("GET", f"/api/v1/orders/{order}")
    for method, path in (("GET", f"/api/v1/orders/{order}"), ("GET", "/api/v1/orders"), ("GET", "/docs/openapi.json")):
        answer = ask(method, path, [header])
        assert answer.status == 200 and "content-range" not in answer.headers
        assert json.loads(answer.body)
    assert ask("GET", f"/api/v1/orders/{order}", [header]).body == whole.body


@pytest.mark.parametrize("url", ["https://h/\r\nX-Injected: 1", "https://h/\u2028", "https://h/\x00", "https://h/ x",
                                 "//evil.example", "javascript:alert(1)", "data:text/html,x", "https://", "https:///x",
                                 "ftp://h/", "https://h/" + "x" * 3000])
def test_urls_in_bodies_cannot_break_a_header(payapi, url):
    order = payapi.create_order()
    answer = payapi.post(f"/api/v1/orders/{order}/checkout", {"returnUrl": url})
    assert answer.status in (400, 422) and "X-Injected" not in answer.headers
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404


@pytest.mark.parametrize("key", [b"a\tb", b"", b"\"\"", b"\"a", b"a b", b"\xff", b"\"a\"b\"", b"k" * 256, b"a\x7f"])
def test_keys_that_are_none_are_refused(payapi, ask, key):
    answer = ask("POST", "/api/v1/orders", [("Idempotency-Key", key), ("Content-Type", "application/json")],
                 b'{"amount":1,"currency":"USD"}')
    assert answer.status == 400, answer
