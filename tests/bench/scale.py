#!/usr/bin/python3
"""Do many payments cost more than few? Plans, latencies, processor time and sizes at 10,000 payments and at ROWS.

    scale.py PREFIX [ROWS ...] [--seconds N]    default 1,000,000 and 3,000,000 payments

One instance grows from one size to the next. Each payment has its order, provider call, audit rows,
events, charge and webhook event (rows.py): about 11 KB of disk, in TMPDIR. Besides the requests of
the other benchmarks there are lists: of other resources, filtered, half-way down, and for what nobody
has. A request that takes more than LIMIT times as much as with 10,000 payments is marked; the exit
status says so too. On a machine that others use, latencies say little: there the processor time counts.
"""
import argparse
import base64
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
from kinds import Kind  # noqa: E402
from rows import name  # noqa: E402
from side import Side  # noqa: E402

FEW = 10000
MANY = [1000000, 3000000]
LIMIT = 1.2                     # times as much as with few
DISK_BYTES_EACH = 12000         # with the write-ahead log
EXECUTIONS = 7                  # after five PostgreSQL may choose a plan for all parameters
ROUNDS = 5
CONNECTIONS = 4
WORKERS_SETTINGS = ("SET search_path = payapi, pg_temp; SET enable_seqscan = off;"
                    " SET plan_cache_mode = force_generic_plan")
PURGES = ["purge_webhook_bodies", "purge_idempotency_keys"]
PURGED = 100                    # rows at once


# --- Lists -----------------------------------------------------------------------------------------

def cursor(position):
    return "&cursor=" + base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


class ListOf(Kind):
    """deep: the name of the list, and the prefix of its ids, to begin half-way down; None: at the newest."""
    deep = None

    def request(self, number):
        path = self.path
        if self.deep:
            path += cursor(f"{self.deep}:{self.deep}_{name(self.bench.rows.next // 2)}")
        return "GET", "/api/v1/" + path, None, {}, self.admin()


def list_of(label, of_path, of_deep=None):
    return type(label.title().replace(", ", "").replace(" ", ""), (ListOf,),
                {"name": label, "path": of_path, "deep": of_deep})


LISTS = [list_of("payments", "payments?limit=20"),
         list_of("payments, deep", "payments?limit=20", "pay"),
         list_of("payments, by status", "payments?limit=20&status=completed&provider=stripe"),
         list_of("payments, none such", "payments?limit=20&status=refunded"),
         list_of("movements, deep", "transactions?limit=20", "txn"),
         list_of("movements, filtered", "transactions?limit=20&type=charge&currency=USD&provider=stripe", "txn"),
         list_of("movements, none such", "transactions?limit=20&type=dispute"),
         list_of("events, deep", "webhook-events?limit=20&status=processed", "whe"),
         list_of("audit, by action", "audit?limit=20&action=status"),
         list_of("audit, none such", "audit?limit=20&action=reviewed")]


# --- The instance ----------------------------------------------------------------------------------

