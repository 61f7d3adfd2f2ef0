#!/usr/bin/python3
"""Do many payments cost more than few? Plans, latencies and sizes at 10,000 payments and at ROWS.

    scale.py PREFIX [ROWS] [--seconds N]        default 10,000,000 payments; about 11 KB of disk each

Each payment has its order, provider call, audit rows, events, charge and webhook event (rows.py).
They lie in TMPDIR.
"""
import argparse
import json
import re
import shutil
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import machine  # noqa: E402
from clients import run_wrk  # noqa: E402
from rows import TABLES  # noqa: E402
from side import Side  # noqa: E402

FEW = 10000
DISK_BYTES_EACH = 12000         # with the write-ahead log
EXECUTIONS = 7                  # after five PostgreSQL may choose a plan for all parameters
ROUNDS = 5
CONNECTIONS = 4
PURGES = ["purge_webhook_bodies", "purge_idempotency_keys"]
PURGED = 100                    # rows at once


class Scale:
    def __init__(self, prefix, seconds):
        self.side = Side(prefix, quick=True)
        self.side.history = FEW
        self.seconds = seconds
        self.slices = []

    def latencies(self):
        """{request: median of the rounds' p50 in ms}"""
        found = {kind.name: [] for kind in self.side.kinds}
        for _ in range(ROUNDS):
            for kind in self.side.kinds:
                requests = self.side.requests(kind, self.seconds)
                with machine.Slice(self.side.parts) as slice_:
                    told = run_wrk(self.side.folder.name, self.side.payapi.port, requests, self.seconds, CONNECTIONS)
                assert told["failed"] == 0, (kind.name, told)
                self.slices.append(slice_)
                found[kind.name].append(told["p50_ms"])
                self.side.rates[kind.name, "product"] = told["requests"] / told["seconds"]
        return {name: statistics.median(values) for name, values in found.items()}

    def purges(self):
        """{function: median ms to purge a batch}"""
        connection = self.side.payapi.database()
        connection.autocommit = True
        found = {function: [] for function in PURGES}
        with connection.cursor() as cursor:
            for _ in range(ROUNDS):
                for function in PURGES:
                    began = time.monotonic()
                    cursor.execute(f"SELECT payapi.{function}(1, {PURGED})")
                    found[function].append(1000 * (time.monotonic() - began))
                    assert cursor.fetchone() == (PURGED,), function
        connection.close()
        return {name: statistics.median(values) for name, values in found.items()}

    # --- Plans --------------------------------------------------------------------------------------
    def plans(self):
        """{(request, statement): nodes and indexes}, of the recorded statements with their parameters."""
        connection = self.side.payapi.database()
        plans = {}
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = payapi, pg_temp; SET enable_seqscan = off")
            for request, trips in self.side.recorded.items():
                for number, statement in enumerate(s for trip in trips for s in trip):
                    if re.match(r"(SELECT|INSERT|UPDATE|WITH)\b", statement.sql):
                        plans[request, number] = plan_of(cursor, statement)
                        connection.rollback()
                        cursor.execute("SET search_path = payapi, pg_temp; SET enable_seqscan = off")
        connection.close()
        return plans

    def sizes(self):
        sql = ("SELECT pg_table_size(%s), pg_indexes_size(%s), (SELECT count(*) FROM pg_index"
               " WHERE indrelid = %s::regclass)")
        return {table: self.side.payapi.row(sql, *["payapi." + table] * 3) for table in TABLES}


def plan_of(cursor, statement):
    values = ", ".join(cursor.mogrify("%s", (value,)).decode() for value in statement.parameters)
    arguments = f"({values})" if values else ""
    cursor.execute("PREPARE planned AS " + statement.sql)
    for _ in range(EXECUTIONS):
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE planned{arguments}")
    shape = nodes(cursor.fetchone()[0][0]["Plan"])
    cursor.execute("DEALLOCATE planned")
    return statement.sql, shape


def nodes(plan):
    """Outermost first. By bitmap or not: the same rows by the same index."""
    name = plan["Node Type"].replace("Bitmap Index", "Index")
    name += " " + plan["Index Name"] if "Index Name" in plan else ""
    return [name] * (name != "Bitmap Heap Scan") + [each for child in plan.get("Plans", []) for each in nodes(child)]


def check_disk(folder, rows):
    free, needed = shutil.disk_usage(folder).free, rows * DISK_BYTES_EACH
    if free < needed:
        sys.exit(f"{rows} payments need about {needed / 1e9:.0f} GB; {free / 1e9:.0f} GB are free")


def print_plans(few, many):
    changed = {name: (few[name], many[name]) for name in few if few[name][1] != many[name][1]}
    print(f"{len(few)} statements planned, {len(changed)} differ")
    for (request, _), ((sql, before), (_, after)) in changed.items():
        print(f"  {request}: {re.sub(' +', ' ', sql)[:90]}\n    few:  {' > '.join(before)}\n    many: {' > '.join(after)}")


def print_sizes(sizes, count):
    print(f"{'table':16} {'bytes/payment':>13} {'in indexes':>10} {'indexes':>7}")
    for table, (heap, indexes, number) in sizes.items():
        print(f"{table:16} {heap / count:13.0f} {indexes / count:10.0f} {number:7}")
    heap, indexes = (sum(each[i] for each in sizes.values()) for i in (0, 1))
    print(f"{'together':16} {heap / count:13.0f} {indexes / count:10.0f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix")
    parser.add_argument("rows", type=int, nargs="?", default=10000000)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()

    scale = Scale(options.prefix, options.seconds)
    check_disk(scale.side.payapi.var, options.rows)
    try:
        scale.side.up()
        scale.side.record()
        few_plans, few = scale.plans(), {**scale.latencies(), **scale.purges()}
        began = time.monotonic()
        scale.side.completed = scale.side.rows.fill("completed", options.rows - FEW)
        scale.side.rows.settle()
        print(f"{options.rows} payments, filled in {time.monotonic() - began:.0f} s")
        many_plans, many = scale.plans(), {**scale.latencies(), **scale.purges()}
        print_plans(few_plans, many_plans)
        print(f"{'request':22} {'few p50':>8} {'many p50':>8} {'ratio':>5}")
        for name in few:
            print(f"{name:22} {few[name]:8.2f} {many[name]:8.2f} {many[name] / few[name]:5.2f}")
        print_sizes(scale.sizes(), scale.side.rows.next)
        print(machine.verdict(scale.slices)[0])
        if options.json:
            Path(options.json).write_text(json.dumps({"few": few, "many": many}))
    finally:
        scale.side.down()


if __name__ == "__main__":
    main()
