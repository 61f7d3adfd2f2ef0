"""Everything in the schema has a comment that says what it is."""
import re


def uncommented(db, sql):
    return [name for (name,) in db.run(sql)]


def test_every_table_and_column_has_a_comment(db):
    assert uncommented(db, """
        SELECT format('%s.%s', c.relname, a.attname)
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'payapi'
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p', 'v') AND coalesce(col_description(c.oid, a.attnum), '') = ''
        UNION ALL
        SELECT c.relname
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'payapi'
         WHERE c.relkind IN ('r', 'p', 'v') AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''
        """) == []


def test_every_index_names_what_it_is_for(db):
    """Of tables that every payment writes: an entry in each is paid for each time. A primary key needs no reason."""
    assert uncommented(db, """
        SELECT i.indexrelid::regclass::text FROM pg_index i
         WHERE i.indrelid IN ('payments'::regclass, 'provider_calls'::regclass, 'refunds'::regclass,
                              'idempotency_keys'::regclass)
           AND NOT i.indisprimary AND obj_description(i.indexrelid, 'pg_class') IS NULL
        """) == []


def test_every_function_and_domain_has_a_comment(db):
    assert uncommented(db, """
        SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = 'payapi' AND obj_description(p.oid, 'pg_proc') IS NULL
        UNION ALL
        SELECT t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
         WHERE n.nspname = 'payapi' AND t.typtype = 'd' AND obj_description(t.oid, 'pg_type') IS NULL
        """) == []


def test_the_schema_and_its_roles_have_comments(db):
    assert db.value("SELECT obj_description('payapi'::regnamespace, 'pg_namespace')")
    assert db.value("SELECT count(*) FROM pg_roles WHERE rolname IN ('payapi_owner', 'payapi_app', 'payapi_read',"
                    " 'payapi_sealer', 'payapi_live', 'payapi_deliver') AND shobj_description(oid, 'pg_authid') <> ''") == 6


def assert_all_is_named_with_its_schema(name, code):
    """No bare operator, and no table, function or type without a schema; assignments do not count."""
    code = re.sub(r"OPERATOR\(pg_catalog\.[^)]+\)|:=", "", code)
    code = re.sub(r"(\bSET|\bUSING|,)\s+\w+ = ", " ", code)
    assert not re.search(r"[-+*/<>=~!@#%^&|`?]", code), name
    assert not re.search(r"\b(FROM|JOIN|INTO|UPDATE|PERFORM)\s+(?!NEW\.|payapi\.)\w", code), name
    assert not re.search(r"(?<!payapi\.)(?<!pg_catalog\.)\b(?!VALUES\b|IF\b|coalesce\b)\w+\(", code), name
    assert not re.search(r"(?<!pg_catalog\.)\b(bigint|integer|text|bytea|boolean|int)\b|::", code), name


def assert_types_are_named_with_their_schema(name, source, types):
    """Unlike functions and operators, types are looked up among the caller's temporary objects first. Types that
    are words of the grammar (boolean, bigint) are always PostgreSQL's own."""
    words = "boolean|smallint|integer|int|bigint"
    declared = re.search(r"\bDECLARE\b(.*?)\bBEGIN\b", source, re.DOTALL)
    for line in declared.group(1).split(";")[:-1] if declared else []:
        assert re.match(rf"\s*\w+\s+(CONSTANT\s+)?((pg_catalog|payapi)\.\w|({words})\b)", line), (name, line)
    assert not re.search(rf"::(?!pg_catalog\.|payapi\.|({words})\b)|\bCAST\s*\(|%(ROW)?TYPE\b", source), name
    source = re.sub(r"'[^']*'", "''", source)
    assert not re.search(rf"(?<!pg_catalog\.)(?<!payapi\.)\b({types})(\(|\s+'')", source), name


def test_every_function_that_looks_something_up_has_its_search_path_pinned(db):
    """A plpgsql function looks up names when it runs; one with RETURN was bound when it was created. Operators and
    functions are PostgreSQL's own, which come first on every path but a hostile one, or have their schema. A
    function that runs as its owner, or inside a trigger that does, qualifies every name."""
    unpinned = db.run("""
        SELECT p.proname, p.prosecdef, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
          JOIN pg_language l ON l.oid = p.prolang
         WHERE n.nspname = 'payapi' AND l.lanname = 'plpgsql'
           AND NOT coalesce('search_path=payapi, pg_temp' = ANY (p.proconfig), false)
        """)
    types = "|".join(name for (name,) in db.run(
        "SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname ~ '^[a-z][a-z0-9]+$'"))
    ours = [name for (name,) in db.run("SELECT proname FROM pg_proc WHERE pronamespace = 'payapi'::regnamespace")]
    for name, definer, source in unpinned:
        assert_types_are_named_with_their_schema(name, source, types)
        code = re.sub(r"'[^']*'|IS (NOT )?DISTINCT FROM", "", source)
        if definer or name in ("audit_number", "provider_is_known"):
            assert_all_is_named_with_its_schema(name, code)
            continue
        assert not re.search(r"\b(SELECT|FROM|JOIN|INSERT|UPDATE|DELETE|PERFORM|EXECUTE)\b", code), name
        assert not re.search(r"(?<!payapi\.)\b(" + "|".join(ours) + r")\(", code), name
