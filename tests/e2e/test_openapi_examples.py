"""The document shows what the server answers: each example is compared with a real answer of its operation."""
import hashlib
import hmac
import json
import re
import time
import uuid

import pytest
import source_tables
from event_stream import EventStream
from lost_rows import lose
from openapi_document import DOCUMENT, examples, faults_of, has_members_of, resolve
from payapi_instance import ROOT, Answer, Connection, wait_until
from webhook_receiver import Receiver

ADMIN = {"sub": "root", "role": "admin"}


def stripe(payapi, path):
    connection = Connection(payapi.sandbox_port, payapi.settings["STRIPE_SECRET_KEY"])
    try:
        return connection.request("GET", path).json
    finally:
        connection.close()


class Story:
    """Some orders and what became of them; keeps every answer by operation and status."""

    def __init__(self, payapi):
        self.payapi, self.answers = payapi, {}
        self.routes = [(operation["operationId"], method.upper(),
                        re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"))
                       for path, item in DOCUMENT["paths"].items()
                       for method, operation in item.items() if method in ("get", "post", "patch", "delete")]

    def ask(self, method, path, body=None, **options):
        answer = self.payapi.request(method, path, body, **options)
        [operation] = [name for name, verb, route in self.routes
                       if verb == method and route.match(path.split("?")[0])]
        self.answers.setdefault((operation, answer.status), []).append(answer)
        return answer

    def order(self, **members):
        return self.ask("POST", "/api/v1/orders",
                        {"amount": 99.99, "currency": "USD", "description": "Two tickets",
                         "customerEmail": "alice@example.com", "metadata": {"cart": "8812"}, **members}).data["id"]

    def checkout(self, order, **members):
        return self.ask("POST", f"/api/v1/orders/{order}/checkout", members)

    def paid(self):
        order = self.order()
        payment = self.checkout(order).data
        self.payapi.sandbox_do(payment["externalId"], "pay")
        self.payapi.wait_for_status(order, "completed")
        return payment

    def of(self, payment, what, body=None, **options):
        method = "GET" if body is None else "POST"
        return self.ask(method, f"/api/v1/payments/{payment['id']}{what}", body, **options)

    def follow(self, payment):
        """The beginning of its stream: all of it would last a quarter of an hour."""
        path = f"/api/v1/payments/{payment['id']}/events"
        with EventStream(self.payapi.port, path, {"Authorization": f"Bearer {self.payapi.token()}"}) as stream:
            begun = json.dumps(str(stream.next())).encode()
            self.answers.setdefault(("followPayment", stream.status), []).append(
                Answer(stream.status, stream.headers, begun))

    def refund(self, payment, body, key=None):
        return self.of(payment, "/refund", body, headers={"Idempotency-Key": key or uuid.uuid4().hex}, **ADMIN)

    # --- chapters -------------------------------------------------------------------------------
    def tell(self):
        self.tell_of_a_payment()
        self.tell_of_unknown_outcomes()
        self.tell_of_a_dispute()
        self.tell_of_events()
        self.tell_of_a_comparison()
        self.tell_of_keys()
        self.tell_of_webhook_endpoints()
        self.tell_lists()
        return self

    def tell_of_a_payment(self):
        order = self.order()
        self.checkout(order)
        again = self.checkout(order).data
        self.ask("GET", f"/api/v1/orders/{order}/payment-status")
        self.of(again, "/cancel", {})
        payment = self.paid()
        self.ask("GET", f"/api/v1/orders/{payment['orderId']}")
        self.ask("GET", f"/api/v1/orders/{payment['orderId']}/payment-status")
        self.refund(payment, {"amount": 25, "reason": "requested_by_customer"})
        for what in ("", "/refunds", "/timeline"):
            self.of(payment, what)
        self.of(payment, "/sync", {})
        self.of(payment, "/stream-ticket", {})
        self.follow(payment)

    def tell_of_unknown_outcomes(self):
        payapi = self.payapi
        payapi.webhook_settings(delivery="off")
        try:
            payapi.fault("lose_answer")
            unknown = self.checkout(self.order())
            payment = self.paid_unheard()
            payapi.fault("lose_answer", path="/v1/refunds")
            self.refund(payment, {"amountMinor": 300})
            payapi.rows("UPDATE payapi.provider_calls SET lease_until = now() + interval '1 minute'"
                        " WHERE payment_id = %s", unknown.data["id"])
            self.of(unknown.data, "/sync", {})
            opened = self.checkout(self.order()).data
            payapi.fault("lose_answer", path="/v1/checkout/sessions/*/expire")
            self.of(opened, "/cancel", {})
        finally:
            payapi.clear_faults()
            payapi.webhook_settings(delivery="on")

    def paid_unheard(self):
        payment = self.checkout(self.order()).data
        self.payapi.sandbox_do(payment["externalId"], "pay")
        assert self.of(payment, "/sync", {}).data["status"] == "completed"
        return payment

    def tell_of_a_dispute(self):
        payment = self.paid()
        intent = stripe(self.payapi, f"/v1/checkout/sessions/{payment['externalId']}")["payment_intent"]
        assert self.payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent}/dispute", {}).status == 200
        wait_until(lambda: self.of(payment, "/disputes").data, what="the dispute")

    def tell_of_events(self):
        payment = self.checkout(self.order()).data
        self.payapi.rows("UPDATE payapi.payments SET needs_review = true, review_reason = 'Seeded.'"
                         " WHERE payment_id = %s", payment["id"])
        self.of(payment, "/review", {"reason": "The bank confirmed the amount."}, **ADMIN)
        inbox_id = self.delivered({"payment_id": payment["id"]})
        dead = self.delivered({})
        self.payapi.rows("UPDATE payapi.webhook_events SET status = 'dead', attempts = 10,"
                         " finished_at = now(), lease_until = NULL WHERE inbox_id = %s", dead)
        for path in (inbox_id, dead):
            self.ask("GET", f"/api/v1/webhook-events/{path}", **ADMIN)
        other = self.checkout(self.order()).data
        self.payapi.rows("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s",
                         self.intent, other["id"])
        for query in ("?dryRun=true", ""):
            self.ask("POST", f"/api/v1/webhook-events/{dead}/replay{query}", {}, **ADMIN)
        self.deliver_at_paystack({"event": "transfer.success", "data": {"id": 1}})

    def tell_of_a_comparison(self):
        """A comparison with money that only the provider has, and with fees."""
        payment = self.paid_unheard()
        lose(self.payapi, [("UPDATE payapi.transactions SET amount_minor = 1 WHERE payment_id = %s", payment["id"])])
        day = self.payapi.row("SELECT (occurred_at AT TIME ZONE 'UTC')::date::text FROM payapi.transactions"
                              " WHERE payment_id = %s", payment["id"])[0]
        self.payapi.admin("reconcile", "--from", day, "--provider", "stripe")
        lose(self.payapi, [("UPDATE payapi.transactions SET amount_minor = 9999 WHERE payment_id = %s", payment["id"])])
        made, number = self.payapi.row("SELECT reconciliation_id, finding_id FROM payapi.reconciliation_findings"
                                       " WHERE state = 'open'")
        self.ask("GET", f"/api/v1/reconciliations/{made}", **ADMIN)
        self.ask("POST", f"/api/v1/reconciliations/{made}/explain",
                 {"finding": number, "reason": "A test charge of ours in the dashboard."}, **ADMIN)

    def tell_of_keys(self):
        made = self.ask("POST", "/api/v1/api-keys", {"name": "web shop", "scopes": ["orders:read"],
                                                     "networks": ["127.0.0.0/8"]}, **ADMIN).data
        self.payapi.api_keys.append(made["key"])
        self.payapi.get("/api/v1/orders", token=made["key"])
        wait_until(lambda: self.ask("GET", "/api/v1/api-keys", **ADMIN).data[0]["lastUsedAt"], what="the last use")
        self.ask("DELETE", f"/api/v1/api-keys/{made['id']}", **ADMIN)

    def tell_of_webhook_endpoints(self):
        """An endpoint's life, and deliveries to a receiver that refuses once."""
        answers = [(500, {}, b"not yet")]
        with Receiver(lambda received: answers.pop() if answers else (200, {}, b"ok")) as receiver:
            made = self.ask("POST", "/api/v1/webhook-endpoints", {"url": receiver.url, "events": ["payment.completed"],
                                                                  "description": "Back end"}, **ADMIN).data
            path = f"/api/v1/webhook-endpoints/{made['id']}"
            test = self.ask("POST", path + "/test", **ADMIN).data
            self.paid()
            wait_until(lambda: receiver.of_type("payment.completed"), what="the event")
            wait_until(lambda: self.payapi.get(f"/api/v1/webhook-deliveries/{test['id']}", **ADMIN).data["status"]
                       == "delivered", 20, "the second attempt")
            paid = self.ask("GET", path + "/deliveries", **ADMIN).data[0]
            self.ask("GET", path + "/deliveries?limit=1&status=delivered", **ADMIN)
            self.ask("GET", f"/api/v1/webhook-deliveries/{paid['id']}", **ADMIN)
            self.ask("GET", f"/api/v1/webhook-deliveries/{test['id']}", **ADMIN)
            self.ask("POST", f"/api/v1/webhook-deliveries/{paid['id']}/resend", **ADMIN)
            self.ask("POST", path + "/recover", {"since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))},
                     **ADMIN)
            self.ask("GET", "/api/v1/webhook-endpoints", **ADMIN)
            self.ask("GET", path, **ADMIN)
            self.ask("POST", path + "/rotate-secret", {"overlapSeconds": 3600}, **ADMIN)
            self.ask("PATCH", path, {"status": "disabled"}, **ADMIN)
            self.ask("DELETE", path, **ADMIN)

    def delivered(self, metadata):
        name = f"evt_story_{time.monotonic_ns()}"
        self.intent = "pi_" + name
        event = {"id": name, "object": "event", "api_version": "2026-10-28.endive", "livemode": False,
                 "created": int(time.time()), "type": "payment_intent.succeeded",
                 "data": {"object": {"id": self.intent, "object": "payment_intent", "status": "succeeded",
                                     "amount": 9999, "amount_received": 9999, "currency": "usd",
                                     "metadata": metadata}}}
        body = json.dumps(event).encode()
        self.ask("POST", "/api/v1/webhooks/stripe", body, sub=None,
                 headers={"Stripe-Signature": self.payapi.stripe_signature(body)})
        return self.payapi.row("SELECT inbox_id FROM payapi.webhook_events WHERE event_id = %s", name)[0]

    def deliver_at_paystack(self, event):
        body = json.dumps(event).encode()
        key = self.payapi.settings["PAYSTACK_SECRET_KEY"].split(",")[0].encode()
        self.ask("POST", "/api/v1/webhooks/paystack", body, sub=None,
                 headers={"X-Paystack-Signature": hmac.new(key, body, hashlib.sha512).hexdigest()})

    def tell_lists(self):
        for path in ("/api/v1/orders", "/api/v1/orders?page=1"):
            self.ask("GET", path)
        for path in ("/api/v1/transactions", "/api/v1/transactions?page=1", "/api/v1/audit",
                     "/api/v1/audit/verify", "/api/v1/payments", "/api/v1/webhook-events",
                     "/api/v1/reconciliations"):
            self.ask("GET", path, **ADMIN)
        for path in ("/health", "/health/live", "/health/ready"):
            self.ask("GET", path, sub=None)


@pytest.fixture(scope="module")
def story(payapi):
    return Story(payapi).tell()


# --- What succeeds ------------------------------------------------------------------------------

def schema_of(operation, status):
    return next(schema for name, code, _, schema, _, _ in examples() if (name, code) == (operation, status))


def test_real_answers_are_what_the_document_says(story):
    assert {operation["operationId"] for operation, *_ in operations()} == {name for name, _ in story.answers}
    faults = {fault for (operation, status), answers in story.answers.items() for answer in answers
              for fault in faults_of(schema_of(operation, status), answer.json, f"{operation} {status}")}
    assert faults == set()


def test_examples_are_what_the_document_says():
    assert [fault for operation, status, media_type, schema, name, value in examples()
            if media_type.endswith("json") and media_type != "application/x-ndjson"
            for fault in faults_of(schema, value, f"{operation} {status} {name}")] == []


@pytest.mark.parametrize("operation, status, schema, value", [
    pytest.param(operation, status, schema, value, id=f"{operation}-{status}-{name}")
    for operation, status, media_type, schema, name, value in examples()
    if status < 300 and media_type == "application/json"
    and (operation, name) not in (("getHealth", "degraded"), ("getHealth", "jobs"))
    and (operation, name) != ("verifyAudit", "altered")])
def test_the_example_has_the_members_of_a_real_answer(story, operation, status, schema, value):
    answers = story.answers.get((operation, status), [])
    assert any(has_members_of(schema, value, answer.json) for answer in answers), \
        answers or "the story does not ask for it: add it to a chapter of Story"


# --- What is refused ----------------------------------------------------------------------------

def operations():
    """(operation, method, path, AUTH_... of its route)."""
    text = source_tables.routes()
    rights = {(method, re.sub(r":\w+", "{}", path)): right for method, path, right in
              re.findall(r'"(GET|POST|PATCH|DELETE)",\s*"([^"]+)",\s*(AUTH_\w+)', text)}
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "patch", "delete"):
                yield operation, method.upper(), path, rights[method.upper(), re.sub(r"\{\w+\}", "{}", path)]


