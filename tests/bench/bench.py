#!/usr/bin/python3
"""How fast, next to what is possible: one table of requests, each beside its three ceilings.

    bench.py PREFIX [--quick] [--json FILE] [--markdown FILE] [--against PREFIX] [--rounds N] [--seconds N]

For each kind of request four slices alternate: the product under wrk; "own SQL", pgbench with the very
statements of that request; "least SQL", pgbench with the fewest rows that any such API writes; nginx with an
empty FastCGI worker. Own SQL rises and falls with the product's statements, least SQL does not. Medians, and
the spread of the product's rounds. With --against, slices of the other build take the ceilings' place.
"""
import argparse
import importlib.util
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
from clients import CONNECTIONS, EmptySite, run_wrk  # noqa: E402
from least import Least  # noqa: E402
from markdown_table import table  # noqa: E402
from side import Side  # noqa: E402

COLUMNS = [("request", -20), ("req/s", 7), ("±%", 4), ("p50ms", 7), ("p99ms", 7), ("nginx", 6), ("worker", 6),
           ("pg", 6), ("sandb", 6), ("trips", 5), ("comm", 4), ("PSSk", 5), ("own SQL", 7), ("of it", 5),
           ("least SQL", 9), ("of it", 5), ("empty", 7), ("of it", 5), ("CPU x", 5)]


def median(values):
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def spread(values):
    """Half the distance between best and worst, in percent of the median."""
    return 50 * (max(values) - min(values)) / statistics.median(values)


def shown(value, digits=0):
    return "-" if value is None else f"{value:.{digits}f}"


def line(cells):
    return " ".join(f"{cell:{'<' if width < 0 else '>'}{abs(width)}}" for cell, (_, width) in zip(cells, COLUMNS))