class Scale:
    def __init__(self, prefix, seconds):
        self.side = Side(prefix, quick=True)
        self.side.history = FEW
        self.side.kinds += [kind(self.side) for kind in LISTS]
        self.seconds = seconds
        self.slices = []

    def grow(self, count):
        """To so many payments; positions half-way down are taken anew."""
        began = time.monotonic()
        before = self.wal_position()
        self.side.completed = self.side.rows.fill("completed", count - self.side.rows.next)
        wal = (self.wal_position() - before) / len(self.side.completed)
        for kind in self.side.kinds:
            if getattr(kind, "deep", False):
                kind.prepare()
        self.side.rows.settle()
        print(f"\n{count} payments, filled in {time.monotonic() - began:.0f} s, {wal:.0f} bytes of WAL each")

    def wal_position(self):
        return int(self.side.payapi.row("SELECT pg_current_wal_insert_lsn() - '0/0'")[0])

    def figures(self):
        """{request: (ms, processor ms, bytes of WAL)}: the median of the rounds' p50, the rest per request."""
        measured = {kind.name: [] for kind in self.side.kinds}
        for _ in range(ROUNDS):
            for kind in self.side.kinds:
                measured[kind.name].append(self.slice_of(kind))
        return {request: tuple(statistics.median(each[i] for each in rounds) for i in range(3))
                for request, rounds in measured.items()}

    def slice_of(self, kind):
        requests = self.side.requests(kind, self.seconds)
        before = self.wal_position()
        with machine.Slice(self.side.parts) as slice_:
            told = run_wrk(self.side.folder.name, self.side.payapi.port, requests, self.seconds, CONNECTIONS)
        assert told["failed"] == 0, (kind.name, told)
        self.slices.append(slice_)
        self.side.rates[kind.name, "product"] = told["requests"] / told["seconds"]
        spent = slice_.cpu["workers"] + slice_.cpu["PostgreSQL"]
        return (told["p50_ms"], 1000 * spent / told["requests"],
                (self.wal_position() - before) / told["requests"])

    def purges(self):
        """{function: (median ms to purge a batch, 0, 0)}"""
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
        return {name: (statistics.median(values), 0, 0) for name, values in found.items()}

    # --- Plans --------------------------------------------------------------------------------------
    def plans(self):
        """{(request, statement): nodes and indexes}, of the recorded statements with their parameters."""
        connection = self.side.payapi.database()
        plans = {}
        with connection.cursor() as cursor:
            cursor.execute(WORKERS_SETTINGS)
            for request, trips in self.side.recorded.items():
                for number, statement in enumerate(s for trip in trips for s in trip):
                    if re.match(r"(SELECT|INSERT|UPDATE|WITH)\b", statement.sql):
                        plans[request, number] = plan_of(cursor, statement)
                        connection.rollback()
                        cursor.execute(WORKERS_SETTINGS)
        connection.close()
        return plans

    def sizes(self):
        """{table: (bytes, bytes of its indexes, number of indexes)}, the largest first."""
        return {table: sizes for table, *sizes in self.side.payapi.rows(
            "SELECT relname, pg_table_size(c.oid), pg_indexes_size(c.oid),"
            "   (SELECT count(*) FROM pg_index WHERE indrelid = c.oid)"
            " FROM pg_class AS c WHERE relnamespace = 'payapi'::regnamespace AND relkind = 'r'"
            " ORDER BY pg_total_relation_size(c.oid) DESC")}


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


def print_figures(few, many, disturbed):
    """The requests that take longer than they may: judged by their latency, or if disturbed by their CPU."""
    slow = []
    print(f"{'request':22} {'few p50':>8} {'many p50':>8} {'ratio':>5} {'few CPU':>8} {'many CPU':>8} {'ratio':>5}"
          f" {'WAL':>7}")
    for request, (p50, spent, _) in few.items():
        many_p50, many_spent, wal = many[request]
        ratio, spent_ratio = many_p50 / p50, many_spent / spent if spent else 0
        if request not in PURGES and (spent_ratio if disturbed else ratio) > LIMIT:
            slow.append(request)
        print(f"{request:22} {p50:8.2f} {many_p50:8.2f} {ratio:5.2f} {spent:8.3f} {many_spent:8.3f} {spent_ratio:5.2f}"
              f" {wal:7.0f}{f'  ABOVE {LIMIT}' if request in slow else ''}")
    return slow


def print_sizes(sizes, count):
    print(f"{'table':24} {'bytes/payment':>13} {'in indexes':>10} {'indexes':>7}")
    for table, (heap, indexes, number) in sizes.items():
        if heap + indexes > count:
            print(f"{table:24} {heap / count:13.0f} {indexes / count:10.0f} {number:7}")
    heap, indexes = (sum(each[i] for each in sizes.values()) for i in (0, 1))
    print(f"{'together':24} {heap / count:13.0f} {indexes / count:10.0f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("prefix")
    parser.add_argument("rows", type=int, nargs="*", default=MANY)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()

    scale = Scale(options.prefix, options.seconds)
    check_disk(scale.side.payapi.var, max(options.rows))
    slow, figures = [], {}
    try:
        scale.side.up()
        scale.side.record()
        few_plans, few = scale.plans(), {**scale.figures(), **scale.purges()}
        figures[FEW] = few
        for count in sorted(options.rows):
            scale.grow(count)
            figures[count] = {**scale.figures(), **scale.purges()}
            print_plans(few_plans, scale.plans())
            verdict, disturbed = machine.verdict(scale.slices)
            slow += [f"{request} at {count}" for request in print_figures(few, figures[count], disturbed)]
            print_sizes(scale.sizes(), scale.side.rows.next)
            print(verdict)
        if options.json:
            Path(options.json).write_text(json.dumps(figures))
    finally:
        scale.side.down()
    if slow:
        sys.exit(f"More than {LIMIT} times as much as with {FEW} payments: {', '.join(slow)}")


if __name__ == "__main__":
    main()
