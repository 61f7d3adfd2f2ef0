"""sqitch deploys the schema and reverts it."""
import os
import re
import subprocess

from conftest import PAYMENT, ROOT, Database, given_shop
from sqitch_project import changes, released, with_changes
from test_schema import differences, text_of


def sqitch(database, *arguments, sql=ROOT / "sql"):
    environment = {**os.environ, "SQITCH_USER_CONFIG": "/dev/null", "SQITCH_FULLNAME": "test",
                   "SQITCH_EMAIL": "test@localhost"}
    target = f"db:pg://postgres@/{database.name}?host={database.server.folder}"
    ran = subprocess.run(["sqitch", *arguments, target], cwd=sql, env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def left_behind(database):
    return database.run("SELECT nspname::text FROM pg_namespace WHERE nspname = 'payapi'"
                        " UNION ALL SELECT defaclobjtype::text FROM pg_default_acl")


def rows(database):
    """The rows that given_shop wrote."""
    return {table: database.run(f"SELECT * FROM payapi.{table} ORDER BY 1, 2")
            for table in ("orders", "payments", "provider_calls", "webhook_events", "idempotency_keys",
                          "audit_log")}


def test_deploy_verify_revert_and_deploy_again(server):
    """With rows in the tables, referring tables must be dropped first."""
    database = Database(server, server.create_database("template1"))
    sqitch(database, "deploy", "--verify")
    given_shop(database)
    sqitch(database, "verify")
    sqitch(database, "revert", "-y")
    assert left_behind(database) == []
    sqitch(database, "deploy", "--verify")
    assert "up-to-date" in sqitch(database, "deploy")
    assert differences(text_of(database)) == []
    given_shop(database)
    database.close()


def test_every_change_has_its_three_files():
    assert changes()
    for folder in ("deploy", "revert", "verify"):
        assert {path.stem for path in (ROOT / "sql" / folder).glob("*.sql")} == set(changes())


def test_deploying_twice_keeps_what_is_there(own_database):
    given_shop(own_database)
    before = rows(own_database)
    sqitch(own_database, "deploy", "--verify")
    assert rows(own_database) == before


def test_changes_that_make_only_functions_are_reverted_without_a_row_lost(server):
    """erasure and schema_version; later changes may add columns, so they come last."""
    database = Database(server, server.create_database("template1"))
    sqitch(database, "deploy", "--verify", "--to", "schema_version")
    given_shop(database)
    before = rows(database)
    sqitch(database, "revert", "-y", "--to", changes()[changes().index("erasure") - 1])
    assert rows(database) == before
    assert database.value("SELECT to_regprocedure('payapi.schema_version()') IS NULL")
    sqitch(database, "deploy", "--verify", "--to", "schema_version")
    assert rows(database) == before
    sqitch(database, "deploy", "--verify")
    assert differences(text_of(database)) == []
    database.close()


# --- From release to release -------------------------------------------------------------------------

def test_what_the_last_release_has_climbs_to_what_is_here(server):
    database = Database(server, server.create_database("template1"))
    sqitch(database, "deploy", "--verify", "--to", list(released())[-1])
    given_shop(database)
    before = {table: len(found) for table, found in rows(database).items()}
    sqitch(database, "deploy", "--verify")
    assert {table: len(found) for table, found in rows(database).items()} == before
    assert differences(text_of(database)) == []
    database.close()


# A later change, which only these tests have.
NEXT_RELEASE = """-- Locks: payapi.payments ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.payments ADD COLUMN next_release text NOT NULL DEFAULT 'before';
COMMIT;
"""
BACK = "ALTER TABLE payapi.payments DROP COLUMN next_release;\n"


def test_the_next_release_finds_the_rows_of_this_one_and_goes_back(own_database, tmp_path):
    """tests/e2e/test_deploys.py does the same with programs under load."""
    given_shop(own_database)
    before = rows(own_database)
    sql = with_changes(tmp_path, reverts={"next_release": BACK}, next_release=NEXT_RELEASE)
    sqitch(own_database, "deploy", "--verify", sql=sql)
    assert own_database.value("SELECT next_release FROM payments WHERE payment_id = %s", PAYMENT) == "before"
    sqitch(own_database, "revert", "-y", "--to", changes()[-1], sql=sql)
    assert rows(own_database) == before and differences(text_of(own_database)) == []


# --- Locks ------------------------------------------------------------------------------------------

# The lock modes that block writers, weakest first.
BLOCKING = ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]


def tables(database):
    return [name for (name,) in database.run("SELECT tablename FROM pg_tables WHERE schemaname = 'payapi'")]


def tables_locked(database, of):
    """Those of these tables that this transaction locks against writers, in the form of a script's Locks lines."""
    held = {}
    for table, mode in database.run(
            "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            " WHERE l.pid = pg_backend_pid() AND l.mode = ANY (%s) AND c.relkind IN ('r', 'p')"
            " AND c.relnamespace = 'payapi'::regnamespace AND c.relname = ANY (%s)", BLOCKING, of):
        held[table] = max(held.get(table, mode), mode, key=BLOCKING.index)
    return {f"payapi.{table} {re.sub('(?<!^)(?=[A-Z])', ' ', mode[:-4]).upper()}" for table, mode in held.items()}


def test_locks_are_told_as_postgresql_holds_them(own_database):
    before = tables(own_database)
    own_database.begin()
    own_database.run("CREATE TABLE payapi.fresh (n integer); ALTER TABLE payapi.fresh ADD m integer;"
                     " ALTER TABLE payapi.payments ADD COLUMN n integer; CREATE INDEX ON payapi.payments (n);"
                     " CREATE INDEX ON payapi.orders (status); LOCK TABLE payapi.refunds IN SHARE ROW EXCLUSIVE MODE;"
                     " UPDATE payapi.disputes SET due_at = NULL")
    assert tables_locked(own_database, before) == {
        "payapi.payments ACCESS EXCLUSIVE", "payapi.orders SHARE", "payapi.refunds SHARE ROW EXCLUSIVE"}
    own_database.rollback()


def script(folder, change):
    return (ROOT / "sql" / folder / f"{change}.sql").read_text().rstrip()


def test_each_change_tells_what_it_locks_and_its_revert_undoes_it(server):
    """payapi-admin migrate --check prints these lines. Works without sqitch, which would be started for each change."""
    database = Database(server, server.create_database("template1"))
    texts = {}
    for change in changes():
        told = set(re.findall(r"^-- Locks: (.*)$", script("deploy", change), re.MULTILINE))
        head, end = script("deploy", change).rsplit("\n", 1)
        assert end == "COMMIT;", change
        before = tables(database)
        database.run(head)
        assert told == (tables_locked(database, before) or {"none"}), change
        database.run("COMMIT")
        texts[change] = text_of(database)
    assert differences(texts[changes()[-1]]) == []
    for change, last in zip(changes()[-2::-1], changes()[:0:-1]):
        database.run(script("revert", last))
        assert text_of(database) == texts[change], f"after the revert of {last}"
    database.run(script("revert", changes()[0]))
    assert left_behind(database) == []
    database.close()
