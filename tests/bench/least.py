"""Least SQL under pgbench: the floor that any such API stands on. least.sql has the tables and functions."""
from pathlib import Path

import psycopg2

import machine
from clients import PgBench

HERE = Path(__file__).resolve().parent
FRESH = "\\set i :i + 1\n\\set u :first + :i * :clients + :client_id\n"
SHARED = "\\set u random(:first, :last)\n"
PAGE = "SELECT * FROM transactions {where}ORDER BY id DESC LIMIT 21;\n"
FILTERED = "WHERE kind = 'charge' AND provider = 'stripe' AND currency = 'USD' "
FILTERED_DEEP = FILTERED + "AND id < :last / 2 "

SCRIPTS = {
    "checkout": FRESH + "SELECT checkout_open(:u);\nSELECT checkout_record(:u);\n",
    "checkout, replayed": SHARED + "SELECT fingerprint, answer FROM keys"
                                   " WHERE principal = 'alice' AND route = 'checkout' AND key = 'old-' || :u;\n",
    "payment-status": SHARED + "SELECT * FROM payments WHERE order_id = :u AND owner = 'alice';\n",
    "list": PAGE.format(where=""),
    "list, deep": PAGE.format(where="WHERE id < :last / 2 "),
    "list, filtered": PAGE.format(where=FILTERED),
    "list, filtered, deep": PAGE.format(where=FILTERED_DEEP),
    "refund": FRESH + "SELECT refund_open(:u);\nSELECT refund_record(:u);\n",
    "webhook": FRESH + "SELECT webhook(:u);\n",
}

ORDERS = """
INSERT INTO orders SELECT n, 'alice', 9999, 'USD', 'open' FROM generate_series({first}, {last}) AS n"""
PAYMENTS = """
INSERT INTO payments (id, order_id, owner, amount, currency, status, session, url, captured)
SELECT n, n, 'alice', 9999, 'USD', '{status}', 'cs_test_' || n, 'http://127.0.0.1/pay/cs_test_' || n, {captured}
  FROM generate_series({first}, {last}) AS n"""
MOVEMENTS = """
INSERT INTO transactions (payment_id, kind, amount, currency, provider, provider_ref)
SELECT n, 'charge', 9999, 'USD', 'stripe', 'pi_' || n FROM generate_series({first}, {last}) AS n"""
KEYS = """
INSERT INTO keys SELECT 'alice', 'checkout', 'old-' || n, repeat('0', 64), repeat('x', 520)
  FROM generate_series({first}, {last}) AS n"""
STAGES = {"order": [ORDERS], "processing": [ORDERS, PAYMENTS], "completed": [ORDERS, PAYMENTS, MOVEMENTS, KEYS]}


def execute(payapi, database, *statements):
    """As the superuser, each statement by itself."""
    settings = payapi.settings
    connection = psycopg2.connect(host=settings["DATABASE_HOST"], port=settings["DATABASE_PORT"], dbname=database,
                                  user="dev")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


class Least:
    """In a database of its own on the server of the instance under load."""

    def __init__(self, side):
        self.side = side
        self.next = 1
        self.rates = {}
        execute(side.payapi, "postgres", "CREATE DATABASE least OWNER payapi")
        self.execute("SET ROLE payapi;" + (HERE / "least.sql").read_text())
        self.completed = self.fill("completed", side.history)
        self.execute("VACUUM ANALYZE", "CHECKPOINT")

    def execute(self, *statements):
        execute(self.side.payapi, "least", *statements)

    def fill(self, stage, count):
        numbers = range(self.next, self.next + count)
        self.next += count
        completed = stage == "completed"
        self.execute(*(sql.format(first=numbers[0], last=numbers[-1], status=stage, captured=9999 if completed else 0)
                       for sql in STAGES[stage]))
        return numbers

    def load(self, kind, seconds, ours=()):
        """Runs of the script per second, each one request; and the slice."""
        if kind.stage:
            count = max(64, int(self.rates.get(kind.name, kind.first_guess) * seconds))
            numbers, limit = self.fill(kind.stage, count), None
        else:
            numbers, limit = self.completed, seconds
        file = Path(self.side.folder.name) / "least.sql"
        file.write_text(SCRIPTS[kind.name])
        bench = PgBench(self.side.payapi, file, database="least")
        with machine.Slice(self.side.parts, ours) as slice_:
            rate = bench.run(numbers, limit)
        self.rates[kind.name] = rate
        return rate, slice_
