-- Small types and functions that the tables share.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE DOMAIN payapi.minor_amount AS bigint
    CONSTRAINT amount_in_bounds CHECK (VALUE BETWEEN 0 AND 999999999999);
COMMENT ON DOMAIN payapi.minor_amount IS 'ISO 4217 minor units, never a fraction of one';

CREATE DOMAIN payapi.currency_code AS text
    CONSTRAINT currency_is_three_capitals CHECK (VALUE ~ '^[A-Z]{3}$');
COMMENT ON DOMAIN payapi.currency_code IS 'ISO 4217 alphabetic code';

-- Times are passed as Unix milliseconds, so that one clock (the worker's ctx) dates a whole
-- request. STABLE, like the functions they call: PostgreSQL then inlines them, and they cost
-- nothing per row. date_part, unlike extract, computes without numeric; a double is exact to far less
-- than a millisecond.
CREATE FUNCTION payapi.at_ms(bigint) RETURNS timestamptz LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN timestamptz 'epoch' + $1 * interval '1 millisecond';
COMMENT ON FUNCTION payapi.at_ms IS 'Unix milliseconds as a point in time';

CREATE FUNCTION payapi.ms(timestamptz) RETURNS bigint LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (date_part('epoch', $1) * 1000)::bigint;
COMMENT ON FUNCTION payapi.ms IS 'a point in time as Unix milliseconds';

CREATE FUNCTION payapi.id_has_form(id text, prefix text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN starts_with(id, prefix) AND length(id) = length(prefix) + 26
           AND substr(id, length(prefix) + 1) !~ '[^0-9A-HJKMNP-TV-Z]';
COMMENT ON FUNCTION payapi.id_has_form IS
    'whether an id has our form: the prefix and 26 digits of Crockford''s base 32';

-- xid8 has no arithmetic, so every query casts it this way.
CREATE FUNCTION payapi.xid_number(xid8) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN $1::text::bigint;
COMMENT ON FUNCTION payapi.xid_number IS 'a transaction id as a number; does not wrap around';

CREATE FUNCTION payapi.refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = payapi, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% is history: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_TABLE_NAME || '_append_only';
END
$$;
COMMENT ON FUNCTION payapi.refuse_change IS
    'trigger: rejects the statement; nobody, not even the owner, changes history';

-- A writer that has lost its fence must not reach the COMMIT that follows in the same round trip.
-- PostgreSQL inlines must_be_one, so PL/pgSQL runs only when it fails.
CREATE FUNCTION payapi.refuse_count(changed_rows bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows changed instead of one', changed_rows USING ERRCODE = 'PA001';
END
$$;
COMMENT ON FUNCTION payapi.refuse_count IS 'raises PA001, which ends the transaction';

CREATE FUNCTION payapi.must_be_one(changed_rows bigint) RETURNS boolean LANGUAGE sql
    RETURN CASE WHEN changed_rows = 1 THEN true ELSE payapi.refuse_count(changed_rows) END;
COMMENT ON FUNCTION payapi.must_be_one IS
    'raises PA001, which ends the transaction, unless exactly one row was changed';

GRANT EXECUTE ON FUNCTION payapi.at_ms, payapi.ms, payapi.xid_number TO payapi_app, payapi_read;
GRANT EXECUTE ON FUNCTION payapi.id_has_form, payapi.must_be_one, payapi.refuse_count TO payapi_app;

COMMIT;
