"""A sandbox on a free loopback port, a webhook receiver, and a small HTTP client."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import signal
import subprocess
import threading
import time
import urllib.parse

import pytest

SECRET_KEY = "sk_test_0123456789"
PAYSTACK_SECRET_KEY = "sk_test_0123456789abcdef0123456789abcdef01234567"
WEBHOOK_SECRET = "whsec_6YkqLwU0xN3bT9pV1sZ7cQ"
DEADLINE_S = 20


def wait_for(condition, what):
    """The first true value of condition(), polled until the deadline."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError("deadline passed, waiting for " + what)


def flatten(value, prefix=""):
    """{"a": {"b": [1]}} to [("a[b][0]", "1")], as Stripe's libraries send it."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return [(prefix, str(value))]
    return [pair for key, item in items
            for pair in flatten(item, f"{prefix}[{key}]" if prefix else str(key))]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json["error"]

    @property
    def text(self):
        return self.body.decode()


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps each webhook; answers the next of `statuses`, then 200."""
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, signature="Stripe-Signature"):
        self.signature = signature
        self.turn = 0
        self.received = []
        self.statuses = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook/{self.turn}"

    @property
    def events(self):
        with self.lock:
            return [json.loads(body)["event"] for _, body in self.received]

    def next_turn(self):
        """What is still under way for the test before goes to an address that is no longer ours."""
        with self.lock:
            self.turn += 1
            self.received.clear()
            self.statuses.clear()

    @property
    def types(self):
        with self.lock:
            return [json.loads(body)["type"] for _, body in self.received]


class ReceiverHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            is_ours = self.server.url.endswith(self.path)
            if is_ours:
                self.server.received.append((self.headers[self.server.signature], body))
            status = self.server.statuses.pop(0) if is_ours and self.server.statuses else 200
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


class Sandbox:
    def __init__(self, receiver, paystack_receiver=None,
                 paystack_key=("--paystack-secret-key", PAYSTACK_SECRET_KEY), more=()):
        program = os.environ.get("PAYAPI_SANDBOX_BIN")
        assert program, "PAYAPI_SANDBOX_BIN must name the payapi-sandbox to test"
        self.process = subprocess.Popen(
            [program, "--listen", "127.0.0.1:0", "--webhook-url", receiver.url,
             "--webhook-secret", WEBHOOK_SECRET, "--secret-key", SECRET_KEY,
             "--paystack-webhook-url", (paystack_receiver or receiver).url, *paystack_key,
             *more],
            stderr=subprocess.PIPE, text=True)
        started = json.loads(self.process.stderr.readline())
        self.url = started["url"]
        self.port = urllib.parse.urlsplit(self.url).port
        self.receiver = receiver
        self.paystack_receiver = paystack_receiver
        self.stderr = []
        threading.Thread(target=lambda: self.stderr.extend(self.process.stderr),
                         daemon=True).start()

    def request(self, method, path, body=None, headers=None, timeout=DEADLINE_S):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def api(self, method, path, params=None, key=None, body=None, timeout=DEADLINE_S, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers.setdefault("Authorization", "Bearer " + SECRET_KEY)
        if key is not None:
            headers["Idempotency-Key"] = key
        encoded = body if body is not None else urllib.parse.urlencode(flatten(params or {}))
        if method == "GET":
            return self.request(method, path + "?" + encoded, None, headers, timeout)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.request(method, path, encoded, headers, timeout)

    def control(self, path, body=None, method=None, status=200):
        method = method or ("GET" if body is None else "POST")
        answer = self.request(method, "/_sandbox/" + path,
                              None if body is None else json.dumps(body))
        assert answer.status == status, answer.body
        return answer.json

    def fault(self, action, path="/v1/*", **more):
        return self.control("faults", {"action": action, "match": {"path": path}, **more})

    def create(self, key=None, **changes):
        return self.api("POST", "/v1/checkout/sessions", order(**changes), key)

    def session(self, **changes):
        answer = self.create(**changes)
        assert answer.status == 200, answer.body
        return answer.json

    def retrieve(self, session):
        return self.api("GET", "/v1/checkout/sessions/" + session["id"]).json

    def paid_intent(self, **changes):
        return self.control(f"sessions/{self.session(**changes)['id']}/pay", {})["payment_intent"]

    def wait_for_types(self, *types):
        return wait_for(lambda: self.receiver.types == list(types) and types,
                        f"{types}, have {self.receiver.types}")

    def paystack(self, method, path, body=None, timeout=DEADLINE_S, **headers):
        headers.setdefault("Authorization", "Bearer " + PAYSTACK_SECRET_KEY)
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        return self.request(method, path, body, headers, timeout)

    def sessions_made(self):
        return self.control("ledger")["sessions"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(DEADLINE_S) == 0, "".join(self.stderr)


def order(amount=9999, currency="usd", **changes):
    params = {
        "mode": "payment",
        "success_url": "https://shop.example/ok?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.example/cancel",
        "client_reference_id": "abc-123",
        "line_items": [{"quantity": 1, "price_data": {
            "currency": currency, "unit_amount": amount,
            "product_data": {"name": "Order <abc-123> & \"more\""}}}],
        "metadata": {"order_id": "abc-123"},
        "payment_intent_data": {"metadata": {"payment_id": "p1"}},
    }
    params.update(changes)
    return {name: value for name, value in params.items() if value is not None}


def signature_is_right(header, body):
    parts = dict(part.split("=", 1) for part in header.split(","))
    mac = hmac.new(WEBHOOK_SECRET.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest(mac.hexdigest(), parts["v1"]) and \
        abs(time.time() - int(parts["t"])) < 300


def basic(user):
    return "Basic " + base64.b64encode(user.encode()).decode()


@pytest.fixture(scope="session")
def shared():
    receiver, paystack_receiver = Receiver(), Receiver("x-paystack-signature")
    sandbox = Sandbox(receiver, paystack_receiver)
    yield sandbox
    sandbox.stop()
    receiver.shutdown()
    paystack_receiver.shutdown()


@pytest.fixture
def sandbox(shared):
    """The one sandbox, empty again."""
    shared.control("reset", {})
    for provider, receiver in (("stripe", shared.receiver), ("paystack", shared.paystack_receiver)):
        receiver.next_turn()
        shared.control("webhooks/settings", {"provider": provider, "url": receiver.url})
    return shared
