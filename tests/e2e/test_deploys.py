"""Deploys under load: new programs, new and wrong settings, nginx reloads, killed workers."""
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from load import POOLS, checkouts, kill_one, loads, new_orders, reads, reload_nginx, roll
from payapi_instance import Instance, wait_until
from sqitch_project import with_changes

ROUNDS = 3
KILLS = 10
WORKERS = 3
NAME_IN_LOG, NEW_NAME_IN_LOG = b"\0worker_ended\0", b"\0WORKER_ENDED\0"


@pytest.fixture(scope="module")
def payapi():
    """A separate instance with its own copy of the programs, which can be replaced."""
    instance = Instance("deploys", FAST_WORKERS=str(WORKERS), PROVIDER_WORKERS=str(WORKERS))
    shutil.copytree(os.environ["PAYAPI_PREFIX"], instance.var / "inst", symlinks=True)
    instance.environment["PAYAPI_PREFIX"] = str(instance.var / "inst")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture(scope="module")
def paid_order(payapi):
    order = payapi.create_order()
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return order


@pytest.fixture
def traffic(payapi, paid_order):
    """Reads, writes, and calls to the provider pool."""
    return loads(reads(payapi, paid_order), new_orders(payapi), checkouts(payapi, paid_order))


def known_orders(payapi, answers):
    return payapi.row("SELECT count(*) FROM payapi.orders WHERE order_id = ANY(%s)",
                      [answer.data["id"] for answer in answers])[0]


def no_request_was_lost(all_loads):
    for load in all_loads:
        assert not load.errors and len(load.answers) > 20, str(load)


def test_rolling_deploys_and_nginx_reloads_lose_no_request(payapi, traffic):
    with traffic as running:
        for _ in range(ROUNDS):
            reload_nginx(payapi)
            roll(payapi)
    no_request_was_lost(running)


def test_a_request_under_way_is_finished_by_its_worker(payapi):
    """The pool is rolled while the provider is slow to answer."""
    payapi.fault("latency", latency_ms=3000, times=WORKERS)
    orders = [payapi.create_order() for _ in range(WORKERS)]
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as callers:
        answers = [callers.submit(payapi.checkout, order) for order in orders]
        wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = ANY(%s)",
                                      orders) == (WORKERS,), what="all intents")
        roll(payapi, ["provider"])
        assert [answer.result().status for answer in answers] == [201] * WORKERS
    payapi.clear_faults()


def test_a_killed_worker_costs_at_most_its_own_request(payapi, traffic):
    with traffic as (reading, creating, paying):
        for number in range(KILLS):
            kill_one(payapi, POOLS[number % len(POOLS)])
    lost = sum(sum(load.errors.values()) for load in (reading, creating, paying))
    assert lost <= KILLS, [str(load) for load in (reading, creating, paying)]
    assert not reading.errors, str(reading)         # nginx tries a read again with another worker
    created = [answer for answer in creating.answers if answer.status == 201]
    assert created and known_orders(payapi, created) == len(created)


# --- A newer schema -----------------------------------------------------------------------------

def next_release(folder, version):
    """One more change, which needs locks on tables that payments use all the time."""
    return with_changes(folder, next_release=f"""BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.orders ADD COLUMN next_release text;
ALTER TABLE payapi.payments ADD COLUMN next_release text;
CREATE INDEX next_release ON payapi.payments (next_release);
CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN {version};
COMMIT;
""")


