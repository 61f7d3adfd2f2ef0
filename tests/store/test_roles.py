"""What workers cannot do, whatever statements they send."""
import psycopg2.errors
import pytest

from conftest import PAYMENT, other

TABLES = ["orders", "payments", "provider_calls", "webhook_events", "transactions", "audit_log",
          "idempotency_keys", "refunds", "audit_checkpoints", "disputes", "provider_cursors",
          "webhook_attempts", "reconciliations", "reconciliation_findings", "ledger_confirmations",
          "job_rounds", "providers", "api_keys", "webhook_endpoints", "webhook_deliveries",
          "webhook_delivery_attempts", "webhook_planning"]
APPEND_ONLY = ["audit_log", "transactions", "audit_checkpoints", "webhook_attempts", "providers"]
HISTORY = [table for table in TABLES if table not in ("idempotency_keys", "webhook_events", "provider_cursors",
                                                         "job_rounds", "webhook_deliveries",
                                                         "webhook_delivery_attempts")]


def denied(error):
    return isinstance(error, psycopg2.errors.InsufficientPrivilege)


def test_the_tables_named_here_are_all_there_are(db):
    assert sorted(TABLES) == [name for (name,) in db.run(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'payapi' ORDER BY 1")]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("role", ["payapi_app", "payapi_read"])
def test_nobody_who_works_may_delete(shop, table, role):
    assert denied(shop.refusal(f"DELETE FROM {table}", role=role))
    assert denied(shop.refusal(f"TRUNCATE {table} CASCADE", role=role))
    assert denied(shop.refusal(f"DROP TABLE {table} CASCADE", role=role))


@pytest.mark.parametrize("table", TABLES)
def test_the_reader_reads_and_nothing_else(shop, table):
    assert shop.run(f"SELECT * FROM {table}", role="payapi_read") is not None
    assert denied(shop.refusal(f"INSERT INTO {table} DEFAULT VALUES", role="payapi_read"))
    column = shop.value("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
                        " ORDER BY attnum DESC LIMIT 1", table)
    assert denied(shop.refusal(f"UPDATE {table} SET {column} = NULL", role="payapi_read"))


@pytest.mark.parametrize("statement", [
    "UPDATE orders SET amount_minor = 1",
    "UPDATE orders SET currency = 'EUR'",
    "UPDATE payments SET amount_minor = 1",
    "UPDATE payments SET order_id = 'o2'",
    "UPDATE audit_log SET body = ''",
    "UPDATE audit_log SET seq = 0",
    "UPDATE audit_log SET event_payload = ''",
    "UPDATE transactions SET amount_minor = 1",
    "UPDATE payments SET refund_held_minor = 0",
    "UPDATE payments SET refunded_minor = 0",
    "UPDATE refunds SET amount_minor = 1",
    "UPDATE refunds SET payment_id = 'p'",
    "UPDATE refunds SET client_key = 'k'",
    "UPDATE disputes SET payment_id = 'p'",
    "UPDATE disputes SET provider_ref = 'dp_2'",
    "UPDATE disputes SET currency = 'EUR'",
    "UPDATE provider_calls SET request_body = ''",
    "UPDATE webhook_events SET body = ''",
    "UPDATE webhook_events SET body_purged_at = now()",
    "UPDATE provider_cursors SET provider = 'paystack'",
    "INSERT INTO provider_cursors (provider, pulled_to_s, fence) VALUES ('stripe', 0, 7)",
    "UPDATE reconciliations SET day = '2026-11-30'",
    "UPDATE reconciliation_findings SET kind = 'other_day'",
    "UPDATE reconciliation_findings SET found_at = now()",
    "UPDATE ledger_confirmations SET transaction_id = 't'",
    "UPDATE ledger_confirmations SET told_ref = 't'",
    "UPDATE idempotency_keys SET principal = 'mallory'",
    "UPDATE api_keys SET scopes = '{admin}'",
    "UPDATE api_keys SET key_hash = ''",
    "UPDATE api_keys SET networks = '{}'",
    "UPDATE api_keys SET expires_at = NULL",
    "UPDATE api_keys SET live = true",
    "UPDATE api_keys SET created_by = 'mallory'",
    "INSERT INTO audit_log (actor, action, body, trace_id, seq) VALUES ('', '', '', '', 7)",
    "INSERT INTO audit_log (actor, action, body, trace_id, at_us) VALUES ('', '', '', '', 7)",
    "INSERT INTO audit_log (actor, action, body, trace_id, xid) VALUES ('', '', '', '', '7')",
    "INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, expires_at, created_at,"
    " updated_at, captured_minor) VALUES ('p', 'o2', 500, 'EUR', 'stripe', now(), now(), now(), 500)",
    "CREATE TABLE payapi.mine ()",
    "ALTER TABLE orders DISABLE TRIGGER ALL",
])
def test_workers_cannot_change_what_is_settled(shop, statement):
    assert denied(shop.refusal(statement, role="payapi_app"))


@pytest.mark.parametrize("statement", [
    "INSERT INTO audit_checkpoints (checkpoint_no) VALUES (1)",
    "SELECT payapi.audit_floor()",
])
def test_workers_cannot_seal(shop, statement):
    """A checkpoint written by a compromised worker could mislead the sealing."""
    assert denied(shop.refusal(statement, role="payapi_app"))
    assert not denied(shop.refusal(statement, role="payapi_sealer"))


@pytest.mark.parametrize("table", [table for table in TABLES if table != "audit_checkpoints"])
def test_who_seals_does_nothing_else(shop, table):
    for statement in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}", "SELECT * FROM {}"):
        assert denied(shop.refusal(statement.format(table), role="payapi_sealer"))


@pytest.mark.parametrize("table", TABLES)
def test_who_follows_payments_writes_nothing_and_reads_little_else(shop, table):
    for statement in ("INSERT INTO {} DEFAULT VALUES", "DELETE FROM {}"):
        assert denied(shop.refusal(statement.format(table), role="payapi_live"))
    if table == "payments":
        assert shop.run("SELECT * FROM payments", role="payapi_live") is not None
    else:
        assert denied(shop.refusal(f"SELECT * FROM {table}", role="payapi_live"))
    assert shop.run("SELECT payment_id, seq, event_type FROM audit_log", role="payapi_live") is not None
    assert denied(shop.refusal("SELECT customer_email FROM orders", role="payapi_live"))


def test_workers_cannot_give_an_order_away(shop):
    """An order recovered without an owner may get one; any other keeps its owner."""
    refusal = shop.refusal("UPDATE orders SET owner_id = 'mallory'", role="payapi_app")
    assert refusal.diag.constraint_name == "order_is_immutable"


@pytest.mark.parametrize("role", ["payapi_app", "payapi_owner"])
def test_nobody_brings_a_revoked_key_back(shop, role):
    shop.run("INSERT INTO api_keys (key_id, key_hash, live, shown, name, scopes, created_at, created_by, revoked_at,"
             " revoked_by) VALUES (%s, sha256('x'), false, '01234567', 'shop', '{orders:read}', now(), 'a', now(), 'a')",
             other("key", 1), role="payapi_app")
    for change in ("revoked_at = NULL, revoked_by = NULL", "revoked_at = now() + interval '1 day'", "revoked_by = 'b'"):
        refusal = shop.refusal(f"UPDATE api_keys SET {change}", role=role)
        assert refusal.diag.constraint_name == "revoked_stays_revoked"


def test_not_even_the_owner_widens_a_key(shop):
    shop.run("INSERT INTO api_keys (key_id, key_hash, live, shown, name, scopes, networks, created_at, created_by)"
             " VALUES (%s, sha256('x'), false, '01234567', 'shop', '{orders:read}', '{192.0.2.0/24}', now(), 'a')",
             other("key", 1), role="payapi_app")
    for change in ("scopes = '{admin}'", "key_hash = sha256('y')", "networks = '{}'", "live = true", "name = 'other'",
                   "expires_at = now() + interval '1 day'", "created_by = 'b'"):
        refusal = shop.refusal(f"UPDATE api_keys SET {change}", role="payapi_owner")
        assert refusal.diag.constraint_name == "api_key_is_immutable", change
    shop.run("UPDATE api_keys SET last_used_at = now()", role="payapi_app")
    refusal = shop.refusal("UPDATE api_keys SET last_used_at = now() - interval '1 minute'", role="payapi_app")
    assert refusal.diag.constraint_name == "last_use_never_goes_back"


@pytest.mark.parametrize("role", [None, "payapi_owner"])
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", [
    "UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_not_even_the_owner_rewrites_history(shop, role, table, statement):
    column = {"audit_checkpoints": "root", "providers": "provider"}.get(table, "trace_id")
    assert shop.refusal(statement.format(table, column), role=role).diag.constraint_name == f"{table}_append_only"


@pytest.mark.parametrize("role", [None, "payapi_owner"])
@pytest.mark.parametrize("table", HISTORY)
def test_not_even_the_owner_deletes(shop, role, table):
    for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        assert shop.refusal(statement, role=role).diag.constraint_name.endswith("_append_only")


def test_strangers_see_nothing(shop):
    shop.run("CREATE ROLE stranger")
    assert denied(shop.refusal("SELECT * FROM payapi.orders", role="stranger"))
    assert denied(shop.refusal("SELECT payapi.schema_version()", role="stranger"))


def test_a_hostile_search_path_reaches_no_trigger(shop):
    """Our names exist in a schema that comes first, but the triggers still use the real tables."""
    shop.run("CREATE SCHEMA hostile")
    for table in ("payments", "orders", "audit_log"):
        shop.run(f"CREATE TABLE hostile.{table} (payment_id text, order_id text, seq bigint)")
    shop.run("CREATE FUNCTION hostile.id_has_form(text, text) RETURNS boolean LANGUAGE sql RETURN true")
    shop.run("GRANT USAGE ON SCHEMA hostile TO payapi_app")
    shop.run("SET LOCAL search_path = hostile, payapi")
    shop.run("INSERT INTO payapi.audit_log (payment_id, actor, action, body, trace_id) VALUES (%s, 'a', 'b', '{}', 't')",
             PAYMENT, role="payapi_app")
    shop.run("UPDATE payapi.payments SET progress = 'opened', status = 'processing'", role="payapi_app")
    assert shop.run("SELECT seq FROM payapi.audit_log ORDER BY audit_id") == [(1,), (2,)]
    refused = shop.refusal("INSERT INTO payapi.audit_log (payment_id, actor, action, body, trace_id, event_id, event_type,"
                           f" event_payload) VALUES ('{PAYMENT}', 'a', 'b', '{{}}', 't', 'e', 'x', '{{}}')", role="payapi_app")
    assert refused.diag.constraint_name == "event_id_has_form"


def test_hostile_operators_reach_no_trigger_of_the_owner(shop):
    """Operators and functions in a schema before PostgreSQL's own never run with the owner's rights."""
    shop.run("CREATE SCHEMA hostile")
    kinds = [("bigint", "integer", "+"), ("bigint", "bigint", "+"), ("bigint", "bigint", "-"), ("bigint", "integer", "="),
             ("bigint", "integer", "<>"), ("text", "text", "="), ("text", "text", "<>"), ("bytea", "bytea", "||"),
             ("bigint", "integer", "*")]
    for number, (left, right, operator) in enumerate(kinds):
        result = f"SELECT $1 {'OPERATOR(pg_catalog.' + operator + ')'} $2"
        kind = "boolean" if operator in ("=", "<>") else left
        shop.run(f"CREATE FUNCTION hostile.f{number}({left}, {right}) RETURNS {kind} LANGUAGE plpgsql AS $$ BEGIN"
                 f" IF current_user::text OPERATOR(pg_catalog.=) 'payapi_owner' THEN RAISE 'hostile'; END IF;"
                 f" RETURN ({result}); END $$")
        shop.run(f"CREATE OPERATOR hostile.{operator} (LEFTARG = {left}, RIGHTARG = {right}, FUNCTION = hostile.f{number})")
    shop.run("CREATE FUNCTION hostile.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN $1")
    shop.run("GRANT USAGE ON SCHEMA hostile TO PUBLIC")
    shop.run("UPDATE payments SET captured_minor = 9999, progress = 'opened', status = 'completed', completed_at = now()")
    shop.run("SET LOCAL search_path = hostile, pg_catalog, payapi")
    for _ in range(2):
        shop.run("INSERT INTO payapi.audit_log (payment_id, actor, action, body, trace_id) VALUES (%s, 'a', 'b', '{}', 't')",
                 PAYMENT, role="payapi_app")
    shop.run("INSERT INTO payapi.refunds (refund_id, payment_id, amount_minor, currency, provider, created_at, updated_at)"
             " VALUES (%s, %s, 100, 'USD', 'stripe', now(), now())", other("ref", 1), PAYMENT, role="payapi_app")
    shop.run("UPDATE payapi.refunds SET status = 'succeeded'", role="payapi_app")
    shop.run("SET LOCAL search_path = payapi")
    assert shop.value("SELECT refunded_minor FROM payments") == 100
    assert shop.run("SELECT seq FROM audit_log ORDER BY audit_id") == [(1,), (2,), (3,)]
