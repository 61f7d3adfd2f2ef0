"""Every error is a problem document, nginx's own too, and each slug has its page."""
import json
import re

from payapi_instance import ROOT, Instance


# Of the problems that nginx makes.
RETRYABLE = {"request-timeout", "rate-limited", "internal", "bad-gateway", "overloaded", "gateway-timeout"}


def catalogue():
    text = (ROOT / "include/application/problems.def").read_text()
    return re.findall(r'^PROBLEM\((\w+), (\d+), "([a-z-]+)", "([^"]+)"', text, re.M)


def test_each_slug_has_its_page(payapi):
    for _, status, slug, title in catalogue():
        page = payapi.get(f"/errors/{slug}", sub=None)
        assert page.status == 200 and title.encode() in page.body, slug
        assert page.headers["Content-Type"].startswith("text/html")
    assert payapi.get("/errors/no-such-slug", sub=None).status == 404


def problem_of(raw):
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head, raw[:500]
    return int(head.split(b" ", 2)[1]), json.loads(body[body.index(b"{"):body.rindex(b"}") + 1])


def test_errors_that_nginx_makes_are_problems_too(payapi):
    auth = f"Authorization: Bearer {payapi.token()}\r\n"
    cases = [
        (b"GET /api/v1/orders HTTP/1.1\r\n\r\n", 400, "malformed-request"),
        (b"GET /api/v1/orders HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400,
         "malformed-request"),
        (b"GET /" + b"x" * 40000 + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 414,
         "uri-too-long"),
        (b"GET /api/v1/orders HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 40000
         + b"\r\nConnection: close\r\n\r\n", 431, "headers-too-large"),
        (f"POST /api/v1/orders HTTP/1.1\r\nHost: a\r\n{auth}Content-Length: 9000000\r\n"
         "Connection: close\r\n\r\n".encode(), 413, "payload-too-large"),
        (b"GET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404, "not-found"),
    ]
    for sent, status, slug in cases:
        got, problem = problem_of(payapi.raw(sent))
        assert (got, problem["status"]) == (status, status), (sent[:60], problem)
        assert problem["type"].endswith("/" + slug), (sent[:60], problem)
        assert (problem["slug"], problem["retryable"]) == (slug, False), (sent[:60], problem)
        assert re.fullmatch(r"[0-9a-f]{32}", problem["traceId"])


def test_nginx_and_workers_agree_on_what_may_be_sent_again(payapi):
    """nginx knows the status alone; test_documents.c checks the workers' side, type by type."""
    rendered = (payapi.var / "var/nginx/problems.conf").read_text()
    slugs = re.search(r"map \$problem_status \$problem_slug \{(.*?)\}", rendered, re.S)[1]
    retryable = re.search(r"map \$problem_status \$problem_retryable \{(.*?)\}", rendered, re.S)[1]
    rules = re.findall(r"(\S+) (true|false);", retryable)
    assert rules
    for status, slug in re.findall(r"^\s*(\d+) ([a-z-]+);", slugs, re.M):
        said = next(value for rule, value in rules if rule in (status, "default")
                    or rule[0] == "~" and re.search(rule[1:], status))
        assert (said == "true") == (slug in RETRYABLE), slug


def test_too_many_requests_are_told_when_to_come_back():
    limited = Instance("limits", RATE_LIMITS="on")
    try:
        limited.up()
        answers = [limited.checkout("none") for _ in range(40)]      # 10 at once, then 5 per second
        refused = [a for a in answers if a.status == 429]
        assert refused and {a.status for a in answers} == {404, 429}
        assert refused[0].json["type"].endswith("/rate-limited")
        assert (refused[0].json["slug"], refused[0].json["retryable"]) == ("rate-limited", True)
        assert int(refused[0].headers["Retry-After"]) >= 1
        limited.assert_invariants()
    finally:
        limited.down()
