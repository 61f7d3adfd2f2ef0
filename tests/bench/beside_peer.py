#!/usr/bin/python3
"""payapi beside the usual way to build it: the peer (tests/bench/peer), in the same run, in turns.

    beside_peer.py PREFIX PEER [--quick] [--turns N] [--seconds N] [--json FILE] [--picture FILE] [--markdown FILE]

PEER is the folder where the peer was built. In each turn each kind of request is measured on payapi, on the
peer with Express and on the peer with Fastify. A ratio is payapi's rate divided by the peer's in the same turn;
the median of the turns is shown, with the least and the greatest. Nothing may fail, and afterwards the books of
both must be those of their providers.

On a machine with other work the ratios of rates favour payapi, which has more processes among which the scheduler
shares the processors. The ratios of CPU time per request do not.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
import picture  # noqa: E402
from clients import CONNECTIONS  # noqa: E402
from footprint import Footprint  # noqa: E402
from markdown_table import table  # noqa: E402
from payapi_instance import wait_until  # noqa: E402
from peer_side import VARIANTS, Peer  # noqa: E402
from side import Side  # noqa: E402


def ratio(ours, theirs):
    """Of rates that were measured in turns: {"median", "least", "greatest"} of the turns' quotients."""
    quotients = [our / their for our, their in zip(ours, theirs, strict=True)]
    return {"median": statistics.median(quotients), "least": min(quotients), "greatest": max(quotients)}


def figures(loads):
    """The medians of one side's slices of one kind."""
    return {"per_s": statistics.median(load["rate"] for load in loads),
            "p50_ms": statistics.median(load["p50_ms"] for load in loads),
            "p99_ms": statistics.median(load["p99_ms"] for load in loads),
            "cpu_ms": {part: statistics.median(load["cpu_ms"][part] for load in loads) for part in loads[0]["cpu_ms"]},
            "wal_bytes": statistics.median(load["wal_bytes"] for load in loads),
            "failed": sum(load["failed"] for load in loads)}


WARM_UP_REQUESTS = 4000         # of each kind: V8 compiles what is used often, in each process for itself
WARM_UP_S = 40                  # at most, of each kind


class BesidePeer:
    def __init__(self, options):
        self.options = options
        self.payapi = Side(options.prefix, options.quick)
        self.peer = Peer(options.prefix, options.peer, self.payapi.payapi, options.quick)
        self.sides = {"payapi": self.payapi, **dict(zip(VARIANTS, self.peer.variants))}
        self.slices = []

    def run(self):
        try:
            self.payapi.up()
            self.peer.up()
            self.where = f"{machine.name()}, {versions(self.payapi.payapi)}"
            counts = self.count()
            self.warm_up()
            loads = self.take_turns()
            self.compare_books(loads)
        finally:
            self.peer.down()
            self.payapi.down()
        return [self.row(kind.name, loads, counts) for kind in self.payapi.kinds]

    # --- Turns ------------------------------------------------------------------------------------
    def warm_up(self):
        """Of the peer, whose code is compiled while it runs."""
        for name in VARIANTS if not self.options.quick else ():
            for number in range(len(self.payapi.kinds)):
                served, seconds = 0, 0
                while served < WARM_UP_REQUESTS and seconds < WARM_UP_S:
                    served += self.load(name, number)["requests"]
                    seconds += self.options.seconds
            print(f"{name} is warm", file=sys.stderr, flush=True)
        self.slices.clear()

    def take_turns(self):
        """{(side, kind): [what a slice told, ...]}"""
        found = {}
        for turn in range(self.options.turns):
            for number, kind in enumerate(self.payapi.kinds):
                for name in self.sides:
                    found.setdefault((name, kind.name), []).append(self.load(name, number))
            print(f"{time.strftime('%H:%M:%S')} turn {turn + 1} of {self.options.turns}", file=sys.stderr, flush=True)
        return found

    def load(self, name, number):
        """payapi's jobs rest while the peer is measured. What they did not do then, they do in payapi's slices."""
        side = self.sides[name]
        ours = [pid for other in self.sides.values() if other is not side
                for pids in other.parts.values() for pid in pids if pid not in sum(side.parts.values(), [])]
        jobs = self.payapi.payapi.master_pid("jobs")
        os.kill(jobs, signal.SIGCONT if side is self.payapi else signal.SIGSTOP)
        try:
            told, slice_ = side.load(side.kinds[number], self.options.seconds, ours)
        finally:
            os.kill(jobs, signal.SIGCONT)
        self.slices.append(slice_)
        return told

    # --- Counts -----------------------------------------------------------------------------------
    def count(self):
        """{kind: {"payapi": its footprint, "peer": the peer's, which is the same with both servers}}"""
        jobs = self.payapi.payapi.master_pid("jobs")
        os.kill(jobs, signal.SIGSTOP)
        try:
            found = {name: self.footprints(*what) for name, what in
                     {"payapi": (self.payapi, self.payapi.payapi, self.payapi.payapi.database),
                      "peer": (self.peer.variants[0], self.peer.server, self.peer.connect)}.items()}
        finally:
            os.kill(jobs, signal.SIGCONT)
        return {kind.name: {name: each[kind.name] for name, each in found.items()} for kind in self.payapi.kinds}

    def footprints(self, side, server, connect):
        with Footprint(server, connect) as footprint:
            return {kind.name: footprint.of(side, kind, 4 if self.options.quick else 20) for kind in side.kinds}

    # --- Books ------------------------------------------------------------------------------------
    def compare_books(self, loads):
        """Requests that wrk left behind still end, so the books agree a little later."""
        for name, kept, provider in (("payapi", self.payapi.books, self.payapi.provider),
                                     ("the peer", self.peer.books, self.peer.provider)):
            wait_until(lambda: kept() == provider.books(), 30, f"the books of {name} to be the provider's, "
                       f"{kept()} and {provider.books()}")
            print(f"books of {name} and its provider agree: {kept()}", file=sys.stderr)
        answered = {name: sum(load["requests"] for load in loads[name, "refund"]) for name in self.sides}
        assert self.payapi.books()["refunds"] >= answered["payapi"]
        assert self.peer.books()["refunds"] >= sum(answered[name] for name in VARIANTS)

    def row(self, kind, loads, counts):
        rates = {name: [load["rate"] for load in loads[name, kind]] for name in self.sides}
        return {"request": kind, "sides": {name: figures(loads[name, kind]) for name in self.sides},
                "ratios": {name: ratio(rates["payapi"], rates[name]) for name in VARIANTS}, "counts": counts[kind]}


