"""Round trips, commits and system calls per request, on an instance of its own. Usage: figures.py PREFIX

Counted from outside: round trips are the flushes of the PostgreSQL backends (sendto, by strace),
commits are PostgreSQL's flushed commit records (WAL, by pg_waldump), system calls are those of the
workers (by strace).
"""
import os
import pathlib
import re
import subprocess
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from payapi_instance import Instance, wait_until  # noqa: E402
from test_webhooks_in import event, intent_of  # noqa: E402

REQUESTS = 20


class Strace:
    """Writes down the system calls of these processes while the block runs."""

    def __init__(self, payapi, pids, name, *options):
        self.pids = [str(pid) for pid in pids]
        self.log = payapi.var / f"strace-{name}.log"
        self.command = ["strace", "-qq", "-f", *options, "-o", self.log, *(a for pid in self.pids for a in ("-p", pid))]

    def __enter__(self):
        self.strace = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        wait_until(lambda: all("TracerPid:\t0" not in pathlib.Path(f"/proc/{p}/status").read_text()
                               for p in self.pids), what="strace to attach")
        return self

    def __exit__(self, *_):
        self.strace.terminate()
        self.strace.wait()
        self.calls = [line for line in self.log.read_text().splitlines() if re.match(r"\d+ +\w+\(", line)]


class Watch:
    """Counts what the workers do, and what their PostgreSQL backends send back, while the block runs."""

    def __init__(self, payapi):
        self.payapi = payapi

    def __enter__(self):
        pids = [str(r[0]) for r in self.payapi.rows(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'payapi'")]
        self.lsn = self.payapi.row("SELECT pg_current_wal_lsn()")[0]
        self.backends = Strace(self.payapi, pids, "backends", "-e", "trace=sendto").__enter__()
        workers = [pid for pool in ("fast", "provider") for pid in self.payapi.worker_pids(pool)]
        self.workers = Strace(self.payapi, workers, "workers").__enter__()
        return self

    def __exit__(self, *_):
        self.backends.__exit__()
        self.workers.__exit__()
        self.calls = len(self.workers.calls)
        self.round_trips = sum(1 for l in self.backends.calls if not re.search(r"sendto\(-?\d+, \"[NS]\"", l))
        end = self.payapi.row("SELECT pg_current_wal_lsn()")[0]
        binary = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_waldump"))[-1]
        wal = self.payapi.var / "var" / "db" / "pg_wal"
        dump = subprocess.run([binary, "-p", wal, "-s", self.lsn, "-e", end, "-r", "Transaction"],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.commits = dump.stdout.count("COMMIT")


def measure(payapi, name, requests):
    with Watch(payapi) as watch:
        for each in requests:
            answer = each()
            assert answer.status < 300, answer
    count = len(requests)
    print(f"{name:28} {watch.round_trips / count:12.2f} {watch.commits / count:9.2f} {watch.calls / count:13.2f}")


def count_round_trips(payapi):
    print(f"{'request':28} {'round trips':>12} {'commits':>9} {'system calls':>13}")
    orders = [payapi.create_order() for _ in range(3 * REQUESTS)]
    plain, keyed, paid = orders[:REQUESTS], orders[REQUESTS:2 * REQUESTS], orders[2 * REQUESTS:]
    measure(payapi, "checkout", [lambda o=o: payapi.checkout(o) for o in plain])
    headers = {o: {"Idempotency-Key": str(uuid.uuid4())} for o in keyed}
    measure(payapi, "checkout with key", [lambda o=o: payapi.checkout(o, headers=headers[o]) for o in keyed])
    measure(payapi, "checkout replayed", [lambda o=o: payapi.checkout(o, headers=headers[o]) for o in keyed])
    payments = [payapi.checkout(o).data for o in paid]
    events = [event("payment_intent.succeeded", intent_of(p)) for p in payments]
    measure(payapi, "webhook", [lambda e=e: payapi.deliver(e) for e in events])
    measure(payapi, "webhook duplicate", [lambda e=e: payapi.deliver(e) for e in events])
    measure(payapi, "payment-status", [lambda o=o: payapi.get(
        f"/api/v1/orders/{o}/payment-status") for o in paid])
    measure(payapi, "orders list", [lambda: payapi.get("/api/v1/orders?limit=20") for _ in paid])
    measure(payapi, "order created", [lambda: payapi.post(
        "/api/v1/orders", {"amount": 5, "currency": "USD"}) for _ in paid])


def main():
    os.environ["PAYAPI_PREFIX"] = sys.argv[1]
    payapi = Instance("figures", FAST_WORKERS="1", PROVIDER_WORKERS="1")
    try:
        payapi.up()
        payapi.webhook_settings(delivery="off")
        payapi.kill_jobs()                  # whose own work would be counted
        count_round_trips(payapi)
    finally:
        payapi.down()


main()
