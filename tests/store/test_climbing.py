"""Privilege escalation from the application's role: a stolen worker connection has only a worker's rights."""
import psycopg2
import psycopg2.errors
import pytest

from conftest import PAYMENT, Database, given_shop, other
from test_admin import admin, settings_of, sql_option

TYPES = ["text", "bytea", "jsonb", "timestamptz", "bool", "int2", "int4", "int8", "numeric", "name", "oid", "date",
         "regclass", "record_id", "minor_amount", "currency_code"]


class Worker(Database):
    """The session of a worker with its own login, so that RESET ROLE leads to no better role."""

    def __init__(self, server, name):
        self.server = server
        self.name = name
        self.connection = psycopg2.connect(host=server.folder, dbname=name, user="payapi")
        self.connection.autocommit = True
        self.run("SET search_path = payapi, pg_temp")


@pytest.fixture()
def shop_database(own_database):
    given_shop(own_database)
    return own_database


# --- Temporary objects, where a database still allows them -------------------------------------------

LIFE = [
    "INSERT INTO payapi.orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
    " VALUES ('o9', 'alice', 9999, 'USD', now(), now())",
    f"INSERT INTO payapi.payments (payment_id, order_id, amount_minor, currency, provider, expires_at, created_at,"
    f" updated_at) VALUES ('{other('pay', 9)}', 'o9', 9999, 'USD', 'stripe', now(), now(), now())",
    f"INSERT INTO payapi.audit_log (payment_id, actor, action, body, trace_id) VALUES ('{PAYMENT}', 'a', 'b', '', 't')",
    "UPDATE payapi.payments SET captured_minor = 9999, progress = 'opened', status = 'completed',"
    f" completed_at = now() WHERE payment_id = '{PAYMENT}'",
    "UPDATE payapi.provider_calls SET verdict = 'done', finished_at = now(), attempts = 1",
    f"INSERT INTO payapi.refunds (refund_id, payment_id, amount_minor, currency, provider, created_at, updated_at)"
    f" VALUES ('{other('ref', 1)}', '{PAYMENT}', 100, 'USD', 'stripe', now(), now())",
    "UPDATE payapi.refunds SET status = 'succeeded'",
    f"INSERT INTO payapi.transactions (transaction_id, payment_id, order_id, kind, amount_minor, currency, provider,"
    f" provider_ref, occurred_at, trace_id) VALUES ('{other('txn', 1)}', '{PAYMENT}', 'o1', 'charge', 9999, 'USD', 'stripe',"
    " 'pi_1', now(), 't')",
    f"UPDATE payapi.webhook_events SET status = 'processed', payment_id = '{PAYMENT}',"
    " finished_at = now() - interval '9 days'",
    f"INSERT INTO payapi.disputes (dispute_id, payment_id, provider, provider_ref, amount_minor, currency, status,"
    f" told_at_ms, created_at, updated_at) VALUES ('{other('dsp', 1)}', '{PAYMENT}', 'stripe', 'dp_1', 100, 'USD',"
    " 'open', 5, now(), now())",
    "UPDATE payapi.disputes SET told_at_ms = 6",
    "UPDATE payapi.idempotency_keys SET state = 'done', answer_status = 200, answer_body = ''",
    "SELECT payapi.purge_webhook_bodies(1, 10)",
    "SELECT payapi.purge_idempotency_keys(1, 10)",
    "SELECT payapi.must_be_one(1)",
]


def test_types_of_the_caller_reach_no_function_of_ours(server, shop_database):
    """The caller hides each type behind a domain that reports who uses it. The guards are compiled while these
    are visible, and then run inside the functions that have the owner's rights."""
    worker = Worker(server, shop_database.name)
    worker.run("CREATE FUNCTION pg_temp.tell(anyelement) RETURNS boolean LANGUAGE plpgsql AS"
               " $$ BEGIN RAISE 'used as %', current_user; END $$")
    for name in TYPES:
        base = "pg_catalog." + name if name not in ("record_id", "minor_amount", "currency_code") else "pg_catalog.text"
        worker.run(f'CREATE DOMAIN pg_temp."{name}" AS {base} CHECK (pg_temp.tell(VALUE))')
    for path in ("payapi", "pg_temp, pg_catalog, payapi", "payapi, pg_temp"):
        worker.run(f"SET search_path = {path}")
        worker.begin()
        for statement in LIFE:
            worker.run(statement)
        worker.rollback()
    worker.close()


# --- After payapi-admin migrate ----------------------------------------------------------------------

