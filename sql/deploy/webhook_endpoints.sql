-- Where the shop wants to be told of events. No secret is here: it is derived from the master secret
-- of the programs, the endpoint's id and a generation.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.webhook_endpoints (
    endpoint_id     text PRIMARY KEY,
    url             text NOT NULL,
    events          text[] NOT NULL,
    description     text NOT NULL,
    status          text NOT NULL DEFAULT 'enabled',
    disabled_reason text,
    generation      integer NOT NULL DEFAULT 1,
    signs_from      integer NOT NULL DEFAULT 1,
    former_until    timestamptz(3),
    failures        integer NOT NULL DEFAULT 0,
    failing_since   timestamptz(3),
    in_flight_max   smallint NOT NULL DEFAULT 4,
    after_events    pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    created_at      timestamptz(3) NOT NULL,
    created_by      text NOT NULL,
    updated_at      timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX webhook_endpoint_url_once ON payapi.webhook_endpoints (url)
    WHERE status <> 'deleted';
COMMENT ON INDEX payapi.webhook_endpoint_url_once IS
    'a creation that is repeated makes no second endpoint, which would get each event again';

COMMENT ON TABLE  payapi.webhook_endpoints IS
    'where the shop is told of events; whoever plans, claims or finishes deliveries of an endpoint '
    'has locked its row';
COMMENT ON COLUMN payapi.webhook_endpoints.endpoint_id IS 'our id: wep_ and 26 characters';
COMMENT ON COLUMN payapi.webhook_endpoints.url IS 'where events are sent to';
COMMENT ON COLUMN payapi.webhook_endpoints.events IS 'names of events, or * alone: all of them';
COMMENT ON COLUMN payapi.webhook_endpoints.description IS 'what it is for, in the shop''s words';
COMMENT ON COLUMN payapi.webhook_endpoints.status IS
    'enabled; disabled: nothing is planned or sent; deleted: the same, for ever, and not shown';
COMMENT ON COLUMN payapi.webhook_endpoints.disabled_reason IS
    'while it is disabled: asked (by the shop), gone (it answered 410), failing (for days)';
COMMENT ON COLUMN payapi.webhook_endpoints.generation IS
    'of its secret: 1, 2, 3 ...; a rotation makes the next one';
COMMENT ON COLUMN payapi.webhook_endpoints.signs_from IS
    'the oldest generation that signs too until former_until';
COMMENT ON COLUMN payapi.webhook_endpoints.former_until IS
    'how long former generations sign too; null: never rotated';
COMMENT ON COLUMN payapi.webhook_endpoints.failures IS 'attempts that failed since the last success';
COMMENT ON COLUMN payapi.webhook_endpoints.failing_since IS 'when the first of them failed';
COMMENT ON COLUMN payapi.webhook_endpoints.in_flight_max IS
    'deliveries that may be on their way at a time: 1 after 5 failures, then 2 and 4 again';
COMMENT ON COLUMN payapi.webhook_endpoints.after_events IS
    'it gets the events whose transactions had not ended here, when it was created';
COMMENT ON COLUMN payapi.webhook_endpoints.created_at IS 'when it was created';
COMMENT ON COLUMN payapi.webhook_endpoints.created_by IS 'who created it, as in the audit';
COMMENT ON COLUMN payapi.webhook_endpoints.updated_at IS
    'when somebody last changed it; not when it was last sent to';

CREATE FUNCTION payapi.webhook_endpoints_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.endpoint_id, 'wep_') THEN 'endpoint_id_has_form'
        WHEN octet_length(NEW.url) > 2048 OR NEW.url !~ '^https?://[!-~]+$'
            THEN 'endpoint_url_has_form'
        WHEN cardinality(NEW.events) NOT BETWEEN 1 AND 64
             OR array_to_string(NEW.events, ' ', '?') !~ '^([*]|[a-z_.]+( [a-z_.]+)*)$'
            THEN 'endpoint_has_events'
        WHEN octet_length(NEW.description) > 256 OR NEW.description ~ '[[:cntrl:]]'
            THEN 'endpoint_description_is_short'
        WHEN NEW.status NOT IN ('enabled', 'disabled', 'deleted') THEN 'endpoint_status_is_known'
        WHEN (NEW.status = 'disabled') <> (NEW.disabled_reason IS NOT NULL)
             OR NEW.disabled_reason NOT IN ('asked', 'gone', 'failing')
            THEN 'disabled_has_a_reason'
        WHEN NEW.signs_from NOT BETWEEN 1 AND NEW.generation THEN 'generations_are_ordered'
        WHEN (NEW.failures = 0) <> (NEW.failing_since IS NULL) THEN 'failures_have_a_beginning'
        WHEN NEW.in_flight_max NOT IN (1, 2, 4) THEN 'in_flight_max_is_known'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.endpoint_id, NEW.created_at, NEW.created_by)
             IS DISTINCT FROM (OLD.endpoint_id, OLD.created_at, OLD.created_by)
            THEN 'endpoint_origin_is_immutable'
        WHEN NEW.generation NOT IN (OLD.generation, OLD.generation + 1)
            THEN 'generations_go_one_by_one'
        WHEN OLD.status = 'deleted' AND NEW IS DISTINCT FROM OLD THEN 'deleted_stays_deleted'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'webhook endpoint %: %', NEW.endpoint_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.webhook_endpoints_guard IS
    'trigger: checks the values of an endpoint; a deleted one never changes';

CREATE TRIGGER webhook_endpoints_append_only
    BEFORE DELETE OR TRUNCATE ON payapi.webhook_endpoints
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER webhook_endpoints_guard
    BEFORE INSERT OR UPDATE ON payapi.webhook_endpoints
    FOR EACH ROW EXECUTE FUNCTION payapi.webhook_endpoints_guard();

GRANT INSERT (endpoint_id, url, events, description, created_at, created_by, updated_at),
      UPDATE (url, events, description, status, disabled_reason, generation, signs_from,
              former_until, failures, failing_since, in_flight_max, updated_at)
    ON payapi.webhook_endpoints TO payapi_app;

COMMIT;
