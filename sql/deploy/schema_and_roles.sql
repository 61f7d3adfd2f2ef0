-- The schema, its three roles, and the small types that every table uses.
-- Roles that are there were made by the database administrator, who then need not let migrations make any. Who
-- makes payapi_owner here joins it: a role with CREATEROLE may not act as the roles it made (PostgreSQL 16).
BEGIN;

DO $$
DECLARE
    name    text;
    meaning text;
BEGIN
    FOR name, meaning IN VALUES
        ('payapi_owner', 'owns the schema payapi; used by migrations only'),
        ('payapi_app', 'what workers and jobs may do: no DELETE, no UPDATE of history'),
        ('payapi_read', 'read-only: reports and support')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', name, meaning);
            IF name = 'payapi_owner' AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            END IF;
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA payapi AUTHORIZATION payapi_owner;
COMMENT ON SCHEMA payapi IS 'payments, and everything needed to prove what happened to them';
GRANT USAGE ON SCHEMA payapi TO payapi_app, payapi_read;

SET LOCAL ROLE payapi_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA payapi GRANT SELECT ON TABLES TO payapi_read, payapi_app;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE DOMAIN payapi.minor_amount AS bigint
    CONSTRAINT amount_in_bounds CHECK (VALUE BETWEEN 0 AND 999999999999);
COMMENT ON DOMAIN payapi.minor_amount IS 'ISO 4217 minor units, never a fraction of one';

CREATE DOMAIN payapi.currency_code AS text
    CONSTRAINT currency_is_three_capitals CHECK (VALUE ~ '^[A-Z]{3}$');
COMMENT ON DOMAIN payapi.currency_code IS 'ISO 4217 alphabetic code';

-- Times travel as Unix milliseconds, so that one clock (the worker's ctx) dates one request.
-- STABLE, as what they are made of: then they are inlined, and cost nothing per row.
CREATE FUNCTION payapi.at_ms(bigint) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN timestamptz 'epoch' + $1 * interval '1 millisecond';
COMMENT ON FUNCTION payapi.at_ms(bigint) IS 'Unix milliseconds to a point in time';

CREATE FUNCTION payapi.ms(timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (extract(epoch FROM $1) * 1000)::bigint;
COMMENT ON FUNCTION payapi.ms(timestamptz) IS 'a point in time as Unix milliseconds';

CREATE FUNCTION payapi.refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is history: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;
COMMENT ON FUNCTION payapi.refuse_change() IS 'trigger: nobody, the owner included, changes history';

-- A writer that lost its fence must not reach the COMMIT which follows in the same round trip.
CREATE FUNCTION payapi.must_be_one(changed_rows bigint) RETURNS boolean LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
BEGIN
    IF changed_rows <> 1 THEN
        RAISE EXCEPTION '% rows changed instead of one', changed_rows USING ERRCODE = 'PA001';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION payapi.must_be_one(bigint) IS 'raises PA001, and so ends the transaction, unless one row was changed';

GRANT EXECUTE ON FUNCTION payapi.at_ms(bigint), payapi.ms(timestamptz) TO payapi_app, payapi_read;
GRANT EXECUTE ON FUNCTION payapi.must_be_one(bigint) TO payapi_app;

COMMIT;
