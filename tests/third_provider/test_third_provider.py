"""A third provider in a copy of the tree: its adapter, rows in providers.def and one in SQL are enough.

README.md beside this is the recipe; what it says is what the fixture `tree` does.
"""
import hashlib
import hmac
import http.server
import importlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import threading

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEY = "acme_test_0123456789"
CC = os.environ.get("CC", "gcc")
NOT_COPIED = shutil.ignore_patterns("build", "var", ".git", "node_modules", "autom4te.cache", "__pycache__")


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The copy, built and installed in inst/."""
    tree = tmp_path_factory.mktemp("acme") / "tree"
    shutil.copytree(ROOT, tree, ignore=NOT_COPIED)
    shutil.copytree(HERE / "acme", tree / "src/infrastructure/providers/acme")
    for patch in ("provider.patch", "database.patch"):
        run("patch", "-p1", "--batch", "-i", str(HERE / patch), cwd=tree)
    run("autoreconf", "--install", cwd=tree)
    run("./configure", "--quiet", "--enable-werror", f"--prefix={tree / 'inst'}", f"CC={CC}", "CFLAGS=-g -O0",
        cwd=tree)
    run("make", "-s", f"-j{os.cpu_count()}", "install", cwd=tree)
    yield tree
    shutil.rmtree(tree.parent)


class Acme(http.server.BaseHTTPRequestHandler):
    """Acme's API: every checkout is open, until it is told to be silent."""
    protocol_version = "HTTP/1.1"
    silent = False
    keys = []

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        length = int(self.headers["Content-Length"] or 0)
        self.rfile.read(length)
        Acme.keys.append(self.headers["Authorization"])
        if Acme.silent:
            self.reply(503, {})
        elif length == 0:
            self.reply(400, {})                 # a probe
        else:
            self.reply(201, {"id": "co_1", "url": "https://pay.acme.example/co_1", "status": "open"})

    def do_GET(self):
        self.reply(200, {"id": "co_1", "url": "https://pay.acme.example/co_1", "status": "open"})

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def acme():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Acme)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def payapi(tree, acme):
    """All three providers are configured: every list of providers is full."""
    os.environ["PAYAPI_PREFIX"] = str(tree / "inst")
    os.environ.pop("CLUSTER_TEMPLATE", None)                # its schema knows two
    sys.path.insert(0, str(tree / "tests/support"))
    instance = importlib.import_module("payapi_instance").Instance(
        "acme", ACME_SECRET_KEY=KEY, ACME_BASE_URL=acme, PROVIDER_BREAKER_FAILURES="2")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


def wait_until(*arguments):
    return importlib.import_module("payapi_instance").wait_until(*arguments)


def check_config(tree, **settings):
    names = {"JWT_SECRET": "x" * 32, "AUTHORSHIP_KEY": "x" * 32, **settings}
    done = subprocess.run([next((tree / "inst").glob("*bin/payapi-admin")), "config", "check"], text=True,
                          env={"PATH": os.environ["PATH"], **names},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout


def deliver(payapi, body, signature=None):
    return payapi.post("/api/v1/webhooks/acme", body, sub=None,
                       headers={"Acme-Signature": signature} if signature else {})


def signed(body):
    return hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


def checkout(payapi, provider):
    order = payapi.create_order()
    return payapi.post(f"/api/v1/orders/{order}/checkout", {"provider": provider},
                       headers={"Idempotency-Key": order})


def health(payapi):
    return payapi.get("/health", sub=None).json["providers"]


def test_configuration(tree):
    alone = {"ACME_SECRET_KEY": KEY}
    assert "ACME_SECRET_KEY: set at least one" in check_config(tree)
    assert "SECRET_KEY is missing" not in check_config(tree, **alone)
    assert "ACME_TIMEOUT_MS must be" in check_config(tree, **alone, ACME_TIMEOUT_MS="99999")
    assert "PAYMENT_PROVIDER" not in check_config(tree, **alone, PAYMENT_PROVIDER="acme")
    assert "PAYMENT_PROVIDER must be" in check_config(tree, **alone, PAYMENT_PROVIDER="stripe")


def test_route_and_signature(payapi):
    event = json.dumps({"id": "ev_1", "type": "nothing.new"}).encode()
    assert deliver(payapi, event).json["type"].endswith("webhook-signature-invalid")
    assert deliver(payapi, event, signed(b"another")).status == 400
    answer = deliver(payapi, event, signed(event))
    assert (answer.status, answer.data) == (200, {"received": True, "outcome": "ignored"})
    assert payapi.post("/api/v1/webhooks/nobody", event, sub=None).status == 404


def test_checkout_and_the_database(payapi):
    answer = checkout(payapi, "acme")
    assert answer.status == 201, answer
    assert answer.data["checkoutUrl"] == "https://pay.acme.example/co_1"
    assert Acme.keys[-1] == f"Bearer {KEY}"
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE provider = 'acme'") == (1,)


def test_lists(payapi):
    for path in ("payments", "transactions", "webhook-events", "reconciliations"):
        assert payapi.get(f"/api/v1/{path}?provider=acme", role="admin").status == 200
        refused = payapi.get(f"/api/v1/{path}?provider=nobody", role="admin")
        assert refused.status == 422 and "stripe paystack acme" in refused.body.decode()
    assert [p["provider"] for p in payapi.get("/api/v1/payments?provider=acme", role="admin").data] == ["acme"]


def test_counters_of_bad_signatures(payapi):
    """Counted in shared memory, in the last place that there is; told when the workers go."""
    assert deliver(payapi, b"{}", "0" * 64).status == 400
    assert {event["provider"] for event in payapi.events("webhook_rejected", "fast")} == {"acme"}
    os.kill(payapi.master_pid("fast"), signal.SIGHUP)
    wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.audit_log WHERE action = 'webhook.rejected'"
                                  " AND actor = 'webhook:acme'") > (0,), 30, "the sums in the audit log")


def test_health_and_breaker(payapi):
    assert health(payapi)["acme"]["status"] == "ok"
    Acme.silent = True
    for _ in range(3):
        checkout(payapi, "acme")
    opened = wait_until(lambda: payapi.events("provider_circuit_open", "provider", "jobs"), 30, "an open circuit")
    assert {event["provider"] for event in opened} == {"acme"}
    assert health(payapi)["acme"]["status"] == "degraded"
    assert health(payapi)["stripe"]["status"] == "ok"
    assert checkout(payapi, "stripe").status == 201
    Acme.silent = False
    wait_until(lambda: health(payapi)["acme"]["status"] == "ok", 90, "the closed circuit")
