#!/usr/bin/python3
"""What a worker's memory does in its life: private memory after ever more requests of every kind.

    memory.py PREFIX [REQUESTS]         default 1,000,000 of one worker of the fast pool

One worker a pool and no recycling. The fast one gets reads, lists, problems and webhooks in turn; the provider
one replays, a tenth as many.
"""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
from clients import as_service, run_wrk  # noqa: E402
from kinds import Replay, Status, Transactions, Webhook  # noqa: E402
from payapi_instance import wait_until  # noqa: E402
from side import Side  # noqa: E402

SETTINGS = {"FAST_WORKERS": "1", "PROVIDER_WORKERS": "1"}
RECYCLE = "100000000"
SLICE_S = 5
STEPS = 10


def start_for_life(side, pool):
    """The pool once more, with a worker that is not replaced after so many requests."""
    payapi = side.payapi
    master, socket = payapi.master_pid(pool), Path(payapi.settings["DATABASE_HOST"]) / f"{pool}.sock"
    os.kill(master, signal.SIGTERM)
    wait_until(lambda: not Path(f"/proc/{master}").exists(), what=f"the end of the {pool} pool")
    socket.unlink()
    program = Path(payapi.settings["VAR_DIR"]) / "inst" / "sbin" / "payapi-worker"
    started = subprocess.Popen(as_service([
        "spawn-fcgi", "-n", "-s", str(socket), "-M", "0600", "-b", "128", "--", str(program), "--pool", pool,
        "--workers", "1", "--recycle", RECYCLE, "--config", f"{payapi.settings['VAR_DIR']}/payapi.env"]),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
    wait_until(lambda: machine.families([started.pid])[started.pid][1:], what=f"a worker of {pool}")
    return started, machine.families([started.pid])[started.pid][1]


class Life:
    def __init__(self, side, pool, requests, provoked=0):
        """provoked: how many of the requests are answered with a problem."""
        self.side, self.pool, self.requests, self.provoked = side, pool, requests, provoked
        self.master, self.pid = start_for_life(side, pool)
        self.served = 0

    def live(self, count):
        until = self.served + count
        while self.served < until:
            told = run_wrk(self.side.folder.name, self.side.payapi.port, self.requests, SLICE_S)
            self.served += told["requests"]
            problems = told["failed"] / told["requests"]
            assert problems <= 1.1 * self.provoked / len(self.requests), told
        assert self.pid in machine.families([self.master.pid])[self.master.pid]
        print(f"{self.pool:9} {self.served:9} {machine.private_kib(self.pid):12} {machine.pss_kib(self.pid):9}",
              flush=True)


def fast_requests(side):
    by_type = {type(kind): kind for kind in side.kinds}
    paid = side.completed[:2000]
    reads = [by_type[Status].request(number) for number in paid]
    lists = [by_type[Transactions].request(number) for number in paid[:500]]
    foreign = [("GET", "/api/v1/orders/nobody/payment-status", None, {}, by_type[Status].user())] * 100
    events = [by_type[Webhook].request(number) for number in side.rows.fill("processing", 500)]
    return [each for group in zip(reads[::4], reads[1::4], reads[2::4], lists, events) for each in group] + foreign


def main():
    side = Side(sys.argv[1], quick=True, settings=SETTINGS)
    total = int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
    began = time.monotonic()
    try:
        side.up()
        replay = next(kind for kind in side.kinds if isinstance(kind, Replay))
        lives = [(Life(side, "fast", fast_requests(side), provoked=100), total),
                 (Life(side, "provider", [replay.request(number) for number in replay.shared()]), total // 10)]
        print(f"{'pool':9} {'requests':>9} {'private KiB':>12} {'PSS KiB':>9}")
        for life, count in lives:
            for _ in range(STEPS):
                life.live(count // STEPS)
        print(f"in {time.monotonic() - began:.0f} s")
        for life, _ in lives:
            life.master.terminate()
            life.master.wait()
    finally:
        side.down()


if __name__ == "__main__":
    main()
