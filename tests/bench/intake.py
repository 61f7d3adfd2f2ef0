#!/usr/bin/python3
"""Webhook intake: events per second end to end, and how long each takes at half of that.

    intake.py PREFIX

Each event captures a payment of its own; wrk runs on the same machine.
"""
import os
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parents[1] / "support")]

import side as sides  # noqa: E402
from kinds import Webhook  # noqa: E402
from clients import CONNECTIONS, run_wrk  # noqa: E402

SECONDS = 5


def commits(payapi):
    return payapi.row("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")[0]


def measure(side, name, rate, pause_ms=0):
    """rate: events per second to prepare for."""
    os.environ["BENCH_PAUSE_MS"] = str(pause_ms)
    events = [side.kinds[0].request(n) for n in side.rows.fill("processing", int(rate * (SECONDS + 1)))]
    before = commits(side.payapi)
    told = run_wrk(side.folder.name, side.payapi.port, events, SECONDS)
    made = commits(side.payapi) - before
    reached = told["requests"] / told["seconds"]
    print(f"{name}: {reached:.0f} events/s, p50 {told['p50_ms']:.1f} ms, p99 {told['p99_ms']:.1f} ms,"
          f" {made / told['requests']:.2f} commits each, {told['failed']} failed, load {os.getloadavg()[0]:.1f}")
    return reached


def main():
    sides.KINDS[:] = [Webhook]
    side = sides.Side(sys.argv[1], quick=True)
    try:
        side.up()
        rate = measure(side, "warming up", 2500)
        rate = measure(side, "full", rate * 2)
        measure(side, "half", rate, pause_ms=2000 * CONNECTIONS / rate)
    finally:
        side.down()


main()