@pytest.fixture(scope="module")
def worker(server):
    name = server.create_database()
    owner = Database(server, name)
    given_shop(owner)
    owner.run("CREATE ROLE plain_login LOGIN")
    ran = admin("migrate", *sql_option(), **settings_of(owner, DATABASE_OWNER_USER="postgres"))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    session = Worker(server, name)
    session.owner = owner
    yield session
    session.close()
    owner.close()


SHADOW = "CREATE FUNCTION {0}.f(payapi.orders) RETURNS boolean LANGUAGE sql RETURN true"

WAYS = {
    "a temporary type": "CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (true)",
    "a temporary table": "CREATE TEMPORARY TABLE payments (payment_id text)",
    "a temporary view": "CREATE TEMPORARY VIEW orders AS SELECT 1",
    "a temporary sequence": "CREATE TEMPORARY SEQUENCE s",
    "a temporary function": SHADOW.format("pg_temp"),
    "a temporary operator": "CREATE OPERATOR pg_temp.= (LEFTARG = bigint, RIGHTARG = text, FUNCTION = texteq)",
    "a trigger on a table of its own": "CREATE TEMPORARY TABLE t AS SELECT 1; CREATE TRIGGER x BEFORE INSERT ON t"
                                       " FOR EACH ROW EXECUTE FUNCTION payapi.refunds_count()",
    "a function in our schema": SHADOW.format("payapi"),
    "a function in public": SHADOW.format("public"),
    "a domain in public": "CREATE DOMAIN public.text AS pg_catalog.text",
    "a cast": "CREATE CAST (text AS payapi.orders) WITH INOUT AS IMPLICIT",
    "a schema": "CREATE SCHEMA mine",
    "the owner's role": "SET ROLE payapi_owner",
    "the owner's session": "SET SESSION AUTHORIZATION payapi_owner",
    "the superuser's session": "SET SESSION AUTHORIZATION postgres",
    "membership in the owner": "GRANT payapi_owner TO payapi",
    "a role": "CREATE ROLE mine",
    "a better role": "ALTER ROLE payapi SUPERUSER",
    "a role's search path for others": "ALTER ROLE plain_login SET search_path = public",
    "default privileges of the owner": "ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner GRANT ALL ON TABLES TO PUBLIC",
    "the table's owner": "ALTER TABLE payapi.orders OWNER TO payapi_app",
    "the function's owner": "ALTER FUNCTION payapi.purge_webhook_bodies OWNER TO payapi_app",
    "a function replaced": "CREATE OR REPLACE FUNCTION payapi.orders_guard() RETURNS trigger LANGUAGE plpgsql AS"
                           " $$ BEGIN RETURN NEW; END $$",
    "a function's path": "ALTER FUNCTION payapi.refunds_count RESET search_path",
    "a guard switched off": "ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard",
    "triggers switched off": "SET session_replication_role = replica",
    "a trigger of its own": "CREATE TRIGGER mine BEFORE INSERT ON payapi.orders FOR EACH ROW"
                            " EXECUTE FUNCTION payapi.orders_guard()",
    "a rule": "CREATE RULE mine AS ON INSERT TO payapi.orders DO INSTEAD NOTHING",
    "a policy": "CREATE POLICY mine ON payapi.orders USING (true)",
    "an event trigger": "CREATE EVENT TRIGGER mine ON ddl_command_end EXECUTE FUNCTION payapi.refunds_count()",
    "a reference": "CREATE TABLE public.mine (id text REFERENCES payapi.orders)",
    "an index of its own": "CREATE INDEX ON payapi.orders ((lower(order_id)))",
    "a program": "COPY payapi.orders (order_id) TO PROGRAM 'cat >/dev/null'",
    "a file written": "COPY payapi.orders (order_id) TO '/dev/null'",
    "a file read": "SELECT pg_read_file('PG_VERSION')",
    "a folder listed": "SELECT pg_ls_dir('.')",
    "a large object of a file": "SELECT lo_import('/etc/hostname')",
    "a language": "CREATE LANGUAGE plperlu",
    "an extension": "CREATE EXTENSION dblink",
    "a trusted extension": "CREATE EXTENSION pgcrypto",
    "a library": "LOAD 'mine.so'",
    "a C function": "CREATE FUNCTION public.c() RETURNS int LANGUAGE c AS 'mine.so', 'c'",
    "another server": "CREATE SERVER mine FOREIGN DATA WRAPPER nothing",
    "a subscription": "CREATE SUBSCRIPTION mine CONNECTION '' PUBLICATION p",
    "a publication": "CREATE PUBLICATION mine FOR ALL TABLES",
    "a setting of the server": "ALTER SYSTEM SET shared_preload_libraries = 'mine'",
    "a setting of the database": "ALTER DATABASE {database} SET search_path = public",
    "a DO block": "DO $$ BEGIN EXECUTE 'SET ROLE payapi_owner'; END $$",
    "a prepared statement": "PREPARE mine AS DELETE FROM payapi.orders; EXECUTE mine",
    "a trigger of the owner's called": "SELECT payapi.refunds_count()",
    "the counting trigger called": "SELECT payapi.refunds_count()",
    "crafted arguments": "SELECT payapi.purge_webhook_bodies('1; DROP TABLE payapi.orders', 10)",
    "negative arguments": "SELECT payapi.purge_idempotency_keys(-1, -1)",
    "another's session ended": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'",
    "the passwords": "SELECT * FROM pg_authid",
    "the statistics of values": "SELECT * FROM pg_statistic",
}
# Errors about impossible arguments and objects, which are as good as a refusal.
OTHERWISE_REFUSED = (psycopg2.errors.InsufficientPrivilege, psycopg2.errors.InvalidTextRepresentation,
                     psycopg2.errors.InvalidRowCountInLimitClause, psycopg2.errors.UndefinedObject,
                     psycopg2.errors.FeatureNotSupported, psycopg2.errors.UndefinedFile)


