#!/usr/bin/python3
"""A provider that takes its time: how many checkouts a pool gets done, what a worker costs, what others feel.

    slow.py PREFIX [--pools 8,16,...] [--latencies 300,2000] [--turns N] [--pgbouncer CONNECTIONS]

The sandbox answers after a latency; as many clients as the pool has workers check out, and meanwhile
two others read payment-status from the fast pool. Ideal is workers / latency, whole turns of the pool.
"pg ms" is what the pool's backends compute for a checkout, "pg MiB" the memory of all of them together.
With --pgbouncer each pool is measured a second time, sharing so many CONNECTIONS of PostgreSQL's (1.21 or later).
"""
import argparse
import math
import os
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
from clients import run_wrk  # noqa: E402
from payapi_instance import wait_until  # noqa: E402
from pgbouncer import PgBouncer  # noqa: E402
from side import Side  # noqa: E402

READERS = 2
SECONDS_MIN = 10
WARM_S, WARM_MS = 3, 300        # each worker has made some checkouts: its statements are prepared and planned


class SlowProvider:
    def __init__(self, prefix, turns):
        self.side = Side(prefix, quick=True)
        self.turns = turns
        self.slices = []
        self.pgbouncer = None
        self.checkout, _, self.status = self.side.kinds[:3]

    def resize(self, workers):
        """./dev up again with another pool: nginx' limit and the pool follow."""
        self.go_direct()
        self.side.payapi.environment["PROVIDER_WORKERS"] = str(workers)
        self.side.payapi.up()
        self.side.payapi.webhook_settings(delivery="off")
        wait_until(lambda: len(self.side.payapi.worker_pids("provider")) == workers, what=f"{workers} workers")
        self.warm_up(workers)

    def warm_up(self, workers):
        self.answer_after(WARM_MS)
        self.check_out(self.checkouts(workers * (WARM_S * 1000 // WARM_MS + 64)), workers, WARM_S)

    def share(self, connections, workers):
        """PgBouncer between the workers and PostgreSQL, until go_direct."""
        folder = Path(tempfile.mkdtemp(prefix="pgbouncer-", dir=self.side.folder.name))
        as_user = "payapi" if os.geteuid() == 0 else None
        for path in (folder, folder.parent):
            path.chmod(0o777)
        self.pgbouncer = PgBouncer(self.side.payapi, folder, connections, as_user)
        self.pgbouncer.start()
        self.pgbouncer.reload_the_workers()
        self.warm_up(workers)

    def go_direct(self):
        """The workers connect to PostgreSQL itself from their next start on."""
        if self.pgbouncer:
            self.side.payapi.dev("down")
            self.pgbouncer.kill()
            self.pgbouncer = None

    def answer_after(self, latency_ms):
        self.side.payapi.clear_faults()
        self.side.payapi.fault("latency", times=-1, latency_ms=latency_ms)

    def checkouts(self, count):
        return [self.checkout.request(number) for number in self.side.rows.fill("order", count)]

    def check_out(self, checkouts, workers, seconds):
        told = run_wrk(self.side.folder.name, self.side.payapi.port, checkouts, seconds, workers)
        assert told["failed"] == 0, told
        return told

    def measure(self, workers, latency_ms):
        payapi = self.side.payapi
        self.answer_after(latency_ms)
        turns = max(self.turns, SECONDS_MIN * 1000 // latency_ms)
        seconds = math.ceil((turns + 0.5) * latency_ms / 1000)
        ideal = workers * (seconds * 1000 // latency_ms) / seconds
        checkouts = self.checkouts(int(ideal * (seconds + 2)) + 64 * workers)
        reads = [self.status.request(number) for number in self.side.completed]
        found, backends = {}, self.backends()
        computed_s = sum(map(machine.cpu_of, backends))
        reader = threading.Thread(target=lambda: found.update(run_wrk(
            self.reads_folder, payapi.port, reads, seconds, READERS)))
        with machine.Slice(self.side.parts) as slice_:
            reader.start()
            told = self.check_out(checkouts, workers, seconds)
            reader.join()
        self.slices.append(slice_)
        assert found["failed"] == 0, found
        rate = told["requests"] / told["seconds"]
        return {"rate": rate, "ideal": ideal, "p99_ms": told["p99_ms"], "reads_p99_ms": found["p99_ms"],
                "reads": found["requests"] / found["seconds"],
                "pg_ms": 1000 * (sum(map(machine.cpu_of, backends)) - computed_s) / told["requests"],
                **self.memory(backends)}

    @property
    def reads_folder(self):
        folder = Path(self.side.folder.name) / "reads"
        folder.mkdir(exist_ok=True)
        return folder

    def backends(self):
        """The provider pool's; behind PgBouncer those of both pools."""
        pool = "" if self.pgbouncer else " AND application_name LIKE '%%provider%%'"
        return [pid for (pid,) in self.side.payapi.rows(
            "SELECT pid FROM pg_stat_activity WHERE usename = 'payapi'" + pool)]

    def memory(self, backends):
        backend_kib = machine.mean(machine.pss_kib(pid) for pid in backends)
        return {"worker_kib": machine.mean(map(machine.pss_kib, self.side.payapi.worker_pids("provider"))),
                "backend_kib": backend_kib,
                "backends_mib": None if backend_kib is None else backend_kib * len(backends) / 1024}


def show(value):
    return "-" if value is None else f"{value:.0f}"


def print_row(slow, workers, latency_ms):
    row = slow.measure(workers, latency_ms)
    print(f"{'pgbouncer' if slow.pgbouncer else 'direct':9} {latency_ms:5} ms {workers:7} {row['rate']:11.1f}"
          f" {row['ideal']:6.1f} {row['rate'] / row['ideal']:5.2f} {row['p99_ms']:7.0f} {row['reads']:7.0f}"
          f" {row['reads_p99_ms']:9.1f} {show(row['worker_kib']):>10} {show(row['backend_kib']):>14}"
          f" {show(row['backends_mib']):>6} {row['pg_ms']:5.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix")
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--pools", default="8,16,32,64,128")
    parser.add_argument("--latencies", default="300,2000")
    parser.add_argument("--pgbouncer", type=int, metavar="CONNECTIONS")
    options = parser.parse_args()

    slow = SlowProvider(options.prefix, options.turns)
    print(f"{'':9} {'latency':>8} {'workers':>7} {'checkouts/s':>11} {'ideal':>6} {'ratio':>5} {'p99 ms':>7}"
          f" {'reads/s':>7} {'reads p99':>9} {'KiB/worker':>10} {'KiB/connection':>14} {'pg MiB':>6} {'pg ms':>5}")
    try:
        slow.side.up()
        for workers in map(int, options.pools.split(",")):
            slow.resize(workers)
            for latency_ms in map(int, options.latencies.split(",")):
                print_row(slow, workers, latency_ms)
            if options.pgbouncer:
                slow.share(options.pgbouncer, workers)
                for latency_ms in map(int, options.latencies.split(",")):
                    print_row(slow, workers, latency_ms)
        print(machine.verdict(slow.slices)[0])
    finally:
        if slow.pgbouncer:
            slow.pgbouncer.kill()
        slow.side.down()


if __name__ == "__main__":
    main()
