"""payapi-admin: tests the program in PAYAPI_PREFIX, or else the one in build/."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import time

import psycopg2
import pytest

from conftest import ROOT, Database, Server, given_shop
from sqitch_project import with_changes
from test_erasure import ADDRESS, given_a_person

PREFIX = os.environ.get("PAYAPI_PREFIX")
ADMIN = pathlib.Path(PREFIX) / "bin/payapi-admin" if PREFIX else ROOT / "build/payapi-admin"
SECRET = "0123456789abcdef0123456789abcdef"


def admin(*arguments, **settings):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PG"))}
    return subprocess.run([str(ADMIN), *arguments], env={**environment, **settings}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def settings_of(database, **more):
    return {"DATABASE_HOST": database.server.folder, "DATABASE_USER": "payapi",
            "DATABASE_NAME": database.name, **more}


def wait_until(condition, what):
    ends_at = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends_at, f"waited in vain for {what}"
        time.sleep(0.01)


def sql_option():
    return [] if PREFIX else ["--sql", str(ROOT / "sql")]


# --- The command line ----------------------------------------------------------------------------

def test_help_and_version_are_told():
    assert "payapi-admin [--config FILE]" in admin("--help").stdout
    assert admin("--version").stdout.startswith("payapi-admin 0.")


@pytest.mark.parametrize("arguments", [
    [], ["fly"], ["--fly"], ["config"], ["config", "fly"], ["config", "check", "x"], ["migrate", "fly"],
    ["migrate", "--fly"], ["migrate", "status", "x"], ["invariants", "x"], ["invariants", "--fly"], ["token"],
    ["token", "--sub", "a"], ["token", "--role", "user"], ["token", "--sub", "a", "--role", "king"],
    ["token", "--sub", "a", "--role", "user", "x"], ["token", "--fly"],
    ["payment"], ["payment", "fly"], ["payment", "sync"], ["payment", "sync", "--id"],
    ["payment", "sync", "--id", "pay_1", "x"], ["webhook"], ["webhook", "fly"], ["webhook", "show"],
    ["webhook", "show", "a", "b"], ["webhook", "list", "x"], ["webhook", "list", "--fly", "x"],
    ["webhook", "list", "--status", "sent"], ["webhook", "list", "--status", ""],
    ["webhook", "list", "--provider", "nonsense"], ["webhook", "list", "--provider", "stripe paystack"],
    ["webhook", "replay"], ["webhook", "replay", "--fly", "a"], ["webhook", "replay", "a", "b"],
    *(["token", "--sub", "a", "--role", "user", "--ttl", ttl]
      for ttl in ("", "1", "h", "0s", "-1h", "1w", "1hh", "367d", "99999999999999999999s")),
])
def test_what_is_not_understood_ends_with_64(arguments):
    answer = admin(*arguments, JWT_SECRET=SECRET)
    assert answer.returncode == 64
    assert answer.stdout == "" and answer.stderr.startswith("payapi-admin: ") and answer.stderr.count("\n") == 1


# --- Payments ------------------------------------------------------------------------------------

def given_payments(database, first, last):
    """Inserts them without triggers, which are slow and not tested here."""
    database.run("SET session_replication_role = replica")
    database.run("INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
                 " SELECT 'many-' || n, 'alice', 9999, 'USD', now(), now() FROM generate_series(%s, %s) AS n", first, last)
    database.run("INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, expires_at,"
                 " created_at, updated_at) SELECT 'pay_' || lpad(n::text, 26, '0'), 'many-' || n, 9999, 'USD',"
                 " 'stripe', now(), now(), now() FROM generate_series(%s, %s) AS n", first, last)
    database.run("SET session_replication_role = origin")


def list_of_payments(database, tmp_path):
    """The listed ids, and the program's peak memory in KiB."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PG"))}
    with open(tmp_path / "list", "w+") as listed:
        program = subprocess.Popen([str(ADMIN), "payment", "list"], stdout=listed,
                                   env={**environment, **settings_of(database)})
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        assert program.returncode == 0
        listed.seek(0)
        return [json.loads(line)["id"] for line in listed], usage.ru_maxrss