def other_side(options):
    """Another commit's programs have its schema, so its rows are made by its rows.py, in the tree beside them."""
    found = importlib.util.spec_from_file_location(
        "other_rows", Path(options.against).parent / "tree" / "tests" / "bench" / "rows.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return Side(options.against, options.quick, rows=module.Rows)


class Bench:
    def __init__(self, options):
        self.options = options
        self.slices = []
        self.failed = 0
        self.side = Side(options.prefix, options.quick)
        self.other = other_side(options) if options.against else None

    def run(self):
        self.empty = None
        try:
            self.side.up()
            self.side.record()
            if self.other:
                self.other.up()
                rows = [self.compare(*pair) for pair in self.rounds(self.other_rounds)]
            else:
                self.empty = EmptySite(self.side.payapi.settings)
                self.least = Least(self.side)
                rows = [self.row(*pair) for pair in self.rounds(self.ceiling_rounds)]
            return rows
        finally:
            for each in filter(None, (self.empty, self.other, self.side)):
                each.down()

    def rounds(self, measure):
        """[(kind, [what one round measured, ...])]: all kinds, then all kinds again."""
        found = {kind: [] for kind in self.side.kinds}
        for _ in range(self.options.rounds):
            for kind in self.side.kinds:
                found[kind].append(measure(kind))
        return found.items()

    def take(self, told, slice_):
        self.slices.append(slice_)
        if isinstance(told, dict):
            self.failed += told["failed"]
        return told

    # --- Beside the ceilings ------------------------------------------------------------------------
    def ceiling_rounds(self, kind):
        ours = [pid for pids in self.empty.parts.values() for pid in pids]
        return (self.take(*self.side.load(kind, self.options.seconds, ours)),
                self.take(*self.side.ceiling(kind, self.options.seconds, ours)),
                self.take(*self.least.load(kind, self.options.seconds, ours)),
                self.take(*self.empty_slice(kind)))

    def empty_slice(self, kind):
        numbers = kind.shared()[:500]
        ours = [pid for pids in self.side.parts.values() for pid in pids]
        with machine.Slice(self.empty.parts, ours) as slice_:
            told = run_wrk(self.side.folder.name, self.empty.port, [kind.request(n) for n in numbers],
                           self.options.seconds)
        told["rate"] = told["requests"] / told["seconds"]
        told["cpu_ms"] = {part: 1000 * spent / told["requests"] for part, spent in slice_.cpu.items()}
        return told, slice_

    def row(self, kind, rounds):
        loads, own, least, empties = zip(*rounds)
        row = self.figures(kind, loads)
        row["own_sql_per_s"], row["least_sql_per_s"] = median(own), median(least)
        row["empty_per_s"] = median(each["rate"] for each in empties)
        row["empty_worker_cpu_ms"] = median(each["cpu_ms"]["workers"] for each in empties)
        row["of_own_sql"] = median(load["rate"] / rate for load, rate in zip(loads, own))
        row["of_least_sql"] = median(load["rate"] / rate for load, rate in zip(loads, least))
        row["of_empty"] = median(load["rate"] / empty["rate"] for load, empty in zip(loads, empties))
        row["worker_cpu_times_empty"] = median(
            load["cpu_ms"]["workers"] / empty["cpu_ms"]["workers"] for load, empty in zip(loads, empties))
        return row

    def figures(self, kind, loads):
        return {"request": kind.name, "per_s": median(load["rate"] for load in loads),
                "spread_percent": spread([load["rate"] for load in loads]),
                "p50_ms": median(load["p50_ms"] for load in loads), "p99_ms": median(load["p99_ms"] for load in loads),
                "cpu_ms": {part: median(load["cpu_ms"][part] for load in loads) for part in loads[0]["cpu_ms"]},
                "round_trips": len(self.side.recorded[kind.name]), "commits": self.side.written[kind.name]["commit"],
                "pss_kib": median(load["pss_kib"] for load in loads),
                "failed": sum(load["failed"] for load in loads)}

    # --- Beside another build -----------------------------------------------------------------------
    def other_rounds(self, kind):
        own, others = ([pid for pids in side.parts.values() for pid in pids] for side in (self.side, self.other))
        twin = next(each for each in self.other.kinds if each.name == kind.name)
        return (self.take(*self.side.load(kind, self.options.seconds, others)),
                self.take(*self.other.load(twin, self.options.seconds, own)))

    def compare(self, kind, rounds):
        loads, others = zip(*rounds)
        row = self.figures(kind, loads)
        row["other_per_s"] = median(other["rate"] for other in others)
        row["of_other"] = median(load["rate"] / other["rate"] for load, other in zip(loads, others))
        for part, name in (("workers", "worker_cpu_of_other"), ("PostgreSQL", "pg_cpu_of_other")):
            row[name] = median(load["cpu_ms"][part] / other["cpu_ms"][part] for load, other in zip(loads, others))
        row["p99_of_other"] = median(load["p99_ms"] / other["p99_ms"] for load, other in zip(loads, others))
        return row


def print_ceilings(rows):
    print(f"{CONNECTIONS} connections; CPU in ms per request; CPU x: worker CPU as a multiple of the empty worker's")
    print(line([title for title, _ in COLUMNS]))
    for row in rows:
        cpu = row["cpu_ms"]
        print(line([row["request"], shown(row["per_s"]), shown(row["spread_percent"]), shown(row["p50_ms"], 2),
                    shown(row["p99_ms"], 1), shown(cpu["nginx"], 3), shown(cpu["workers"], 3),
                    shown(cpu["PostgreSQL"], 3), shown(cpu["sandbox"], 3), shown(row["round_trips"]),
                    shown(row["commits"]), shown(row["pss_kib"]), shown(row["own_sql_per_s"]),
                    shown(row["of_own_sql"], 2), shown(row["least_sql_per_s"]), shown(row["of_least_sql"], 2), shown(row["empty_per_s"]), shown(row["of_empty"], 2),
                    shown(row["worker_cpu_times_empty"], 1)]))


# What docs/performance.md has.
DOCUMENT = [("request", lambda row: row["request"]),
            ("per second", lambda row: f"{row['per_s']:,.0f}"),
            ("of least SQL", lambda row: shown(row["of_least_sql"], 2)),
            ("of own SQL", lambda row: shown(row["of_own_sql"], 2)),
            ("of the empty workers", lambda row: shown(row["of_empty"], 2)),
            ("p50, p99 ms", lambda row: f"{row['p50_ms']:.1f}, {row['p99_ms']:.1f}"),
            ("CPU ms: nginx, worker, PostgreSQL", lambda row: ", ".join(
                shown(row["cpu_ms"][part], 2) for part in ("nginx", "workers", "PostgreSQL")))]


def print_comparison(rows):
    print(f"{'request':20} {'req/s':>7} {'other':>7} {'ratio':>6} {'worker CPU':>10} {'pg CPU':>6} {'p99':>6}")
    for row in rows:
        print(f"{row['request']:20} {row['per_s']:7.0f} {row['other_per_s']:7.0f} {row['of_other']:6.2f}"
              f" {row['worker_cpu_of_other']:10.2f} {row['pg_cpu_of_other']:6.2f} {row['p99_of_other']:6.2f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix")
    parser.add_argument("--quick", action="store_true", help="one round of short slices: does everything work?")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--markdown", type=Path, help="the table beside the ceilings, for a document")
    parser.add_argument("--against", metavar="PREFIX")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=int)
    options = parser.parse_args()
    options.rounds = options.rounds or (1 if options.quick else 5)
    options.seconds = options.seconds or (1 if options.quick else 4)

    bench = Bench(options)
    rows = bench.run()
    (print_comparison if options.against else print_ceilings)(rows)
    told, disturbed = machine.verdict(bench.slices)
    print(told)
    if options.json:
        Path(options.json).write_text(json.dumps({"rows": rows, "machine": told, "disturbed": disturbed}, indent=1))
    if options.markdown and not options.against:
        where = f"{machine.name()}, {CONNECTIONS} connections; {told}."
        options.markdown.write_text(f"{where}\n\n{table(DOCUMENT, rows)}\n")
    if bench.failed:
        sys.exit(f"{bench.failed} requests failed: these figures do not count")


if __name__ == "__main__":
    main()
