#!/usr/bin/python3
"""Lists and exports of many transactions: plans, times, and the worker's memory.

    PAYAPI_PREFIX=/usr/local tests/bench/ledger.py [ROWS]       default 1000000

Fills the ledger of an instance of its own by COPY, 10,000 rows at first and then all of them.
"""
import io
import json
import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from payapi_instance import Instance  # noqa: E402

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ADMIN = {"sub": "root", "role": "admin"}
URL = "/api/v1/transactions"
LIST = """PREPARE list AS SELECT t.* FROM transactions AS t
 WHERE ($1::text IS NULL OR t.payment_id = $1) AND ($2::text IS NULL OR t.order_id = $2)
   AND ($3::text IS NULL OR t.kind = $3) AND ($4::text IS NULL OR t.provider = $4)
   AND ($5::text IS NULL OR t.currency = $5) AND ($6::text IS NULL OR t.transaction_id >= $6)
   AND ($7::text IS NULL OR t.transaction_id < $7) AND ($9::text IS NULL OR t.transaction_id < $9)
 ORDER BY t.transaction_id DESC LIMIT $8"""


def base32(number, length):
    text = ""
    for _ in range(length):
        text = ALPHABET[number & 31] + text
        number >>= 5
    return text


class Lines(io.TextIOBase):
    """Rows as COPY reads them, made while it reads: a million of them need no memory here."""

    def __init__(self, first, last, payment, order, at_ms):
        self.rows = (self.row(n, payment, order, at_ms) for n in range(first, last))

    @staticmethod
    def row(number, payment, order, at_ms):
        moment = at_ms + number
        name = "txn_" + base32(moment, 10) + base32(number, 16)
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(moment // 1000))
        return (f"{name}\t{payment}\t{order}\trefund\t-1\tUSD\tstripe\tre_bench_{number}\t"
                f"{stamp}.{moment % 1000:03d}+00\t0af7651916cd43dd8448eb211c80319c\n")

    def read(self, size=-1):
        block = []
        while len(block) * 200 < size:
            row = next(self.rows, "")
            if not row:
                break
            block.append(row)
        return "".join(block)


def fill(payapi, first, last, payment, order):
    connection = payapi.database()
    with connection, connection.cursor() as cursor:
        cursor.copy_expert("COPY payapi.transactions FROM STDIN",
                           Lines(first, last, payment, order, 1700000000000))
    connection.autocommit = True
    connection.cursor().execute("VACUUM ANALYZE payapi.transactions")
    connection.close()


def plan(payapi):
    connection = payapi.database()
    with connection, connection.cursor() as cursor:
        cursor.execute("SET search_path = payapi")
        cursor.execute(LIST)
        for _ in range(10):         # beyond the five executions after which a plan may become generic
            cursor.execute("EXECUTE list(NULL,NULL,NULL,NULL,NULL,NULL,NULL,21,NULL)")
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"
                       " EXECUTE list(NULL,NULL,NULL,NULL,NULL,NULL,NULL,21,NULL)")
        report = cursor.fetchone()[0][0]
    connection.close()
    node = report["Plan"]["Plans"][0]
    return f"{node['Node Type']} on {node.get('Index Name')}", report["Execution Time"]


def list_ms(payapi):
    connection = payapi.connect(**ADMIN)
    times = []
    for _ in range(200):
        began = time.monotonic()
        answer = connection.request("GET", f"{URL}?limit=20")
        times.append((time.monotonic() - began) * 1000)
        assert answer.status == 200
    return statistics.median(times)


def peak_kib(payapi):
    return max(int(re.search(r"VmHWM:\s+(\d+)",
                             pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))
               for pid in payapi.worker_pids("fast"))


def export(payapi, media_type):
    connection = payapi.connect(**ADMIN)
    before = peak_kib(payapi)
    began = time.monotonic()
    connection.http.request("GET", URL, headers={"Authorization": "Bearer " + connection.token,
                                                 "Accept": media_type})
    response = connection.http.getresponse()
    lines = size = 0
    while block := response.read(1 << 16):
        lines += block.count(b"\n")
        size += len(block)
    return {"media_type": media_type, "lines": lines, "mib": round(size / 2**20, 1),
            "seconds": round(time.monotonic() - began, 2), "worker_peak_kib": peak_kib(payapi),
            "worker_peak_before_kib": before}


def measure(payapi, rows):
    shape, plan_ms = plan(payapi)
    return {"rows": rows, "plan": shape, "plan_ms": round(plan_ms, 3),
            "list_20_ms": round(list_ms(payapi), 2)}


def main():
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
    payapi = Instance("bench", FAST_WORKERS="1").up()
    try:
        order = payapi.create_order()
        payment = payapi.checkout(order).data["id"]
        fill(payapi, 0, 10000, payment, order)
        small = measure(payapi, 10000)
        fill(payapi, 10000, rows, payment, order)
        large = measure(payapi, rows)
        for line in (small, large, {"ratio_list_20": round(large["list_20_ms"] / small["list_20_ms"], 2)},
                     export(payapi, "text/csv"), export(payapi, "application/x-ndjson")):
            print(json.dumps(line), flush=True)
    finally:
        payapi.down()


if __name__ == "__main__":
    main()