def test_a_list_of_many_payments_is_in_memory_for_one_page(own_database, tmp_path):
    given_payments(own_database, 1, 101)
    ids, few_kib = list_of_payments(own_database, tmp_path)
    assert ids == sorted(ids, reverse=True) and len(ids) == 101
    given_payments(own_database, 102, 6000)
    ids, many_kib = list_of_payments(own_database, tmp_path)
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 6000
    assert many_kib < few_kib + 12 * 1024, f"{few_kib} KiB for 101 payments, {many_kib} for 6000"


# --- Tokens --------------------------------------------------------------------------------------

def claims_of(token):
    head, body, signature = token.split(".")
    expected = hmac.new(SECRET.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == expected
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


@pytest.mark.parametrize("role", ["user", "admin"])
@pytest.mark.parametrize("ttl, seconds", [(None, 3600), ("90s", 90), ("15m", 900), ("2h", 7200), ("366d", 31622400)])
def test_a_token_says_who_and_until_when(role, ttl, seconds):
    answer = admin("token", "--sub", "alice", "--role", role, *(["--ttl", ttl] if ttl else []), JWT_SECRET=SECRET)
    claims = claims_of(answer.stdout.strip())
    assert (claims["sub"], claims["role"], claims["exp"] - claims["iat"]) == ("alice", role, seconds)
    assert abs(claims["iat"] - time.time()) < 10


def test_a_token_needs_a_secret_and_no_database():
    assert admin("token", "--sub", "a", "--role", "user").returncode == 78
    assert "JWT_SECRET" in admin("token", "--sub", "a", "--role", "user").stderr


@pytest.fixture(scope="module")
def public_key(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    pair = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", folder / "pair.pem"]
    subprocess.run(pair, check=True)
    subprocess.run(["openssl", "pkey", "-in", folder / "pair.pem", "-pubout", "-out", folder / "public.pem"], check=True)
    return str(folder / "public.pem")


def test_no_token_is_signed_where_only_the_public_key_is(public_key):
    answer = admin("token", "--sub", "a", "--role", "user", JWT_SECRET=SECRET, JWT_ALGORITHM="EdDSA",
                   JWT_PUBLIC_KEY_FILE=public_key)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "JWT_ALGORITHM is EdDSA" in answer.stderr and answer.stderr.count("\n") == 1


# --- Configuration -------------------------------------------------------------------------------

GOOD = {"JWT_SECRET": SECRET, "STRIPE_SECRET_KEY": "sk_test_x", "STRIPE_WEBHOOK_SECRET": "whsec_x",
        "AUTHORSHIP_KEY": "a-key-of-32-bytes-or-more-for-tests"}


def test_a_good_configuration_is_ok():
    answer = admin("config", "check", **GOOD)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "OK\n", "")


@pytest.mark.parametrize("wrong", [{"JWT_SECRET": "short"}, {"STRIPE_SECRET_KEY": ""}, {"DATABASE_PORT": "x"}])
def test_a_wrong_setting_is_named_in_one_line(wrong):
    answer = admin("config", "check", **{**GOOD, **wrong})
    assert (answer.returncode, answer.stdout) == (78, "")
    assert next(iter(wrong)) in answer.stderr and answer.stderr.count("\n") == 1


@pytest.mark.parametrize("url, good", [("postgresql://payapi@db.example.com/payapi?sslmode=require", True),
                                       ("garbage", False), ("mysql://db/payapi", False), ("nonsense=1", False),
                                       ("postgresql://db:many/payapi?no=such", False)])
def test_an_address_that_is_none_of_a_database_is_named_in_one_line(url, good):
    answer = admin("config", "check", **GOOD, DATABASE_URL=url)
    assert (answer.returncode, answer.stdout) == ((0, "OK\n") if good else (78, ""))
    assert good or "payapi-admin: DATABASE_URL: " in answer.stderr and answer.stderr.count("\n") == 1


def test_the_example_as_it_is_installed_has_nothing_to_hide(tmp_path):
    """Its secrets are empty: a user is told which ones to fill in, but gets no warning that others may read them."""
    example = tmp_path / "payapi.env"
    example.write_text((ROOT / "etc/payapi.env.example").read_text())
    example.chmod(0o644)
    assert admin("--config", str(example), "config", "check", **GOOD).stderr == ""


def test_the_key_of_tokens_is_checked_too(public_key, tmp_path):
    good = {**GOOD, "JWT_SECRET": "", "JWT_ALGORITHM": "EdDSA", "JWT_PUBLIC_KEY_FILE": public_key}
    assert admin("config", "check", **good).stdout == "OK\n"
    broken = tmp_path / "jwks.json"
    broken.write_text('{"keys":[]}')
    for name, wrong in [("JWT_SECRET", {"JWT_ALGORITHM": "", "JWT_PUBLIC_KEY_FILE": ""}),
                        ("JWT_ALGORITHM", {"JWT_ALGORITHM": "none"}),
                        ("JWT_PUBLIC_KEY_FILE", {"JWT_PUBLIC_KEY_FILE": ""}),
                        ("JWT_PUBLIC_KEY_FILE", {"JWT_PUBLIC_KEY_FILE": str(broken)}),
                        ("JWT_PUBLIC_KEY_FILE", {"JWT_ALGORITHM": "RS256"}),
                        ("JWT_PUBLIC_KEY_FILE", {"JWT_ALGORITHM": "HS256", "JWT_SECRET": SECRET})]:
        answer = admin("config", "check", **{**good, **wrong})
        assert (answer.returncode, answer.stdout) == (78, ""), (name, answer)
        assert name in answer.stderr and answer.stderr.count("\n") == 1


def test_settings_come_from_a_file_too(tmp_path):
    file = tmp_path / "payapi.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()))
    file.chmod(0o600)
    assert admin("--config", str(file), "config", "check").stdout == "OK\n"
    assert admin("--config", str(tmp_path / "missing"), "config", "check").returncode == 78


# --- Migrations ----------------------------------------------------------------------------------

@pytest.fixture()
def empty_database(server):
    database = Database(server, server.create_database("template1"))
    yield database
    database.close()


def test_migrate_brings_the_schema_and_is_done_when_it_is_there(empty_database):
    settings = settings_of(empty_database, DATABASE_OWNER_USER="postgres")
    first = admin("migrate", *sql_option(), **settings)
    assert first.returncode == 0, first.stdout + first.stderr
    assert empty_database.value("SELECT payapi.schema_version()") >= 1
    assert admin("migrate", *sql_option(), **settings).returncode == 0
    status = admin("migrate", *sql_option(), "status", **settings)
    assert status.returncode == 0 and "up-to-date" in status.stdout
    assert admin("migrate", *sql_option(), "--check", **settings).stdout == "Nothing to deploy.\n"


def test_check_tells_what_a_migration_would_lock_and_does_nothing(empty_database, own_database, tmp_path):
    settings = settings_of(empty_database, DATABASE_OWNER_USER="postgres")
    answer = admin("migrate", *sql_option(), "--check", **settings)
    assert answer.returncode == 0, answer.stderr
    told = [line.split(None, 2) for line in answer.stdout.splitlines()]
    assert ["orders", "locks:", "none"] in told
    assert ["payments", "locks:", "payapi.orders SHARE ROW EXCLUSIVE"] in told
    assert empty_database.value("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'payapi%%'") == 0

    sql = with_changes(tmp_path, narrow_labels="-- Locks: payapi.orders ACCESS EXCLUSIVE\n"
                                               "-- Locks: payapi.refunds SHARE\nBEGIN;\nCOMMIT;\n",
                       silent="BEGIN;\nCOMMIT;\n")
    answer = admin("migrate", "--sql", str(sql), "--check",
                   **settings_of(own_database, DATABASE_OWNER_USER="postgres"))
    assert [line.split() for line in answer.stdout.splitlines()] == [
        ["narrow_labels", "locks:", "payapi.orders", "ACCESS", "EXCLUSIVE"], ["locks:", "payapi.refunds", "SHARE"],
        ["silent", "locks:", "not", "stated"]]


def test_a_database_from_before_0_2_0_is_refused_in_plain_words(own_database):
    own_database.run("UPDATE payapi_sqitch.changes SET change = 'schema_and_roles' WHERE change = 'roles'")
    settings = settings_of(own_database, DATABASE_OWNER_USER="postgres")
    for options in ([], ["--check"]):
        answer = admin("migrate", *sql_option(), *options, **settings)
        assert answer.returncode == 1 and answer.stdout == "", answer.stdout
        assert answer.stderr.startswith("payapi-admin: this database was made before version 0.2.0."), answer.stderr
        assert "./dev reset" in answer.stderr


# Takes two locks in the opposite order of a payment's transaction, and waits before it takes the second.
CROSSING = """-- Locks: payapi.orders ACCESS EXCLUSIVE
-- Locks: payapi.payments ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;
ALTER TABLE payapi.orders ADD COLUMN next_release text;
ALTER TABLE payapi.payments ADD COLUMN next_release text;
COMMIT;
"""


def is_locked(database, table):
    return database.value("SELECT count(*) FROM pg_locks WHERE relation = %s::regclass AND granted"
                          " AND mode = 'AccessExclusiveLock'", f"payapi.{table}") > 0


def test_a_migration_gives_way_to_a_payment_under_way(own_database, tmp_path):
    """A payment's transaction has one lock, the migration the other, and each wants both: the migration gives way
    and tries again."""
    given_shop(own_database)
    sql = with_changes(tmp_path, crossing=CROSSING)
    worker = psycopg2.connect(host=own_database.server.folder, dbname=own_database.name, user="payapi",
                              options="-c search_path=payapi,pg_temp")
    cursor = worker.cursor()
    cursor.execute("UPDATE payments SET looked_at = now()")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        migration = pool.submit(admin, "migrate", "--sql", str(sql),
                                **settings_of(own_database, DATABASE_OWNER_USER="postgres"))
        wait_until(lambda: is_locked(own_database, "orders"), "the migration to have its first lock")
        cursor.execute("UPDATE orders SET updated_at = now()")
        worker.commit()
        answer = migration.result()
    worker.close()
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "the locks were not free within 500ms; nothing of this change was done" in answer.stderr
    assert own_database.value("SELECT count(*) FROM pg_attribute WHERE attname = 'next_release'") == 2


@pytest.mark.parametrize("code, calls", [("55P03", 2), ("40P01", 2), ("42P01", 1)])
def test_only_a_change_that_lacked_its_locks_is_tried_again(own_database, tmp_path, code, calls):
    """Replaces sqitch by a program that fails the first time it is called."""
    fake = tmp_path / "sqitch"
    fake.write_text(f'#!/bin/sh\necho call >>{tmp_path}/calls\n[ "$(wc -l <{tmp_path}/calls)" -gt 1 ] && exit 0\n'
                    f'echo "psql:deploy/x.sql:3: FEHLER:  {code}: in whatever language" >&2\nexit 2\n')
    fake.chmod(0o755)
    answer = admin("migrate", "--sql", str(tmp_path), PATH=f"{tmp_path}:{os.environ['PATH']}",
                   **settings_of(own_database, DATABASE_OWNER_USER="postgres"))
    assert answer.returncode == (0 if calls == 2 else 2), answer
    assert (tmp_path / "calls").read_text().count("call") == calls
    assert code in answer.stderr


def test_migrate_needs_its_owner(empty_database):
    answer = admin("migrate", *sql_option(), **settings_of(empty_database))
    assert answer.returncode != 0
    assert empty_database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'payapi'") == 0


def test_the_databases_owner_migrates_without_being_superuser(server):
    """The database administrator has made the roles of docs/production.md."""
    postgres = Database(server, "postgres")
    postgres.run("CREATE ROLE shop_migrate LOGIN IN ROLE payapi_owner")
    postgres.run("CREATE DATABASE owned OWNER shop_migrate TEMPLATE template1")
    postgres.close()
    answer = admin("migrate", *sql_option(), DATABASE_HOST=server.folder, DATABASE_USER="payapi", DATABASE_NAME="owned",
                   DATABASE_OWNER_USER="shop_migrate")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    owned = Database(server, "owned")
    assert owned.value("SELECT has_database_privilege('payapi', 'owned', 'TEMPORARY')") is False
    assert owned.value("SELECT payapi.schema_version()", role="payapi") >= 1
    owned.close()


@pytest.fixture()
def cluster_without_roles(server):
    """PostgreSQL as before the first migration: our roles are renamed meanwhile."""
    postgres = Database(server, "postgres")
    roles = [name for (name,) in postgres.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'payapi%'")]
    for role in roles:
        postgres.run(f"ALTER ROLE {role} RENAME TO kept_{role}")
    postgres.run("CREATE ROLE migrator LOGIN CREATEROLE")
    postgres.run("CREATE DATABASE first OWNER migrator TEMPLATE template1")
    yield postgres
    postgres.run("DROP DATABASE first WITH (FORCE)")
    for (role,) in postgres.run("SELECT rolname FROM pg_roles WHERE rolname LIKE 'payapi%' OR rolname = 'migrator'"
                                " ORDER BY rolname = 'migrator'"):            # the grantor is dropped last
        postgres.run(f"DROP ROLE {role}")
    for role in roles:
        postgres.run(f"ALTER ROLE kept_{role} RENAME TO {role}")
    postgres.close()


def test_the_databases_owner_may_make_the_roles_itself(server, cluster_without_roles):
    """A superuser makes only the role that owns the database, with CREATEROLE."""
    answer = admin("migrate", *sql_option(), DATABASE_HOST=server.folder, DATABASE_NAME="first", DATABASE_USER="migrator")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    cluster_without_roles.run("CREATE ROLE payapi LOGIN IN ROLE payapi_app")
    first = Database(server, "first")
    assert first.value("SELECT payapi.schema_version()", role="payapi") >= 1
    assert first.value("SELECT has_database_privilege('payapi', 'first', 'TEMPORARY')") is False
    first.close()


def test_a_database_url_wins(empty_database):
    url = f"postgresql://postgres@/{empty_database.name}?host={empty_database.server.folder}"
    answer = admin("migrate", *sql_option(), DATABASE_URL=url, DATABASE_NAME="another")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert empty_database.value("SELECT payapi.schema_version()") >= 1
    assert admin("migrate", DATABASE_URL="nonsense=").returncode == 78


def test_a_password_stands_in_the_environment_and_on_no_command_line(own_database, tmp_path):
    """Replaces sqitch by a program that prints how it was called."""
    fake = tmp_path / "sqitch"
    fake.write_text('#!/bin/sh\necho "args: $*"\necho "user: $PGUSER password: $PGPASSWORD database: $PGDATABASE"\n')
    fake.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    own_database.run("DO $$ BEGIN CREATE ROLE boss LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    base = {**path, **settings_of(own_database, DATABASE_PASSWORD="geheim")}
    answer = admin("migrate", "--sql", str(tmp_path), **base).stdout
    assert answer == ("args: deploy --verify --mode change --set VERBOSITY=verbose db:pg:\n"
                      f"user: payapi password: geheim database: {own_database.name}\n")
    answer = admin("migrate", "--sql", str(tmp_path), **base, DATABASE_OWNER_USER="boss",
                   DATABASE_OWNER_PASSWORD="sehr").stdout
    assert answer.endswith(f"user: boss password: sehr database: {own_database.name}\n")


def test_two_migrations_at_once_are_one_after_the_other(own_database, tmp_path):
    """A lock holds the first migration back until the second one waits for it."""
    sql = with_changes(tmp_path, crossing=CROSSING)
    arguments, settings = ["migrate", "--sql", str(sql)], settings_of(own_database, DATABASE_OWNER_USER="postgres")
    own_database.begin()
    own_database.run("LOCK TABLE orders IN ACCESS SHARE MODE")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        both = [pool.submit(admin, *arguments, **settings) for _ in range(2)]
        wait_until(lambda: own_database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                                              " AND NOT granted") == 1, "the second one to wait")
        own_database.rollback()
        answers = [each.result() for each in both]
    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert sum("another migration is under way" in answer.stderr for answer in answers) == 1
    assert sum("up-to-date" in answer.stdout + answer.stderr for answer in answers) == 1


def test_without_sqitch_or_its_folder_migrate_says_so(own_database, tmp_path):
    settings = settings_of(own_database)
    assert admin("migrate", "--sql", str(tmp_path / "missing"), **settings).returncode == 66
    answer = admin("migrate", "--sql", str(tmp_path), PATH=str(tmp_path), **settings)
    assert answer.returncode == 69 and "install sqitch" in answer.stderr


# --- Invariants ----------------------------------------------------------------------------------

def test_a_sound_database_breaks_no_invariant(own_database):
    given_shop(own_database)
    answer = admin("invariants", *sql_option(), **settings_of(own_database))
    assert answer.returncode == 0, answer.stdout + answer.stderr
    lines = answer.stdout.splitlines()
    assert len(lines) == len(list((ROOT / "sql/invariants").glob("*.sql")))
    assert all(line.startswith("ok ") and line.endswith(" 0") for line in lines)


def test_a_broken_invariant_is_shown_with_its_first_rows(own_database):
    for number in range(8):
        own_database.run("INSERT INTO orders (order_id, owner_id, amount_minor, currency, status, created_at,"
                         " updated_at) VALUES (%s, 'alice', 1, 'USD', 'paid', now(), now())", f"wrong-{number}")
    answer = admin("invariants", *sql_option(), **settings_of(own_database))
    assert answer.returncode == 1
    failed = [line for line in answer.stdout.splitlines() if line.startswith("FAIL")]
    assert len(failed) == 1 and failed[0].split()[1:] == ["i13_paid_orders_have_their_money", "8"]
    assert answer.stdout.count("order_id=wrong-") == 5
    assert "I13: an order is labelled paid" in answer.stdout


def test_an_invariant_cannot_write_and_a_broken_query_counts(own_database, tmp_path):
    (tmp_path / "invariants").mkdir()
    (tmp_path / "invariants/i1.sql").write_text("-- I1: tries to write\nDELETE FROM payapi.orders RETURNING 1;\n")
    (tmp_path / "invariants/i2.sql").write_text("-- I2: a typo\nSELEKT 1;\n")
    (tmp_path / "invariants/i3.sql").write_text("-- I3: fine\nSELECT 1 WHERE false;\n")
    answer = admin("invariants", "--sql", str(tmp_path), **settings_of(own_database, DATABASE_USER="postgres"))
    assert answer.returncode == 1
    assert "read-only transaction" in answer.stderr and "SELEKT" in answer.stderr
    assert answer.stdout.startswith("ok    i3")


def test_without_queries_or_database_there_is_no_verdict(own_database, tmp_path):
    assert admin("invariants", "--sql", str(tmp_path), **settings_of(own_database)).returncode == 66
    (tmp_path / "invariants").mkdir()
    assert admin("invariants", "--sql", str(tmp_path), **settings_of(own_database)).returncode == 66
    assert admin("invariants", *sql_option(), DATABASE_HOST=str(tmp_path)).returncode == 69


# --- The audit log after a restore ---------------------------------------------------------------

@pytest.fixture()
def other_server():
    """Another cluster, with its own transaction ids."""
    running = Server()
    yield running
    running.stop()


def restore(database, server):
    """Restores a dump of the database into a cluster that never had it."""
    restored = Database(server, server.create_database("template1"))
    tools = pathlib.Path(subprocess.run(["pg_config", "--bindir"], text=True, stdout=subprocess.PIPE).stdout.strip())
    dump = subprocess.run([tools / "pg_dump", "-h", database.server.folder, "-U", "postgres", "-Fc", database.name],
                          stdout=subprocess.PIPE, check=True)
    subprocess.run([tools / "pg_restore", "-h", server.folder, "-U", "postgres", "-d", restored.name,
                    "--exit-on-error"], input=dump.stdout, check=True)
    return restored


def checkpoints_of(database):
    return database.run("SELECT checkpoint_no, epoch, row_count FROM payapi.audit_checkpoints ORDER BY 1")


def test_sealing_goes_on_after_a_dump_was_restored_into_another_cluster(own_database, other_server, tmp_path):
    given_shop(own_database)
    keys = {"AUDIT_SIGNING_KEY_FILE": str(tmp_path / "key"), "AUDIT_RECORD_FILE": str(tmp_path / "record"),
            "DATABASE_JOBS_USER": "payapi_jobs"}
    assert admin("audit", "keygen", keys["AUDIT_SIGNING_KEY_FILE"]).returncode == 0
    assert admin("audit", "checkpoint", **settings_of(own_database, **keys)).returncode == 0
    restored = restore(own_database, other_server)
    settings = settings_of(restored, **keys)
    restored.run("INSERT INTO audit_log (order_id, actor, action, body, trace_id) VALUES ('o1', 'a', 'b', '{}', 't')")
    sealed = admin("audit", "checkpoint", **settings)
    assert sealed.returncode == 0, sealed.stderr
    assert checkpoints_of(restored) == [(1, 1, 1), (2, 2, 2)] and "audit_epoch_opened" in sealed.stderr
    verified = admin("audit", "verify", **settings)
    assert json.loads(verified.stdout)["findings"] == [] and verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["epoch"] == 2
    restored.run("SET session_replication_role = replica; UPDATE payapi.audit_log SET actor = 'eve'")
    found = json.loads(admin("audit", "verify", **settings).stdout)["findings"]
    assert [f["checkpoint"] for f in found if f["kind"] == "covered_rows_changed"] == [1, 2]
    restored.close()


# --- A person's data: test_erasure.py tests what is erased ------------------------------------------

def test_erase_counts_what_it_did_and_says_when_to_repeat_it(own_database):
    given_a_person(own_database)
    own_database.run("UPDATE provider_calls SET finished_at = NULL")
    arguments = ("erase", "--email", ADDRESS.upper())
    refused = admin(*arguments, **settings_of(own_database))
    assert refused.returncode == 1 and "permission denied" in refused.stderr
    owner = settings_of(own_database, DATABASE_OWNER_USER="postgres")
    erased = admin(*arguments, **owner)
    assert erased.returncode == 1 and "run this again later" in erased.stderr
    assert json.loads(erased.stdout) == {"orders": 1, "requests": 0, "events": 1, "answers": 1, "waiting": 1}
    own_database.run("UPDATE provider_calls SET finished_at = now()")
    erased = admin(*arguments, **owner)
    assert erased.returncode == 0, erased.stderr
    assert json.loads(erased.stdout) == {"orders": 0, "requests": 1, "events": 0, "answers": 0, "waiting": 0}
    assert own_database.value("SELECT count(*) FROM audit_log WHERE action = 'personal-data.erased'"
                              " AND actor LIKE 'admin:cli.%'") == 3
    assert admin("invariants", *sql_option(), **settings_of(own_database)).returncode == 0


@pytest.mark.parametrize("address", ["", "@", "@example.com", "alice", "a" * 250 + "@b.de"])
def test_only_an_address_is_erased(address):
    assert admin("erase", "--email", address).returncode == 64
