"""sqitch brings the schema and takes it away again."""
import os
import re
import subprocess

from conftest import ROOT, Database


def sqitch(database, *arguments):
    environment = {**os.environ, "SQITCH_USER_CONFIG": "/dev/null", "SQITCH_FULLNAME": "test",
                   "SQITCH_EMAIL": "test@localhost"}
    target = f"db:pg://postgres@/{database.name}?host={database.server.folder}"
    ran = subprocess.run(["sqitch", *arguments, target], cwd=ROOT / "sql", env=environment, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def objects_left(database):
    return database.run("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                        " WHERE nspname = 'payapi'")


def test_deploy_verify_revert_and_deploy_again(server):
    database = Database(server, server.create_database("template1"))
    sqitch(database, "deploy", "--verify")
    assert database.value("SELECT payapi.schema_version()") >= 1
    sqitch(database, "verify")
    sqitch(database, "revert", "-y")
    assert objects_left(database) == []
    sqitch(database, "deploy", "--verify")
    assert "up-to-date" in sqitch(database, "deploy")
    database.close()


def changes():
    plan = (ROOT / "sql/sqitch.plan").read_text().splitlines()
    return [line.split()[0] for line in plan if line and line[0] not in "%#@"]


def test_every_change_has_its_three_files():
    assert changes()
    for folder in ("deploy", "revert", "verify"):
        assert {path.stem for path in (ROOT / "sql" / folder).glob("*.sql")} == set(changes())


def test_deploying_twice_keeps_what_is_there(own_database):
    own_database.run("INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
           " VALUES ('o1', 'alice', 1, 'USD', now(), now())")
    sqitch(own_database, "deploy", "--verify")
    assert own_database.value("SELECT count(*) FROM orders") == 1


# Weakest first: those that keep writers out.
BLOCKING = ["ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"]


def tables(database):
    return [name for (name,) in database.run("SELECT tablename FROM pg_tables WHERE schemaname = 'payapi'")]


def tables_locked(database, of):
    """Of these tables, those that this transaction keeps from writers, as a change's script tells them."""
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


def test_each_change_tells_what_it_locks(own_database):
    """payapi-admin migrate --check prints these lines."""
    sqitch(own_database, "revert", "-y")
    for change in changes():
        script = (ROOT / f"sql/deploy/{change}.sql").read_text()
        told = set(re.findall(r"^-- Locks: (.*)$", script, re.MULTILINE))
        head, end = script.rstrip().rsplit("\n", 1)
        assert end == "COMMIT;", change
        before = tables(own_database)
        own_database.run(head)
        assert told == (tables_locked(own_database, before) or {"none"}), change
        own_database.run("ROLLBACK")
        sqitch(own_database, "deploy", "--to", change)