def unknown_id(pattern):
    """It has the form that the document gives, and nobody has it."""
    prefix = re.match(r"\^([a-z]+_)", pattern)
    return prefix[1] + "0" * 26 if prefix else "no-such-order"


# By the name of the path's parameter.
UNKNOWN = {parameter["name"]: unknown_id(parameter["schema"]["pattern"]) for item in DOCUMENT["paths"].values()
           for holder in (item, *(part for part in item.values() if isinstance(part, dict)))
           for parameter in map(resolve, holder.get("parameters", [])) if parameter["in"] == "path"}
JSON = {"Content-Type": "application/json"}


def provocations(method, right):
    """Wrong requests that fit every operation of this kind, each with the expected status."""
    who = ADMIN if right == "AUTH_ADMIN" else {}
    if right == "AUTH_NONE":
        yield 400, "", None, {"headers": {"Content-Type": "application/json, text/plain"}}
    if right in ("AUTH_USER", "AUTH_TICKET", "AUTH_ADMIN"):
        yield 401, "", None, {"token": "expired"}
        yield 403, "", None, {} if right == "AUTH_ADMIN" else {"token": "guest"}
        yield 422, "?colour=red", None, who
        if method == "GET":
            yield 400, "?" + "&".join(f"p{i}" for i in range(17)), None, who
    if method in ("POST", "DELETE"):
        yield 413, "", b" " * (70 * 1024 if who or right == "AUTH_USER" else 1100 * 1024), who
    if method in ("POST", "DELETE") and right != "AUTH_SIGNATURE":
        yield 400, "", b"{", {**who, "headers": {**JSON, "Idempotency-Key": "provoked"}}
        yield 415, "", b"{}", {**who, "headers": {"Content-Type": "text/plain", "Idempotency-Key": "provoked"}}


