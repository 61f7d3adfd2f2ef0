"""The schema alone, on a private PostgreSQL: each test has its own database."""
import itertools
import os
import pathlib
import subprocess
import sys

import psycopg2
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# sqitch starts psql for each change; Debian's wrapper /usr/bin/psql would look for this psql each time.
BIN = subprocess.run(["pg_config", "--bindir"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(ROOT / "tests/support"))


class Server:
    """A server that lives as long as this process: pg_cluster.sh ends when its standard input is closed."""

    def __init__(self):
        self.process = subprocess.Popen(
            [str(ROOT / "tests/support/pg_cluster.sh"), "run",
             "sh", "-c", 'echo "$PAYAPI_TEST_CLUSTER"; read -r _ || true'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.folder = self.process.stdout.readline().strip()
        assert self.folder, "no PostgreSQL: see the lines of pg_cluster.sh above"
        self.numbers = itertools.count(1)

    def connect(self, database):
        connection = psycopg2.connect(host=self.folder, dbname=database, user="postgres")
        connection.autocommit = True
        return connection

    def create_database(self, template="payapi_test"):
        name = f"copy_{next(self.numbers)}"
        connection = self.connect("postgres")
        connection.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        connection.close()
        return name

    def stop(self):
        self.process.communicate("\n")


class Database:
    """One connection to a database, as superuser unless a statement names another role."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.connection = server.connect(name)
        self.run("SET search_path = payapi, pg_temp")

    def run(self, sql, *arguments, role=None):
        cursor = self.connection.cursor()
        if role:
            cursor.execute(f"SET ROLE {role}")
        cursor.execute(sql, arguments or None)
        result = cursor.fetchall() if cursor.description else cursor.rowcount
        if role:
            cursor.execute("RESET ROLE")
        return result

    def value(self, sql, *arguments, role=None):
        return self.run(sql, *arguments, role=role)[0][0]

    def refusal(self, sql, *arguments, role=None):
        """The error of the statement, or None; its effects are undone in both cases."""
        self.run("SAVEPOINT before")
        try:
            self.run(sql, *arguments, role=role)
            return None
        except psycopg2.Error as error:
            return error
        finally:
            self.run("ROLLBACK TO SAVEPOINT before")

    def begin(self):
        self.run("BEGIN")

    def rollback(self):
        self.run("ROLLBACK")

    def close(self):
        self.connection.close()


@pytest.fixture(scope="session")
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def shared_database(server):
    database = Database(server, server.create_database())
    yield database
    database.close()


@pytest.fixture()
def db(shared_database):
    """The schema without rows; all changes of a test are undone."""
    shared_database.begin()
    yield shared_database
    shared_database.rollback()


@pytest.fixture()
def shop(db):
    """A database with an order that is being paid."""
    given_shop(db)
    return db


@pytest.fixture()
def own_database(server):
    """A separate database, for tests whose programs connect to it."""
    database = Database(server, server.create_database())
    yield database
    database.close()


PAYMENT = "pay_" + "0" * 25 + "1"


def other(kind, number):
    return f"{kind}_{number:0>26}"


def given_shop(db):
    db.run("INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
           " VALUES ('o1', 'alice', 9999, 'USD', now(), now()), ('o2', 'bob', 500, 'EUR', now(), now())")
    db.run("INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, provider_ref,"
           " provider_intent, expires_at, created_at, updated_at)"
           " VALUES (%s, 'o1', 9999, 'USD', 'stripe', 'cs_1', 'pi_1', now(), now(), now())", PAYMENT)
    db.run("INSERT INTO provider_calls (call_id, payment_id, provider, operation, request_method, request_path,"
           " request_body, idempotency_key, started_at, trace_id)"
           " VALUES (%s, %s, 'stripe', 'checkout', 'POST', '/v1', '', 'k1', now(), 't')", other("pca", 1), PAYMENT)
    db.run("INSERT INTO webhook_events (provider, event_id, inbox_id, type, livemode, body, event_created_at,"
           " received_at, trace_id) VALUES ('stripe', 'evt_1', %s, 'x', true, '', now(), now(), 't')",
           other("whe", 1))
    db.run("INSERT INTO idempotency_keys (principal, route, key, fingerprint, holder, locked_until)"
           " VALUES ('alice', 'POST /', 'k1', %s, 'h', now())", "a" * 64)
    db.run("INSERT INTO audit_log (order_id, payment_id, actor, action, body, trace_id, event_id, event_type,"
           " event_payload) VALUES ('o1', %s, 'user:alice', 'payment.created', '{}', 't', %s, 'payment.created', '{}')",
           PAYMENT, other("evt", 1))

