"""The production site: TLS 1.2 and 1.3, HTTP/2, its names only, and nothing of value over port 80."""
import itertools
import json
import re
import socket
import ssl
import subprocess

import pytest

from nginx_site import NAME, NginxSite
from payapi_instance import ROOT
from raw_http import Http2, answers_in, exchange, request, send_and_read


@pytest.fixture(scope="module")
def site(payapi):
    production = NginxSite(sockets=payapi.var / "var" / "run", production=True, RATE_LIMITS="off")
    try:
        yield production.up()
    finally:
        production.down()


@pytest.mark.parametrize("production, limits, names, sources, version", itertools.chain(
    itertools.product([False], ["on", "off"], [""], ["off", "listed"], [None]),
    itertools.product([True], ["on", "off"], ["", NAME, f"{NAME} www.{NAME}"], ["off", "listed"], [None])))
def test_nginx_takes_each_site_without_a_warning(production, limits, names, sources, version):
    made = NginxSite(production=production, RATE_LIMITS=limits, SERVER_NAME=names,
                     WEBHOOK_SOURCES=sources)
    try:
        made.render()
        said = made.check()
        assert said.returncode == 0, said.stdout
        assert "warn" not in said.stdout and "emerg" not in said.stdout, said.stdout
    finally:
        made.down()


@pytest.mark.parametrize("version, directive", [("1.22.1", False), ("1.25.0", False),
                                                ("1.25.1", True), ("1.26.3", True)])
def test_http2_is_switched_on_as_each_nginx_wants_it(version, directive):
    made = NginxSite(production=True, NGINX_VERSION=version)
    try:
        made.render()
        servers = made.configuration("servers.conf").read_text()
        flags = re.findall(r"listen .* ssl( http2)?", servers)
        assert flags == ["" if directive else " http2"]
        assert ("\nhttp2 on;" in servers) == directive
    finally:
        made.down()


def test_nothing_is_left_to_fill_in():
    made = NginxSite(production=True)
    try:
        made.render()
        for path in (made.folder / "nginx").glob("*.*"):
            code = re.sub(r"^#.*", "", path.read_text(), flags=re.M)
            assert not re.search(r"@[A-Z0-9_]+@", code), path
    finally:
        made.down()


@pytest.mark.parametrize("missing", ["TLS_CERTIFICATE", "TLS_CERTIFICATE_KEY"])
def test_a_production_site_without_a_certificate_is_not_made(missing):
    made = NginxSite(production=True, **{missing: ""})
    try:
        with pytest.raises(subprocess.CalledProcessError) as refused:
            made.render()
        assert missing in refused.value.stdout
    finally:
        made.down()


# --- TLS -------------------------------------------------------------------------------------------

def curl(site, *arguments, path="/health/live", scheme="https"):
    """Status, headers and body as curl gets them; status -1 without an answer."""
    port = site.port if scheme == "https" else site.http_port
    done = subprocess.run(["curl", "-sS", "-i", "-m", "20", "--cacert", site.folder / "certificate.pem",
                           "--resolve", f"{NAME}:{port}:127.0.0.1", *arguments,
                           f"{scheme}://{NAME}:{port}{path}"], stdout=subprocess.PIPE)
    if done.returncode != 0:
        return -1, {}, b""
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, body


@pytest.mark.parametrize("version, good", [(ssl.TLSVersion.TLSv1, False), (ssl.TLSVersion.TLSv1_1, False),
                                           (ssl.TLSVersion.TLSv1_2, True),
                                           (ssl.TLSVersion.TLSv1_3, True)])
def test_only_tls_1_2_and_1_3_are_spoken(site, version, good):
    option = {ssl.TLSVersion.TLSv1: "-tls1", ssl.TLSVersion.TLSv1_1: "-tls1_1",
              ssl.TLSVersion.TLSv1_2: "-tls1_2", ssl.TLSVersion.TLSv1_3: "-tls1_3"}[version]
    servers = site.configuration("servers.conf").read_text()
    assert re.search(r"^ssl_protocols +TLSv1\.2 TLSv1\.3;$", servers, re.M)
    said = handshake(site, option, "-cipher", "DEFAULT:@SECLEVEL=0")
    assert ("Cipher is (NONE)" not in said) == good, said


def handshake(site, *options, name=NAME):
    named = ["-servername", name] if name else ["-noservername"]
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{site.port}", *named, *options],
                          stdin=subprocess.DEVNULL, text=True, errors="replace", timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


@pytest.mark.parametrize("cipher", ["AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA",
                                    "AECDH-AES128-SHA", "NULL-SHA256"])
