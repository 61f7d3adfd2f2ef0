"""sql/schema.sql is the schema that the changes produce."""
import difflib
import subprocess

from conftest import ROOT


def text_of(database):
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-h", database.server.folder, "-U", "postgres",
                           "-d", database.name, "-f", str(ROOT / "sql/print_schema.sql")],
                          check=True, text=True, stdout=subprocess.PIPE).stdout


def differences(text):
    told = (ROOT / "sql/schema.sql").read_text()
    return list(difflib.unified_diff(told.splitlines(), text.splitlines(), "sql/schema.sql", "a fresh database",
                                     lineterm="", n=1))


def test_the_text_in_the_tree_is_what_a_fresh_database_has(own_database):
    found = differences(text_of(own_database))
    assert not found, "run make schema\n" + "\n".join(found)


def test_the_text_knows_all_that_it_finds(own_database):
    assert "NOT PRINTED" not in text_of(own_database)
    own_database.run("CREATE VIEW payapi.odd AS SELECT 1; CREATE SEQUENCE payapi.even")
    told = text_of(own_database)
    assert "-- NOT PRINTED: relation payapi.odd" in told and "-- NOT PRINTED: sequence payapi.even" in told


def test_a_change_of_any_kind_shows(own_database):
    """One statement for each kind of object that the text describes."""
    for statement in (
            "ALTER TABLE payments ADD COLUMN odd text",
            "ALTER TABLE payments ALTER COLUMN odd SET NOT NULL",
            "ALTER TABLE payments ALTER COLUMN odd SET DEFAULT 'x'",
            "COMMENT ON COLUMN payments.odd IS 'odd'",
            "COMMENT ON TABLE payments IS 'odd'",
            "ALTER TABLE payments ADD CONSTRAINT odd CHECK (odd <> '')",
            "CREATE INDEX odd ON payments (odd)",
            "COMMENT ON INDEX odd IS 'odd'",
            "ALTER TABLE payments SET (fillfactor = 50)",
            "ALTER TABLE payments DISABLE TRIGGER payments_guard",
            "DROP TRIGGER payments_stay ON payments",
            "GRANT DELETE ON payments TO payapi_app",
            "GRANT UPDATE (odd) ON payments TO payapi_app",
            "CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql RETURN 7",
            "COMMENT ON FUNCTION schema_version IS 'odd'",
            "GRANT EXECUTE ON FUNCTION erase_email TO payapi_app",
            "ALTER DOMAIN minor_amount DROP CONSTRAINT amount_in_bounds",
            "COMMENT ON DOMAIN minor_amount IS 'odd'",
            "REVOKE USAGE ON SCHEMA payapi FROM payapi_read",
            "ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner IN SCHEMA payapi GRANT UPDATE ON TABLES TO payapi_app",
            "ALTER TABLE payments OWNER TO postgres"):
        before = text_of(own_database)
        own_database.run(statement)
        assert text_of(own_database) != before, statement
