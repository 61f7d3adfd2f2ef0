"""payapi-admin: the program under test is PAYAPI_PREFIX's, or else the one in build/."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import subprocess
import time

import pytest

from conftest import ROOT, Database, given_shop

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
    """Without triggers: they take their time, and nothing is proved about them here."""
    database.run("SET session_replication_role = replica")
    database.run("INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
                 " SELECT 'many-' || n, 'alice', 9999, 'USD', now(), now() FROM generate_series(%s, %s) AS n", first, last)
    database.run("INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, expires_at,"
                 " created_at, updated_at) SELECT 'pay_' || lpad(n::text, 26, '0'), 'many-' || n, 9999, 'USD',"
                 " 'stripe', now(), now(), now() FROM generate_series(%s, %s) AS n", first, last)
    database.run("SET session_replication_role = origin")


def list_of_payments(database, tmp_path):
    """Their ids, and what the program had in memory at most, in KiB."""
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


def test_migrate_needs_its_owner(empty_database):
    answer = admin("migrate", *sql_option(), **settings_of(empty_database))
    assert answer.returncode != 0
    assert empty_database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'payapi'") == 0


def test_a_database_url_wins(empty_database):
    url = f"postgresql://postgres@/{empty_database.name}?host={empty_database.server.folder}"
    answer = admin("migrate", *sql_option(), DATABASE_URL=url, DATABASE_NAME="another")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert empty_database.value("SELECT payapi.schema_version()") >= 1
    assert admin("migrate", DATABASE_URL="nonsense=").returncode == 78


def test_a_password_stands_in_the_environment_and_on_no_command_line(tmp_path):
    """In place of sqitch: a program that tells how it was called."""
    fake = tmp_path / "sqitch"
    fake.write_text('#!/bin/sh\necho "args: $*"\necho "user: $PGUSER password: $PGPASSWORD database: $PGDATABASE"\n')
    fake.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    base = {**path, "DATABASE_NAME": "shop", "DATABASE_PASSWORD": "geheim", "DATABASE_USER": "payapi"}
    answer = admin("migrate", "--sql", str(tmp_path), **base).stdout
    assert answer == "args: deploy --verify db:pg:\nuser: payapi password: geheim database: shop\n"
    answer = admin("migrate", "--sql", str(tmp_path), **base, DATABASE_OWNER_USER="boss",
                   DATABASE_OWNER_PASSWORD="sehr").stdout
    assert answer.endswith("user: boss password: sehr database: shop\n")


def test_without_sqitch_or_its_folder_migrate_says_so(tmp_path):
    assert admin("migrate", "--sql", str(tmp_path / "missing"), DATABASE_NAME="x").returncode == 66
    answer = admin("migrate", "--sql", str(tmp_path), DATABASE_NAME="x", PATH=str(tmp_path))
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