def test_ciphers_without_forward_secrecy_or_authentication_are_refused(site, cipher):
    said = handshake(site, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
    assert "Cipher is (NONE)" in said or "no cipher" in said, said


def test_sessions_resume_by_memory_not_by_ticket(site):
    context = ssl.create_default_context(cafile=site.folder / "certificate.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    session, _ = greet(site, context)
    assert not session.has_ticket
    assert greet(site, context, session) == (session, True)


def greet(site, context, session=None):
    """The TLS session of a handshake, and whether it was resumed."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as plain:
        with context.wrap_socket(plain, server_hostname=NAME, session=session) as tls:
            answer = send_and_read(tls, request("GET", "/health/live", host=NAME))
            assert answers_in(answer)[0].status == 200
            return tls.session, tls.session_reused


@pytest.mark.parametrize("name", ["other.example.com", None, "127.0.0.1"])
def test_no_certificate_is_shown_under_another_name(site, name):
    said = handshake(site, name=name)
    assert "no peer certificate available" in said and "BEGIN CERTIFICATE" not in said, said


@pytest.mark.parametrize("options, protocol", [(["--http2"], 2), (["--http1.1"], 1)])
def test_http_2_and_1_are_spoken(site, options, protocol):
    done = subprocess.run(["curl", "-sS", "--cacert", site.folder / "certificate.pem", "-o", "/dev/null",
                           "-w", "%{http_version} %{http_code}", *options, "--resolve",
                           f"{NAME}:{site.port}:127.0.0.1", f"https://{NAME}:{site.port}/health/live"],
                          check=True, text=True, stdout=subprocess.PIPE)
    assert done.stdout.startswith(str(protocol)) and done.stdout.endswith(" 200")


def test_a_host_that_does_not_fit_the_handshake_is_misdirected(site):
    for protocol in ("--http2", "--http1.1"):
        status, headers, body = curl(site, protocol, "-H", "Host: other.example.com", path="/api/v1/orders")
        assert status == 421 and headers["content-type"] == "application/problem+json"
        assert b"/misdirected-request" in body


def test_http_on_the_tls_port_is_told_so(site):
    for sent in (request("GET", "/"), request("POST", "/api/v1/orders", body=b"{}")):
        [answer] = answers_in(exchange(site.port, sent))
        assert answer.status == 400 and answer.json["type"].endswith("/malformed-request")


# --- Headers ---------------------------------------------------------------------------------------

ON_EVERY_ANSWER = {
    "strict-transport-security": "max-age=31536000; includesubdomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "deny",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize("path, status", [
    ("/health/live", 200), ("/api/v1/orders", 401), ("/api/v1/orders/x/checkout", 405), ("/nowhere", 404),
    ("/docs/", 200), ("/docs/openapi.json", 200), ("/errors/", 200), ("/errors/not-found", 200),
    ("/docs", 302), ("/errors/none", 404), ("/%", 400)])
@pytest.mark.parametrize("protocol", ["--http2", "--http1.1"])
def test_security_headers_stand_on_every_answer(site, protocol, path, status):
    got, headers, _ = curl(site, protocol, "--path-as-is", path=path)
    assert got == status
    for name, value in ON_EVERY_ANSWER.items():
        assert headers.get(name) == value, (name, headers)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])
    assert headers["server"] == "nginx"
    if status >= 400:
        assert headers["content-type"] == "application/problem+json"


def test_answers_of_the_api_are_never_stored_by_caches(site):
    for path in ("/api/v1/orders", "/health/live", "/nowhere"):
        assert curl(site, path=path)[1]["cache-control"] == "no-store"


# --- Port 80 ---------------------------------------------------------------------------------------

def test_browsers_are_sent_to_the_first_name_over_tls(site):
    for method in ("GET", "HEAD"):
        for host in (NAME, "evil.example.com"):
            sent = request(method, "/docs/?a=b%0d%0aSet-Cookie:x", host=host)
            [answer] = answers_in(exchange(site.http_port, sent), head_only=method == "HEAD")
            assert answer.status == 301
            assert answer.header("Location") == f"https://{NAME}:{site.port}/docs/?a=b%0d%0aSet-Cookie:x"
    [answer] = answers_in(exchange(site.http_port, request("GET", "http://evil.example.com/docs")))
    assert answer.header("Location") == f"https://{NAME}:{site.port}/docs"


@pytest.mark.parametrize("method, headers", [
    ("POST", []), ("PUT", []), ("PATCH", []), ("DELETE", []), ("OPTIONS", []),
    ("GET", [("Authorization", "Bearer abc")]), ("HEAD", [("Authorization", "Basic YTpi")])])
def test_credentials_and_commands_in_clear_are_refused_and_not_repeated(site, method, headers):
    sent = request(method, "/api/v1/orders", headers, b'{"amount":1,"currency":"USD"}' if method == "POST" else b"")
    [answer] = answers_in(exchange(site.http_port, sent), head_only=method == "HEAD")
    assert answer.status == 403 and "location" not in answer.headers
    assert answer.header("Content-Type") == "application/problem+json"
    if method != "HEAD":
        assert "HTTPS" in answer.json["detail"] and answer.json["type"].endswith("/forbidden")


def test_nothing_is_served_without_tls(site):
    for path in ("/health", "/errors/", "/docs/openapi.json", "/api/v1/orders"):
        [answer] = answers_in(exchange(site.http_port, request("GET", path)))
        assert answer.status == 301, path


def test_the_certificate_authority_finds_its_challenge(site):
    challenge = site.folder / "acme" / ".well-known" / "acme-challenge"
    challenge.mkdir(parents=True)
    (challenge / "token-1").write_text("token-1.thumbprint")
    [answer] = answers_in(exchange(site.http_port, request("GET", "/.well-known/acme-challenge/token-1")))
    assert (answer.status, answer.body) == (200, b"token-1.thumbprint")
    [answer] = answers_in(exchange(site.http_port, request("GET", "/.well-known/acme-challenge/../../nginx/")))
    assert answer.status in (301, 404)


# --- The same API ----------------------------------------------------------------------------------

def test_an_order_is_made_over_http_2(site, payapi):
    status, headers, body = curl(site, "--http2", "-H", f"Authorization: Bearer {payapi.token('edge')}",
                                 "-H", "Content-Type: application/json",
                                 "-d", '{"amount":12.50,"currency":"EUR"}', path="/api/v1/orders")
    assert status == 201 and b'"amountMinor":1250' in body
    assert headers["location"].startswith("/api/v1/orders/ord_")


PSEUDO = [(":method", "GET"), (":scheme", "https"), (":authority", NAME), (":path", "/health/live")]


def test_a_plain_http_2_request_is_answered(site):
    assert tried_over_http2(site, PSEUDO)[0] == "body"


def tried_over_http2(site, fields, body=b""):
    connection = Http2(site.port, NAME)
    try:
        connection.send(fields, body)
        return connection.outcome()
    finally:
        connection.close()


def without(name, *more):
    return [field for field in PSEUDO if field[0] != name] + list(more)


@pytest.mark.parametrize("fields, body", [
    (without(":path"), b""), (without(":method"), b""), (without(":scheme"), b""),
    (PSEUDO + [(":path", "/api/v1/orders")], b""), (PSEUDO + [(":method", "POST")], b""),
    (PSEUDO + [(":status", "200")], b""), (PSEUDO + [(":unknown", "1")], b""),
    (without(":path", (":path", "")), b""), (without(":path", (":path", "health/live")), b""),
    (without(":path", (":path", "/a b")), b""), (without(":path", (":path", "/\r\nX: y")), b""),
    (without(":method", (":method", "GET / HTTP/1.1\r\nX:")), b""), (without(":method", (":method", "")), b""),
    (PSEUDO + [("X-Upper", "1")], b""), (PSEUDO + [("x", "a\r\nSet-Cookie: b")], b""),
    (PSEUDO + [("x", "a\0b")], b""), (PSEUDO + [("x y", "1")], b""), (PSEUDO + [("x:y", "1")], b""),
    (PSEUDO + [("content-length", "5")], b""), (PSEUDO + [("content-length", "5")], b"123456"),
    (PSEUDO + [("content-length", "5")], b"123"), (PSEUDO + [("content-length", "x")], b""),
    (PSEUDO + [("content-length", "0"), ("content-length", "5")], b""),
    (PSEUDO + [("host", "other.example.com")], b""),
], ids=str)
def test_http_2_requests_that_lie_are_refused(site, fields, body):
    kind, content = tried_over_http2(site, fields, body)
    if kind == "body":
        assert json.loads(content)["status"] == 400, content


@pytest.mark.parametrize("field", [("transfer-encoding", "chunked"), ("connection", "transfer-encoding"),
                                   ("te", "chunked"), ("upgrade", "h2c"), ("proxy-connection", "close")])
def test_headers_of_http_1_mean_nothing_in_http_2(site, field):
    kind, content = tried_over_http2(site, PSEUDO + [field], b"0\r\n\r\n")
    assert kind != "body" or json.loads(content)["status"] in ("ok", 400)


def test_an_http_2_body_that_stops_has_no_answer(site):
    connection = Http2(site.port, NAME, seconds=30)
    try:
        connection.send([(":method", "POST"), (":scheme", "https"), (":authority", NAME), (":path", "/api/v1/orders"),
                         ("content-length", "5")], b"abc", whole=False)
        assert connection.outcome()[0] == "reset"
    finally:
        connection.close()


def test_the_settings_of_the_site_are_in_the_example():
    text = (ROOT / "nginx/render").read_text()
    used = set(re.findall(r"\$\{([A-Z][A-Z0-9_]+)[:-]", text)) - {"NGINX_VERSION", "SWAGGER_UI"}
    example = (ROOT / "etc/payapi.env.example").read_text()
    listed = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.M))
    assert used and used <= listed