@pytest.mark.parametrize("way", WAYS)
def test_no_way_leads_up(worker, way):
    with pytest.raises(OTHERWISE_REFUSED):
        worker.run(WAYS[way].replace("{database}", worker.name))
    assert worker.value("SELECT current_user") == "payapi"


@pytest.mark.parametrize("grant", [
    "GRANT DELETE ON payapi.orders TO payapi", "GRANT INSERT ON payapi.orders TO PUBLIC",
    "GRANT TEMPORARY, CREATE ON DATABASE {database} TO payapi", "GRANT CREATE ON SCHEMA payapi TO payapi",
    "GRANT CREATE ON SCHEMA public TO payapi", "GRANT EXECUTE ON FUNCTION payapi.purge_webhook_bodies TO PUBLIC"])
def test_a_right_without_grant_option_is_not_passed_on(worker, grant):
    """PostgreSQL answers some of these with a warning instead of an error."""
    rights = ("SELECT array_agg(acl::text ORDER BY acl::text) FROM (SELECT unnest(relacl) FROM pg_class"
              " UNION ALL SELECT unnest(nspacl) FROM pg_namespace UNION ALL SELECT unnest(datacl) FROM pg_database"
              " UNION ALL SELECT unnest(proacl) FROM pg_proc) AS all_of_them(acl)")
    before = worker.value(rights)
    try:
        worker.run(grant.replace("{database}", worker.name))
    except psycopg2.errors.InsufficientPrivilege:
        pass
    assert worker.value(rights) == before


def test_migrate_takes_temporary_objects_and_the_public_schema_from_everybody(worker):
    """Needed after a restore too, because a dump does not carry the rights on its database."""
    assert worker.value("SELECT has_database_privilege('payapi', current_database(), 'TEMPORARY')") is False
    worker.owner.run(f"GRANT TEMPORARY ON DATABASE {worker.name} TO PUBLIC")
    worker.owner.run("GRANT CREATE ON SCHEMA public TO PUBLIC")
    settings = settings_of(worker, DATABASE_OWNER_USER="postgres")
    assert admin("migrate", *sql_option(), **settings).returncode == 0
    assert worker.value("SELECT has_database_privilege('payapi', current_database(), 'TEMPORARY')") is False
    assert worker.value("SELECT has_schema_privilege('payapi', 'public', 'CREATE')") is False


def test_migrate_says_what_only_the_databases_owner_can_take_away(worker):
    worker.owner.run(f"GRANT TEMPORARY ON DATABASE {worker.name} TO PUBLIC")
    worker.owner.run("DO $$ BEGIN CREATE ROLE migrator LOGIN IN ROLE payapi_owner; EXCEPTION"
                     " WHEN duplicate_object THEN NULL; END $$; GRANT USAGE ON SCHEMA payapi_sqitch TO migrator;"
                     " GRANT ALL ON ALL TABLES IN SCHEMA payapi_sqitch TO migrator")
    ran = admin("migrate", *sql_option(), **settings_of(worker, DATABASE_OWNER_USER="migrator"))
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert f'REVOKE TEMPORARY ON DATABASE {worker.name} FROM PUBLIC' in ran.stderr
    worker.owner.run(f"REVOKE TEMPORARY ON DATABASE {worker.name} FROM PUBLIC")
    assert admin("migrate", *sql_option(), **settings_of(worker, DATABASE_OWNER_USER="migrator")).returncode == 0