def take_the_next_release_back(payapi, version):
    connection = payapi.database()
    connection.cursor().execute(
        "ALTER TABLE payapi.orders DROP COLUMN next_release; ALTER TABLE payapi.payments DROP COLUMN next_release;"
        " CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        f" RETURN {version}")
    connection.commit()
    connection.close()


def test_programs_go_on_while_and_after_the_next_release_migrates(payapi, paid_order, tmp_path):
    """Migrates under load: on a slow machine a request may wait longer than its second, which gives a 503 with
    nothing done. Then all workers reconnect with the programs of the previous release, which is also the way back
    from an update."""
    version = payapi.row("SELECT payapi.schema_version()")[0]
    sql = next_release(tmp_path, version + 1)
    with loads(reads(payapi, paid_order), new_orders(payapi), checkouts(payapi, paid_order)) as running:
        migrated = payapi.admin("migrate", "--sql", str(sql))
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    assert payapi.row("SELECT payapi.schema_version()") == (version + 1,)
    assert all(set(load.errors) <= {"503"} and load.answers for load in running), [str(load) for load in running]
    with loads(reads(payapi, paid_order), new_orders(payapi), checkouts(payapi, paid_order)) as running:
        roll(payapi)
        wait_until(lambda: all(len(load.answers) > 20 for load in running), what="requests after the roll")
    take_the_next_release_back(payapi, version)
    no_request_was_lost(running)


# --- New programs -------------------------------------------------------------------------------

def worker_program(payapi):
    return next((payapi.var / "inst").glob("*bin/payapi-worker"))


def replace_program(payapi, content):
    """Replaces the program as a package does: a new file takes the name; running processes keep the old one."""
    program = worker_program(payapi)
    new = program.with_name("payapi-worker.new")
    new.write_bytes(content)
    new.chmod(0o755)
    os.replace(new, program)


def refused_reloads(payapi):
    return payapi.log("fast").count('"event":"reload_refused"')


def reload_in_vain(payapi):
    """Sends SIGHUP; the pool refuses and goes on as before."""
    before, known = set(payapi.worker_pids("fast")), refused_reloads(payapi)
    payapi.kill(payapi.master_pid("fast"), signal.SIGHUP)
    wait_until(lambda: refused_reloads(payapi) == known + 1, 20, "the refusal in the log")
    assert set(payapi.worker_pids("fast")) == before
    return before


def test_a_new_program_takes_over_under_load(payapi, traffic):
    program = worker_program(payapi).read_bytes()
    assert program.count(NAME_IN_LOG) == 1
    with traffic as running:
        replace_program(payapi, program.replace(NAME_IN_LOG, NEW_NAME_IN_LOG))
        roll(payapi)
    no_request_was_lost(running)
    assert "WORKER_ENDED" not in payapi.log("fast")
    kill_one(payapi, "fast")
    wait_until(lambda: "WORKER_ENDED" in payapi.log("fast"), what="the words of the new program")


@pytest.mark.parametrize("content", [b"#!/bin/sh\nexit 1\n", b"no program at all"])
def test_a_program_that_does_not_work_is_refused_and_the_old_one_serves(payapi, traffic, content):
    good = worker_program(payapi).read_bytes()
    with traffic as running:
        replace_program(payapi, content)
        reload_in_vain(payapi)
        time.sleep(0.5)
        replace_program(payapi, good)
    no_request_was_lost(running)
    roll(payapi, ["fast"])


def check(payapi, workers):
    """Runs the check that a reload makes first."""
    return subprocess.run([str(worker_program(payapi)), "--pool", "fast", "--workers", str(workers), "--check",
                           "--config", str(payapi.var / "var" / "payapi.env")], stderr=subprocess.PIPE, text=True)


def test_a_reload_that_the_database_has_no_room_for_is_refused(payapi):
    """Both generations are connected for a moment; without room, requests of the new one would fail."""
    assert check(payapi, WORKERS).returncode == 0
    most = payapi.row("SELECT current_setting('max_connections')::int")[0]
    refused = check(payapi, most // 2)
    assert refused.returncode == os.EX_UNAVAILABLE
    [line] = [line for line in map(json.loads, refused.stderr.splitlines()) if line["level"] == "error"]
    assert (line["event"], line["needed"]) == ("too_few_connections", most // 2 * 2)
    assert most - 30 < line["room"] < most
    assert payapi.events("too_few_connections", "fast", "provider") == []


def test_a_reload_whose_statements_do_not_fit_the_schema_is_refused(payapi):
    """A worker prepares a statement when it needs it, which would be a payer's request."""
    payapi.rows("ALTER TABLE payapi.job_rounds RENAME COLUMN finished_at TO ended_at")
    try:
        refused = check(payapi, WORKERS)
    finally:
        payapi.rows("ALTER TABLE payapi.job_rounds RENAME COLUMN ended_at TO finished_at")
    assert refused.returncode == 78
    [line] = [line for line in map(json.loads, refused.stderr.splitlines()) if line["level"] == "error"]
    assert line["event"] == "schema_does_not_fit" and "finished_at" in line["cause"]


# --- New settings -------------------------------------------------------------------------------

class Settings:
    """Lines appended to payapi.env, for settings that are not in the environment."""

    def __init__(self, payapi):
        self.path = payapi.var / "var" / "payapi.env"
        self.text = self.path.read_text()

    def add(self, line):
        with self.path.open("w") as file:
            file.write(self.text + line + "\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.add("")


def test_new_settings_hold_after_a_rolling_restart_and_not_before(payapi):
    def says_who(issuer):
        token = payapi.sign_token({"sub": "alice", "role": "user", "exp": int(time.time()) + 600,
                                   "iss": issuer})
        return payapi.get("/api/v1/orders", token=token).status

    with Settings(payapi) as settings:
        settings.add("JWT_ISSUER=https://issuer.test")
        assert says_who("https://other.test") == 200
        roll(payapi, ["fast"])
        assert (says_who("https://other.test"), says_who("https://issuer.test")) == (401, 200)
    roll(payapi, ["fast"])
    assert says_who("https://other.test") == 200


@pytest.mark.parametrize("line", ["REQUEST_QUEUE_LIMIT_MS=soon", "NO_SUCH_SETTING=1"])
def test_wrong_settings_are_refused_and_the_old_workers_serve(payapi, traffic, line):
    with Settings(payapi) as settings, traffic as running:
        settings.add(line)
        reload_in_vain(payapi)
        time.sleep(0.5)
    no_request_was_lost(running)
