"""The kinds of requests that are measured: which rows they need, and how they look on the wire."""
import json
import time
import urllib.parse

from rows import OWNER, name

POOL = 256                      # refunds and replays go round in so many payments


def order_id(number):
    return "bench-" + name(number)


def payment_id(number):
    return "pay_" + name(number)


def key(number):
    return {"Idempotency-Key": "key-" + name(number)}


class Kind:
    """stage: of the rows that a request uses up; None: requests share rows that stay."""
    stage = None

    def __init__(self, bench):
        self.bench = bench

    def request(self, number):
        """(method, path, body, headers, token) for the row of that number."""
        raise NotImplementedError

    def prepare(self):
        """Whatever must be there before the first request."""

    def numbers(self, count):
        """Rows for `count` requests of the load."""
        return self.bench.rows.fill(self.stage, count)

    def shared(self):
        """Rows that requests may share."""
        return self.bench.completed

    def aliases(self, number):
        """Names in the row of that number that are not made of it: {name: what it would be}"""
        return {}

    def user(self):
        return self.bench.payapi.token(OWNER, "shop")

    def admin(self):
        return self.bench.payapi.token("root", "admin")


class Checkout(Kind):
    name = "checkout"
    stage = "order"

    def request(self, number):
        return "POST", f"/api/v1/orders/{order_id(number)}/checkout", b"{}", {}, self.user()


class Replay(Kind):
    name = "checkout, replayed"

    def prepare(self):
        self.pool = self.bench.rows.fill("order", self.bench.pool)
        for number in self.pool:
            self.bench.send(self.request(number))

    def request(self, number):
        return "POST", f"/api/v1/orders/{order_id(number)}/checkout", b"{}", key(number), self.user()

    def shared(self):
        return self.pool


class Status(Kind):
    name = "payment-status"

    def request(self, number):
        return "GET", f"/api/v1/orders/{order_id(number)}/payment-status", None, {}, self.user()


class Transactions(Kind):
    name = "transactions (20)"

    def request(self, number):
        return "GET", "/api/v1/transactions?limit=20", None, {}, self.admin()


class Refund(Kind):
    """One cent each: the provider must know the payments, and a few hundred of them are soon made."""
    name = "refund"
    stage = "completed"

    def prepare(self):
        self.pool = self.bench.rows.fill(self.stage, self.bench.pool)
        bill = {"mode": "payment", "success_url": "http://127.0.0.1/", "line_items[0][quantity]": "1",
                "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": "9999",
                "line_items[0][price_data][product_data][name]": "Two tickets"}
        self.intents = {number: self.bench.paid_intent(bill) for number in self.pool}
        self.bench.replace_intents([(intent, payment_id(n)) for n, intent in self.intents.items()])

    def numbers(self, count):
        return self.bench.rows.numbers(count)

    def request(self, number):
        payment = self.pool[number % len(self.pool)]
        return ("POST", f"/api/v1/payments/{payment_id(payment)}/refund", b'{"amount":0.01}', key(number),
                self.admin())

    def recorded(self, number):
        """The request whose key bears the number of its payment."""
        method, _, body, _, token = self.request(number)
        return method, f"/api/v1/payments/{payment_id(number)}/refund", body, key(number), token

    def aliases(self, number):
        return {self.intents[number]: "pi_bench_" + name(number)}


class Webhook(Kind):
    name = "webhook"
    stage = "processing"

    def request(self, number):
        intent = {"id": "pi_bench_" + name(number), "object": "payment_intent", "status": "succeeded", "amount": 9999,
                  "amount_received": 9999, "currency": "usd", "livemode": False, "latest_charge": "ch_bench",
                  "metadata": {"payment_id": payment_id(number), "order_id": order_id(number)}}
        event = {"id": "evt_bench_" + name(number), "object": "event", "api_version": "2026-10-28.endive",
                 "created": int(time.time()), "livemode": False, "pending_webhooks": 1, "request": None,
                 "type": "payment_intent.succeeded", "data": {"object": intent}}
        body = json.dumps(event).encode()
        return ("POST", "/api/v1/webhooks/stripe", body,
                {"Stripe-Signature": self.bench.payapi.stripe_signature(body)}, None)


KINDS = [Checkout, Replay, Status, Transactions, Refund, Webhook]


def on_the_wire(request, port):
    method, path, body, headers, token = request
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def as_form(fields):
    return urllib.parse.urlencode(fields).encode()
