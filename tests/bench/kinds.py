"""The kinds of requests that are measured: which rows they need, and how they look on the wire."""
import json
import time

from rows import OWNER, name

POOL = 256                      # replays go round in so many payments
PAGE_MAX = 100                  # rows of the pages on the way to a deep one


def order_id(number):
    return "bench-" + name(number)


def payment_id(number):
    return "pay_" + name(number)


def key(number):
    return {"Idempotency-Key": "key-" + name(number)}


class Kind:
    """stage: of the rows that a request uses up; None: requests share rows that stay."""
    stage = None
    first_guess = 1500          # requests per second, where nothing is known yet

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
        return self.bench.token(OWNER, "shop")

    def admin(self):
        return self.bench.token("root", "admin")


class Checkout(Kind):
    name = "checkout"
    stage = "order"

    def request(self, number):
        return "POST", f"/api/v1/orders/{order_id(number)}/checkout", b"{}", key(number), self.user()


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
    name = "list"
    filters = ""
    deep = False

    def prepare(self):
        self.cursor = ""
        for _ in range(len(self.bench.completed) // 2 // PAGE_MAX if self.deep else 0):
            self.cursor = "&cursor=" + self.bench.send(self.page(PAGE_MAX)).json["meta"]["nextCursor"]

    def page(self, limit):
        return "GET", f"/api/v1/transactions?limit={limit}{self.filters}{self.cursor}", None, {}, self.admin()

    def request(self, number):
        return self.page(20)


class DeepTransactions(Transactions):
    """Half-way through the ledger."""
    name = "list, deep"
    deep = True


class FilteredTransactions(Transactions):
    name = "list, filtered"
    filters = "&type=charge&provider=stripe&currency=USD"


class FilteredDeepTransactions(FilteredTransactions):
    name = "list, filtered, deep"
    deep = True


class Refund(Kind):
    """The whole of a payment of its own, which the provider must know."""
    name = "refund"
    stage = "completed"
    first_guess = 800
    bill = {"mode": "payment", "success_url": "http://127.0.0.1/", "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": "9999",
            "line_items[0][price_data][product_data][name]": "Two tickets"}

    def numbers(self, count):
        numbers = self.bench.rows.fill(self.stage, count)
        self.intents = {number: self.bench.provider.paid_intent(self.bill) for number in numbers}
        self.bench.replace_intents([(payment_id(number), intent) for number, intent in self.intents.items()])
        return numbers

    def request(self, number):
        return ("POST", f"/api/v1/payments/{payment_id(number)}/refund", b'{"reason":"requested_by_customer"}',
                key(number), self.admin())

    def aliases(self, number):
        return {self.intents[number]: "pi_bench_" + name(number)}


class Webhook(Kind):
    """As large as Stripe's, which come with blanks and line ends."""
    name = "webhook"
    stage = "processing"

    def request(self, number):
        event = {"id": "evt_bench_" + name(number), "object": "event", "api_version": "2026-10-28.endive",
                 "created": int(time.time()), "data": {"object": intent_of(number)}, "livemode": False,
                 "pending_webhooks": 1, "request": {"id": "req_bench", "idempotency_key": "bench-" + name(number)},
                 "type": "payment_intent.succeeded"}
        body = json.dumps(event, indent=2).encode()
        return ("POST", "/api/v1/webhooks/stripe", body,
                {"Stripe-Signature": self.bench.stripe_signature(body)}, None)


def intent_of(number):
    """Every member that Stripe sends. Source: tests/infrastructure/providers/documents, docs/facts.md."""
    intent = "pi_bench_" + name(number)
    return {
        "id": intent, "object": "payment_intent", "amount": 9999, "amount_capturable": 0,
        "amount_details": {"tip": {}}, "amount_received": 9999, "application": None, "application_fee_amount": None,
        "automatic_payment_methods": None, "canceled_at": None, "cancellation_reason": None,
        "capture_method": "automatic_async", "client_secret": intent + "_secret_synthetic",
        "confirmation_method": "automatic", "created": int(time.time()), "currency": "usd", "customer": None,
        "description": None, "excluded_payment_method_types": None, "last_payment_error": None,
        "latest_charge": "ch_bench_" + name(number), "livemode": False,
        "metadata": {"order_id": order_id(number), "payment_id": payment_id(number)}, "next_action": None,
        "on_behalf_of": None, "payment_method": "pm_bench_" + name(number),
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"installments": None, "mandate_options": None, "network": None,
                                            "request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"], "processing": None, "receipt_email": None, "review": None,
        "setup_future_usage": None, "shipping": None, "source": None, "statement_descriptor": None,
        "statement_descriptor_suffix": None, "status": "succeeded", "transfer_data": None, "transfer_group": None}


KINDS = [Checkout, Replay, Status, Transactions, DeepTransactions, FilteredTransactions, FilteredDeepTransactions,
         Refund, Webhook]


def on_the_wire(request, port):
    method, path, body, headers, token = request
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{header}: {value}" for header, value in headers.items()]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")
