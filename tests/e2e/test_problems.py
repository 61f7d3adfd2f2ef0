"""Every error is a problem document, nginx's own errors too, and each slug has a page."""
import html
import json
import re

import pytest

from payapi_instance import ROOT, Instance


# The retryable ones among the problems that nginx makes.
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


def example_of(payapi, slug):
    page = payapi.get(f"/errors/{slug}", sub=None).body.decode()
    return page, json.loads(html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S)[1]))


def test_each_page_says_why_what_to_do_and_whether_to_send_again(payapi):
    for _, status, slug, title in catalogue():
        page, example = example_of(payapi, slug)
        for part in ("Why it happens", "What to do", "Send the same request again?", "An example"):
            assert f"<h2>{part}</h2>" in page, slug
        assert example["type"] == payapi.settings["PROBLEM_BASE_URL"] + slug
        assert (example["slug"], example["status"], example["title"]) == (slug, int(status), title)
        assert f"<b>{'Yes' if example['retryable'] else 'No'}</b>" in page, slug


def given_a_paid_order(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return order, payment["id"]


def refused_checkout(payapi, **fault):
    order = payapi.create_order()
    if fault:
        payapi.fault(**fault, order=order)
    return payapi.checkout(order)


def ask_for_the_paid(payapi):
    order, _ = given_a_paid_order(payapi)
    return payapi.checkout(order)


def refund_twice(payapi):
    _, payment = given_a_paid_order(payapi)
    answers = [payapi.post(f"/api/v1/payments/{payment}/refund", {}, role="admin",
                           headers={"Idempotency-Key": f"twice-{payment}-{n}"}) for n in (1, 2)]
    return answers[1]


def reuse_a_key(payapi):
    headers = {"Idempotency-Key": "reused-for-the-example"}
    payapi.post("/api/v1/orders", {"amount": 5, "currency": "USD"}, headers=headers)
    return payapi.post("/api/v1/orders", {"amount": 6, "currency": "USD"}, headers=headers)


def create_twice(payapi):
    body = {"id": "made-twice", "amount": 5, "currency": "USD"}
    return [payapi.post("/api/v1/orders", body) for _ in range(2)][1]


EXAMPLES = {
    "malformed-request": lambda p: p.post("/api/v1/orders", "{"),
    "idempotency-key-missing": lambda p: p.post(
        f"/api/v1/payments/{given_a_paid_order(p)[1]}/refund", {}, role="admin"),
    "webhook-signature-invalid": lambda p: p.deliver({}, signature="t=1,v1=" + "0" * 64),
    "unauthorized": lambda p: p.get("/api/v1/orders", sub=None),
    "payment-failed": lambda p: refused_checkout(p, action="status", status=402),
    "forbidden": lambda p: p.get("/api/v1/payments"),
    "not-found": lambda p: p.get("/api/v1/orders/abc-124"),
    "method-not-allowed": lambda p: p.request("DELETE", "/api/v1/orders"),
    "not-acceptable": lambda p: p.get("/api/v1/transactions", role="admin", headers={"Accept": "image/png"}),
    "order-already-exists": create_twice,
    "payment-already-processed": ask_for_the_paid,
    "invalid-payment-state": refund_twice,
    "payload-too-large": lambda p: p.post("/api/v1/orders", " " * 70000 + "{}"),
    "unsupported-media-type": lambda p: p.post("/api/v1/orders", "{}", headers={"Content-Type": "text/plain"}),
    "validation-failed": lambda p: p.post("/api/v1/orders", {"amount": 5}),
    "idempotency-key-reused": reuse_a_key,
    "provider-rejected-request": lambda p: refused_checkout(p, action="status", status=400),
    "invalid-amount": lambda p: p.checkout(p.create_order("0.01")),
}
OWN_NAMES = re.compile(r"abc-123|ord_\w{26}|pay_\w{26}")


@pytest.mark.parametrize("slug", EXAMPLES)
def test_the_example_of_a_page_is_what_the_api_answers(payapi, slug):
    _, example = example_of(payapi, slug)
    answer = EXAMPLES[slug](payapi)
    real = answer.json
    assert (answer.status, real["type"]) == (example["status"], example["type"]), answer
    assert set(example) - {"code"} == set(real) - {"code"}
    for name in ("title", "status", "method", "retryable", "slug", "errors", "minimumMinor"):
        assert real.get(name) == example.get(name), name
    assert OWN_NAMES.sub("ID", real["detail"]) == OWN_NAMES.sub("ID", example["detail"])


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
    """nginx knows only the status; test_documents.c checks the workers' side, type by type."""
    rendered = (payapi.var / "var/nginx/problems.conf").read_text()
    slugs = re.search(r"map \$problem_status \$problem_slug \{(.*?)\}", rendered, re.S)[1]
    retryable = re.search(r"map \$problem_status \$problem_retryable \{(.*?)\}", rendered, re.S)[1]
    rules = re.findall(r"(\S+) (true|false);", retryable)
    assert rules
    for status, slug in re.findall(r"^\s*(\d+) ([a-z-]+);", slugs, re.M):
        said = next(value for rule, value in rules if rule in (status, "default")
                    or rule[0] == "~" and re.search(rule[1:], status))
        assert (said == "true") == (slug in RETRYABLE), slug


def forged_webhooks_are_held_back(limited):
    answers = [limited.deliver(b"{}", signature="t=1,v1=00") for _ in range(25)]
    assert [answer.status for answer in answers] == [400] * 20 + [429] * 5
    assert answers[-1].json["slug"] == "rate-limited" and 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert limited.deliver(b"{}").status == 429                 # no good webhook has come from this address
    assert limited.row("SELECT count(*) FROM payapi.audit_log WHERE action = 'webhook.rejected'") == (0,)


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
        forged_webhooks_are_held_back(limited)
        limited.assert_invariants()
    finally:
        limited.down()
