"""What one request costs PostgreSQL in things that can be counted: the same on a busy machine and an idle one.

Statements are counted in the server's log, with BEGIN and COMMIT, without those of triggers; rows, index
entries, row locks, commits and bytes in the write-ahead log. Bytes are without images of whole pages, because
those depend on how long ago the last checkpoint was.
"""
import re
import subprocess
from collections import Counter
from pathlib import Path

from payapi_instance import wait_until

WARM_UP = 4                     # requests by which each worker has connected and prepared
RECORD = re.compile(r"^rmgr: (\w+) +len \(rec/tot\): +(\d+)/.* desc: (\w+)")
RELATION = re.compile(r"rel \d+/\d+/(\d+)")
STATEMENT = re.compile(r" payapi LOG:  duration: [0-9.]+ ms  (?:execute|statement)")
HEAP = {"INSERT": "inserts", "UPDATE": "updates", "HOT_UPDATE": "updates", "DELETE": "deletes", "LOCK": "row_locks"}
NEW_ENTRY = re.compile(r"INSERT_(LEAF|POST)|SPLIT_")
COUNTED = ["statements", "inserts", "updates", "deletes", "index_entries", "row_locks", "commits", "wal_bytes"]


class Footprint:
    """server: an Instance with a PostgreSQL; connect() leads to the database with the tables."""

    def __init__(self, server, connect):
        self.server = server
        self.connect = connect
        self.log = server.var / "var" / "log" / "postgres.log"

    def __enter__(self):
        self.log_statements("0")
        relations = self.ask("SELECT pg_relation_filenode(oid) FROM pg_class WHERE relkind IN ('r', 'i')"
                             " AND relnamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('payapi', 'public'))")
        self.relations = {str(node) for (node,) in relations}
        return self

    def __exit__(self, *_):
        self.log_statements("-1")

    def log_statements(self, limit_ms):
        self.ask(f"ALTER SYSTEM SET log_min_duration_statement = {limit_ms}")
        self.ask("SELECT pg_reload_conf()")
        wait_until(lambda: self.ask("SHOW log_min_duration_statement")[0][0] == limit_ms, 20, "the new setting")

    def ask(self, sql):
        connection = self.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            found = cursor.fetchall() if cursor.description else []
        connection.close()
        return found

    def of(self, side, kind, count):
        """{what was counted: per request}"""
        numbers = list(kind.numbers(count + WARM_UP) if kind.stage else kind.shared()[:count + WARM_UP])
        requests = [kind.request(number) for number in numbers]
        for request in requests[:WARM_UP]:
            side.send(request)
        told, begin = self.log.stat().st_size, self.ask("SELECT pg_current_wal_insert_lsn()")[0][0]
        for request in requests[WARM_UP:]:
            side.send(request)
        end = self.ask("SELECT pg_current_wal_flush_lsn()")[0][0]
        found = self.written(begin, end)
        with self.log.open("rb") as log:
            log.seek(told)
            found["statements"] = len(STATEMENT.findall(log.read().decode(errors="replace")))
        return {name: found[name] / count for name in COUNTED}

    def written(self, begin, end):
        """The counts between two places of the log; of our tables and their indexes alone."""
        binary = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_waldump"))[-1]
        dump = subprocess.run([binary, "-p", self.server.var / "var" / "db" / "pg_wal", "-s", begin, "-e", end],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
        counts = Counter()
        for line in dump.splitlines():
            manager, size, what = RECORD.match(line).groups()
            relation = RELATION.search(line)
            if manager == "Transaction" and what == "COMMIT":
                counts["commits"] += 1
            elif not relation or relation[1] not in self.relations:
                continue
            elif manager == "Heap" and what in HEAP:
                counts[HEAP[what]] += 1
            elif manager == "Btree" and NEW_ENTRY.match(what):
                counts["index_entries"] += 1
            counts["wal_bytes"] += int(size)
        return counts
