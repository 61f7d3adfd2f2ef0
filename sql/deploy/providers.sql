-- The payment providers. To support another provider, the schema needs only one more row, added by
-- a change of its own.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.providers (
    provider text PRIMARY KEY
        CONSTRAINT provider_is_a_word CHECK (provider ~ '^[a-z][a-z0-9_]{0,31}$')
);
INSERT INTO payapi.providers (provider) VALUES ('stripe'), ('paystack');

COMMENT ON TABLE  payapi.providers IS 'the payment providers that payments may use; append-only';
COMMENT ON COLUMN payapi.providers.provider IS
    'its name in the API, in settings and in all other tables';

-- A foreign key would lock the provider's row for each payment. Rows of this table are never
-- deleted, so a lookup is enough. plpgsql keeps the plan prepared for the session. Names are
-- qualified with their schema, which costs half as much per call as a search path.
CREATE FUNCTION payapi.provider_is_known(name text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM payapi.providers AS p WHERE p.provider OPERATOR(pg_catalog.=) name);
END
$$;
COMMENT ON FUNCTION payapi.provider_is_known IS 'whether a payment may use this provider';

CREATE TRIGGER providers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payapi.providers
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT EXECUTE ON FUNCTION payapi.provider_is_known TO payapi_app;

COMMIT;
