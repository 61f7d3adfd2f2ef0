"""What the program says to PostgreSQL: a proxy on the server's socket that writes the statements down.

While the block runs, the server's socket has another name and ours stands in its place; workers are
replaced twice, so that they connect to us and afterwards to the server again.
Source: PostgreSQL 15 manual, 55.7 Message Formats.
"""
import os
import re
import signal
import socket
import struct
import subprocess
import threading
from collections import Counter
from pathlib import Path

from payapi_instance import wait_until

BINARY = 1


class Statement:
    """One execution: the text that was prepared, and the parameters (None is null, bytes is bytea)."""

    def __init__(self, sql, parameters):
        self.sql = sql
        self.parameters = parameters


class Recorder:
    def __init__(self, payapi):
        self.payapi = payapi
        self.path = Path(payapi.settings["DATABASE_HOST"]) / ".s.PGSQL.5432"
        self.real = self.path.with_name("recorded")
        self.lock = threading.Lock()
        self.trips = [[]]               # of the request under way; the last is not sent yet
        self.connections = 0

    def __enter__(self):
        self.others = [self.payapi.master_pid(program) for program in ("jobs", "deliver")]
        for pid in self.others:
            os.kill(pid, signal.SIGSTOP)
        self.path.rename(self.real)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.path))
        self.path.chmod(0o777)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()
        replace_workers(self.payapi)
        return self

    def __exit__(self, *_):
        self.listener.close()
        self.path.unlink()
        self.real.rename(self.path)
        replace_workers(self.payapi)
        for pid in self.others:
            os.kill(pid, signal.SIGCONT)

    def record(self, request):
        """The round trips of one request, each a list of statements; and the rows that it wrote."""
        request()                       # a worker's first one connects
        with self.lock:
            self.trips = [[]]
        before = wal_position(self.payapi)
        request()
        with self.lock:
            return self.trips[:-1], rows_written(self.payapi, before)

    # --- Between worker and server ------------------------------------------------------------
    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self.real))
            threading.Thread(target=self.forward, args=(client, server), daemon=True).start()
            threading.Thread(target=copy, args=(server, client), daemon=True).start()

    def forward(self, client, server):
        prepared, data = {}, b""
        head = 4                        # the first message has no type
        while block := receive(client):
            data += block
            while len(data) >= head and len(data) >= head - 4 + struct.unpack_from("!I", data, head - 4)[0]:
                size = head - 4 + struct.unpack_from("!I", data, head - 4)[0]
                if head == 5:
                    self.note(prepared, data[:1], data[5:size])
                data, head = data[size:], 5
            server.sendall(block)
        server.close()

    def note(self, prepared, kind, body):
        if kind == b"P":
            name, sql, _ = body.split(b"\0", 2)
            prepared[name] = sql.decode()
        elif kind == b"B":
            name, parameters = read_bind(body)
            with self.lock:
                self.trips[-1].append(Statement(prepared[name], parameters))
        elif kind == b"S":
            with self.lock:
                self.trips.append([])


def read_bind(body):
    _, name, rest = body.split(b"\0", 2)
    (count,) = struct.unpack_from("!H", rest)
    formats = struct.unpack_from(f"!{count}H", rest, 2)
    at = 2 + 2 * count
    (count,) = struct.unpack_from("!H", rest, at)
    at += 2
    parameters = []
    for number in range(count):
        (size,) = struct.unpack_from("!i", rest, at)
        value = rest[at + 4:at + 4 + max(size, 0)]
        at += 4 + max(size, 0)
        binary = bool(formats) and formats[min(number, len(formats) - 1)] == BINARY
        parameters.append(None if size < 0 else value if binary else value.decode())
    return name, parameters


def receive(source):
    try:
        return source.recv(65536)
    except OSError:
        return b""


def copy(source, target):
    try:
        while block := receive(source):
            target.sendall(block)
    except OSError:
        pass
    source.close()
    try:
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def replace_workers(payapi):
    for pool in ("fast", "provider"):
        before = set(payapi.worker_pids(pool))
        for pid in before:
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: len(set(payapi.worker_pids(pool)) - before) >= len(before)
                   and not before & set(payapi.worker_pids(pool)), 20, f"new workers of {pool}")


# --- Rows written, from the write-ahead log -----------------------------------------------------------

def wal_position(payapi):
    """Where the next record goes: what was committed without waiting lies before it."""
    return payapi.row("SELECT pg_current_wal_insert_lsn()")[0]


def rows_written(payapi, since):
    """{"payments update": 2, "commit": 1, ...}, our tables only."""
    until = payapi.row("SELECT pg_current_wal_lsn()")[0]
    tables = {str(node): table for node, table in payapi.rows(
        "SELECT pg_relation_filenode(c.oid), relname FROM pg_class AS c"
        " WHERE relnamespace = 'payapi'::regnamespace AND relkind = 'r'")}
    binary = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_waldump"))[-1]
    dump = subprocess.run([binary, "-p", payapi.var / "var" / "db" / "pg_wal", "-s", since, "-e", until],
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    counts = Counter()
    for line in dump.splitlines():
        if re.search(r"rmgr: Transaction .*desc: COMMIT", line):
            counts["commit"] += 1
        elif found := re.search(r"rmgr: Heap .*desc: (?:HOT_)?(INSERT|UPDATE|DELETE).*rel \d+/\d+/(\d+)", line):
            if found[2] in tables:
                counts[f"{tables[found[2]]} {found[1].lower()}"] += 1
    return counts