# --- What is printed ----------------------------------------------------------------------------------

def shown_ratio(ratio_):
    return f"{ratio_['median']:.1f} ({ratio_['least']:.1f}–{ratio_['greatest']:.1f})"


def cpu_parts(side):
    """[the application's, nginx' where there is one, PostgreSQL's], without the provider's: it is not part of either."""
    return [side["cpu_ms"][part] for part in ("workers", "app", "nginx", "PostgreSQL") if part in side["cpu_ms"]]


def shown_cpu(row, name):
    parts = cpu_parts(row["sides"][name])
    return " + ".join(f"{part:.2f}" for part in parts) + f" = {sum(parts):.2f}"


def shown_cpu_ratio(row, name):
    return f"{sum(cpu_parts(row['sides'][name])) / sum(cpu_parts(row['sides']['payapi'])):.1f}"


def shown_wal(row):
    """payapi (the peer on Express)"""
    return f"{row['sides']['payapi']['wal_bytes']:,.0f} ({row['sides']['express']['wal_bytes']:,.0f})"


def shown_counts(row, *names):
    """payapi (the peer)"""
    def of(side):
        return " + ".join(f"{row['counts'][side][name]:,.0f}" for name in names)
    return f"{of('payapi')} ({of('peer')})"


RATES = [("request", lambda row: row["request"]),
         ("payapi /s", lambda row: f"{row['sides']['payapi']['per_s']:,.0f}"),
         ("Express /s", lambda row: f"{row['sides']['express']['per_s']:,.0f}"),
         ("Fastify /s", lambda row: f"{row['sides']['fastify']['per_s']:,.0f}"),
         ("÷ Express", lambda row: shown_ratio(row["ratios"]["express"])),
         ("÷ Fastify", lambda row: shown_ratio(row["ratios"]["fastify"]))]

CPU = [("request", lambda row: row["request"]),
       ("worker + nginx + PostgreSQL", lambda row: shown_cpu(row, "payapi")),
       ("Express + PostgreSQL", lambda row: shown_cpu(row, "express")),
       ("Fastify + PostgreSQL", lambda row: shown_cpu(row, "fastify")),
       ("Express’s ÷ payapi’s", lambda row: shown_cpu_ratio(row, "express")),
       ("Fastify’s ÷ payapi’s", lambda row: shown_cpu_ratio(row, "fastify"))]

COUNTS = [("request", lambda row: row["request"]),
          ("statements", lambda row: shown_counts(row, "statements")),
          ("inserts + updates", lambda row: shown_counts(row, "inserts", "updates")),
          ("index entries", lambda row: shown_counts(row, "index_entries")),
          ("row locks", lambda row: shown_counts(row, "row_locks")),
          ("commits", lambda row: shown_counts(row, "commits")),
          ("WAL bytes", lambda row: shown_counts(row, "wal_bytes")),
          ("under load, with page images", shown_wal)]


def sentence(rows):
    """For README: the ratios of what writes and of what reads most."""
    shown = {row["request"]: row["ratios"] for row in rows}
    parts = [f"a {name} {shown[name]['express']['median']:.1f} times ({shown[name]['fastify']['median']:.1f} times)"
             for name in ("checkout", "refund", "webhook", "payment-status")]
    return "As fast as the peer with Express (with Fastify): " + ", ".join(parts) + "."


def versions(server):
    node = subprocess.run(["node", "--version"], text=True, stdout=subprocess.PIPE, check=True).stdout.strip("v\n")
    return f"PostgreSQL {server.row('SHOW server_version')[0].split()[0]}, Node.js {node}"


def report(rows, where, told):
    return "\n\n".join([
        f"{where}, {CONNECTIONS} connections; {told}.", sentence(rows),
        table(RATES, rows), "CPU per request, ms:", table(CPU, rows),
        "What PostgreSQL does for a request of payapi (of the peer):", table(COUNTS, rows)]) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix")
    parser.add_argument("peer", help="the folder where the peer was built")
    parser.add_argument("--quick", action="store_true", help="one turn of short slices: does everything work?")
    parser.add_argument("--turns", type=int)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--picture", type=Path, help="an SVG of the ratios with their spread")
    parser.add_argument("--markdown", type=Path, help="what is printed, for a document")
    options = parser.parse_args()
    options.turns = options.turns or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 4)

    bench = BesidePeer(options)
    rows = bench.run()
    told, disturbed = machine.verdict(bench.slices)
    text = report(rows, bench.where, told)
    print(text, end="")
    if options.json:
        options.json.write_text(json.dumps({"rows": rows, "where": bench.where, "machine": told, "disturbed": disturbed}, indent=1))
    if options.markdown:
        options.markdown.write_text(text)
    if options.picture:
        options.picture.write_text(picture.draw(rows, bench.where, disturbed))
    failed = sum(side["failed"] for row in rows for side in row["sides"].values())
    if failed:
        sys.exit(f"{failed} requests failed: these figures do not count")


if __name__ == "__main__":
    main()
