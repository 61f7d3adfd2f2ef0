"""The provider of a benchmark: payapi-sandbox on a port of its own, keeping nothing.

./dev's sandbox writes its state to a file whenever it has changed: all payments that it ever had, twice a
second, with fsync. After thousands of them that would be most of what is measured.
"""
import os
import signal
import subprocess
import urllib.parse
from pathlib import Path

from clients import as_service
from payapi_instance import Connection, wait_until

SECRET_KEY = "sk_test_of-the-benchmark"
WEBHOOK_SECRET = "whsec_of-the-benchmark"


class Provider:
    def __init__(self, prefix, port):
        self.url = f"http://127.0.0.1:{port}"
        self.settings = {"STRIPE_API_BASE": self.url, "STRIPE_SECRET_KEY": SECRET_KEY,
                         "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET}
        self.process = subprocess.Popen(
            as_service([str(Path(prefix) / "bin" / "payapi-sandbox"), "--listen", f"127.0.0.1:{port}"]), cwd="/",
            env={"PATH": os.environ["PATH"], **self.settings}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.connection = Connection(port)
        wait_until(self.answers, 20, "the sandbox")
        self.control("webhooks/settings", {"delivery": "off"})
        self.prepared = 0               # payments that were made here, not by a checkout

    def answers(self):
        try:
            return self.connection.request("GET", "/_sandbox/health").status == 200
        except OSError:
            assert self.process.poll() is None, "the sandbox has ended"
            return False

    def ask(self, *request, **options):
        try:
            answer = self.connection.request(*request, **options)
        except ConnectionError:                         # it closes connections that have rested
            answer = self.connection.request(*request, **options)
        assert answer.status < 300, answer
        return answer.json

    def control(self, act, body):
        return self.ask("POST", "/_sandbox/" + act, body)

    def paid_intent(self, bill):
        """A payment that only the provider knows so far."""
        form = urllib.parse.urlencode(bill).encode()
        session = self.ask("POST", "/v1/checkout/sessions", form, token=SECRET_KEY,
                           headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.prepared += 1
        return self.control(f"sessions/{session['id']}/pay", {})["payment_intent"]

    def books(self):
        """What it was asked to do: {"sessions": so many, "refunds": so many, "refunded_minor": their sum}."""
        ledger = self.ask("GET", "/_sandbox/ledger")
        refunds = [refund["amount"] for refund in ledger["refunds"] if refund["status"] == "succeeded"]
        return {"sessions": ledger["sessions"] - self.prepared, "refunds": len(refunds), "refunded_minor": sum(refunds)}

    def down(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
