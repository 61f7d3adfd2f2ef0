-- Keys of back ends. What a key allows never changes: a shop makes another one and revokes this.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.api_keys (
    key_id       text PRIMARY KEY,
    key_hash     bytea NOT NULL CONSTRAINT api_key_once UNIQUE,
    live         boolean NOT NULL,
    shown        text NOT NULL,
    name         text NOT NULL,
    scopes       text[] NOT NULL,
    networks     cidr[] NOT NULL DEFAULT '{}',
    created_at   timestamptz(3) NOT NULL,
    created_by   text NOT NULL,
    expires_at   timestamptz(3),
    revoked_at   timestamptz(3),
    revoked_by   text,
    last_used_at timestamptz(3)
);

COMMENT ON TABLE  payapi.api_keys IS 'keys of back ends; rows are kept after their end';
COMMENT ON COLUMN payapi.api_keys.key_id IS 'names the key in the audit: key:KEY_ID';
COMMENT ON COLUMN payapi.api_keys.key_hash IS
    'SHA-256 of the key, which has 178 random bits; the key itself is nowhere';
COMMENT ON COLUMN payapi.api_keys.live IS
    'payapi_live_ or payapi_test_; must fit our keys at the providers';
COMMENT ON COLUMN payapi.api_keys.shown IS
    'the first 8 of its random characters, for people to tell keys apart';
COMMENT ON COLUMN payapi.api_keys.name IS
    'what it is for; owner of the orders made with it without ownerId';
COMMENT ON COLUMN payapi.api_keys.scopes IS
    'what it allows, e.g. orders:read; a scope that the programs do not know allows nothing';
COMMENT ON COLUMN payapi.api_keys.networks IS 'where its callers must be; empty: anywhere';
COMMENT ON COLUMN payapi.api_keys.created_at IS 'when it was made';
COMMENT ON COLUMN payapi.api_keys.created_by IS 'who made it, as in the audit';
COMMENT ON COLUMN payapi.api_keys.expires_at IS 'refused from then on; null: never';
COMMENT ON COLUMN payapi.api_keys.revoked_at IS 'refused since then, for ever; null: not revoked';
COMMENT ON COLUMN payapi.api_keys.revoked_by IS 'who revoked it, as in the audit';
COMMENT ON COLUMN payapi.api_keys.last_used_at IS
    'the minute of its last good request; null: never used';

CREATE FUNCTION payapi.api_keys_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.key_id, 'key_') THEN 'api_key_id_has_form'
        WHEN length(NEW.key_hash) <> 32 THEN 'api_key_hash_is_sha256'
        WHEN length(NEW.shown) <> 8 OR NEW.shown ~ '[^0-9A-Za-z]' THEN 'api_key_shown_has_form'
        WHEN octet_length(NEW.name) NOT BETWEEN 1 AND 64 THEN 'api_key_has_a_name'
        WHEN cardinality(NEW.scopes) = 0 OR array_to_string(NEW.scopes, ' ', '?') !~ '^[a-z: ]+$'
            THEN 'api_key_has_scopes'
        WHEN cardinality(NEW.networks) > 16 THEN 'api_key_networks_are_few'
        WHEN NEW.expires_at <= NEW.created_at THEN 'api_key_expires_later'
        WHEN (NEW.revoked_at IS NULL) <> (NEW.revoked_by IS NULL) THEN 'revoked_has_a_name'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.key_id, NEW.key_hash, NEW.live, NEW.shown, NEW.name, NEW.scopes, NEW.networks,
              NEW.created_at, NEW.created_by, NEW.expires_at)
             IS DISTINCT FROM
             (OLD.key_id, OLD.key_hash, OLD.live, OLD.shown, OLD.name, OLD.scopes, OLD.networks,
              OLD.created_at, OLD.created_by, OLD.expires_at)
            THEN 'api_key_is_immutable'
        WHEN OLD.revoked_at IS NOT NULL
             AND (NEW.revoked_at, NEW.revoked_by) IS DISTINCT FROM (OLD.revoked_at, OLD.revoked_by)
            THEN 'revoked_stays_revoked'
        WHEN OLD.last_used_at IS NOT NULL
             AND (NEW.last_used_at IS NULL OR NEW.last_used_at < OLD.last_used_at)
            THEN 'last_use_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'API key %: %', NEW.key_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.api_keys_guard IS
    'trigger: checks the values of a key; only its end and its last use may change';

CREATE TRIGGER api_keys_append_only
    BEFORE DELETE OR TRUNCATE ON payapi.api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER api_keys_guard
    BEFORE INSERT OR UPDATE ON payapi.api_keys
    FOR EACH ROW EXECUTE FUNCTION payapi.api_keys_guard();

GRANT INSERT, UPDATE (revoked_at, revoked_by, last_used_at) ON payapi.api_keys TO payapi_app;

COMMENT ON COLUMN payapi.idempotency_keys.principal IS
    'subject of the token, empty for API keys, which share theirs; keys of other subjects never match';

COMMIT;