def refusals(payapi):
    """(operation, status, answer), each provoked here."""
    tokens = {"expired": payapi.sign_token({"sub": "a", "role": "user", "exp": 1}),
              "guest": payapi.sign_token({"sub": "a", "role": "guest", "exp": int(time.time()) + 60})}
    for operation, method, path, right in operations():
        url = path.format(**UNKNOWN)
        for status, query, body, options in provocations(method, right):
            options = {**options, "token": tokens.get(options.get("token"))}
            yield operation["operationId"], status, payapi.request(method, url + query, body, **options)
        if "{" in path:
            body = ({"reason": "x"} if url.endswith("/review")
                    else {"finding": 17, "reason": "x"} if url.endswith("/explain")
                    else {"since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60))}
                    if url.endswith("/recover") else {})
            yield operation["operationId"], 404, payapi.request(
                method, url, None if method == "GET" else body, headers={"Idempotency-Key": uuid.uuid4().hex},
                **(ADMIN if right == "AUTH_ADMIN" else {}))
    yield "explainFinding", 409, explained_again(payapi)
    yield from refusals_of_a_webhook_endpoint(payapi)
    yield from refusals_of_a_checkout(payapi)
    yield from refusals_of_a_refund(payapi)


def refusals_of_a_webhook_endpoint(payapi):
    made = [payapi.post("/api/v1/webhook-endpoints", {"url": f"http://127.0.0.1:9/{name}", "events": ["*"]}, **ADMIN)
            for name in ("first", "first", "second")]
    yield "createWebhookEndpoint", 409, made[1]
    path = f"/api/v1/webhook-endpoints/{made[2].data['id']}"
    yield "changeWebhookEndpoint", 409, payapi.request("PATCH", path, {"url": "http://127.0.0.1:9/first"}, **ADMIN)
    for one in (made[0], made[2]):
        payapi.request("DELETE", f"/api/v1/webhook-endpoints/{one.data['id']}", **ADMIN)


def explained_again(payapi):
    made, number = payapi.row("SELECT reconciliation_id, finding_id FROM payapi.reconciliation_findings"
                              " WHERE state = 'explained' LIMIT 1")
    return payapi.post(f"/api/v1/reconciliations/{made}/explain", {"finding": number, "reason": "x"}, **ADMIN)


def refusals_of_a_checkout(payapi):
    def order(amount="99.99"):
        return f"/api/v1/orders/{payapi.create_order(amount)}/checkout"

    key = {"headers": {"Idempotency-Key": uuid.uuid4().hex}}
    name = f"twice-{uuid.uuid4().hex}"
    payapi.create_order(id=name)
    yield "createOrder", 409, payapi.post("/api/v1/orders", {"id": name, "amount": 1, "currency": "USD"})
    yield "createOrder", 422, payapi.post("/api/v1/orders", '{"amount":99.999,"currency":"USD"}')
    first = payapi.post("/api/v1/orders", {"amount": 1, "currency": "USD"}, **key)
    assert first.status == 201
    yield "createOrder", 422, payapi.post("/api/v1/orders", {"amount": 2, "currency": "USD"}, **key)
    yield "checkoutOrder", 422, payapi.post(order(), {"currency": "EUR"})
    yield "checkoutOrder", 422, payapi.post(order("0.01"))
    for status, answered in ((402, 402), (502, 400)):
        payapi.fault("status", status=answered)
        yield "checkoutOrder", status, payapi.post(order())
    yield "listTransactions", 406, payapi.get("/api/v1/transactions", headers={"Accept": "image/png"}, **ADMIN)
    yield "getReconciliation", 406, payapi.get("/api/v1/reconciliations/" + UNKNOWN["reconciliationId"],
                                               headers={"Accept": "image/png"}, **ADMIN)
    for provider in ("stripe", "paystack"):
        yield (f"receive{provider.capitalize()}Webhook", 400,
               payapi.post(f"/api/v1/webhooks/{provider}", b"{}", sub=None))


def refusals_of_a_refund(payapi):
    order = payapi.create_order("9.99")
    payment = payapi.checkout(order).data
    url = f"/api/v1/payments/{payment['id']}"
    yield "reviewPayment", 409, payapi.post(url + "/review", {"reason": "x"}, **ADMIN)
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")

    def refund(body, **headers):
        return payapi.post(url + "/refund", body, headers=headers, **ADMIN)

    yield "checkoutOrder", 409, payapi.checkout(order)
    yield "cancelPayment", 409, payapi.post(url + "/cancel", {})
    yield "refundPayment", 400, refund({})
    yield "refundPayment", 422, refund({"amount": 10}, **{"Idempotency-Key": "too-much" + order})
    assert refund({}, **{"Idempotency-Key": "all" + order}).status == 201
    yield "refundPayment", 422, refund({"amount": 1}, **{"Idempotency-Key": "all" + order})
    yield "refundPayment", 409, refund({}, **{"Idempotency-Key": "again" + order})


def without_names(text):
    """The text without ids, which differ; the rest must be the same."""
    return re.sub(r"\b(?:pay_\w{26}|ord_\w{26}|abc-123)\b", "ID", text)


def told(problem):
    return without_names(problem["detail"]), [
        (sorted(error), error.get("pointer"), error.get("parameter"), error["detail"])
        for error in problem.get("errors", [])]


def test_each_refusal_is_shown_as_it_is(payapi, story):
    shown = {}
    for operation, status, media_type, _, _, value in examples():
        if media_type == "application/problem+json":
            shown.setdefault((operation, status, value["slug"]), []).append(value)
    faults = []
    for operation, status, answer in refusals(payapi):
        problem = answer.json
        assert answer.status == status, (operation, answer)
        faults += faults_of({"$ref": "#/components/schemas/Problem"}, problem, operation)
        known = shown.get((operation, status, problem["slug"]), [])
        same_members = [value for value in known if set(value) == set(problem)]
        if not same_members:
            faults.append(f"{operation} {status} {problem['slug']}: {sorted(problem)} is not shown")
        elif problem["slug"] != "validation-failed" and told(problem) not in map(told, known):
            faults.append(f"{operation} {status}: {told(problem)} is not among {[told(v) for v in known]}")
    assert faults == []


# --- Words --------------------------------------------------------------------------------------

def sentences():
    """The texts in our programs and in nginx's configuration, as patterns: %s and the like match anything."""
    texts = set(re.findall(r'^\s+(?:\d+|default) "([^"]+)";', (ROOT / "nginx/problems.conf.in").read_text(), re.M))
    for folder in ("src/application", "src/infrastructure"):
        for path in (ROOT / folder).rglob("*.c"):
            source = re.sub(r'"\s+[A-Z][A-Za-z0-9_]*\s+"', "%s", path.read_text())
            texts |= set(re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*"', "", source)))
    return [re.compile(re.sub(r"%(?:zu|lld|[sd]|$)", ".+", re.escape(text)) + r"\Z") for text in texts
            if " " in text]


def test_every_word_of_an_example_is_ours():
    patterns, strange = sentences(), set()
    for _, _, media_type, _, _, value in examples():
        if media_type == "application/problem+json":
            for text in [value["detail"], *(error["detail"] for error in value.get("errors", []))]:
                if not any(pattern.match(text) for pattern in patterns):
                    strange.add(text)
    assert strange == set()


def test_problems_are_those_of_the_catalogue():
    catalogue = {slug: (int(status), title) for status, slug, title in re.findall(
        r'^PROBLEM\(\w+, (\d+), "([a-z-]+)", "([^"]+)"',
        (ROOT / "include/application/problems.def").read_text(), re.M)}
    assert DOCUMENT["components"]["schemas"]["ProblemType"]["enum"] == list(catalogue)
    for operation, status, media_type, _, name, value in examples():
        if media_type == "application/problem+json":
            slug = value["slug"]
            assert name.startswith(slug) and value["type"].endswith("/errors/" + slug), (operation, name)
            assert (status, value["title"]) == catalogue[slug] and value["status"] == status, (operation, name)
