-- The role of payapi-stream: it reads payments and which of their changes were announced, and writes
-- nothing.
-- Locks: none
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'payapi_live') THEN
        CREATE ROLE payapi_live NOLOGIN;
        COMMENT ON ROLE payapi_live IS 'may follow payments; for payapi-stream only';
    END IF;
END
$$;

SET LOCAL ROLE payapi_owner;
GRANT USAGE ON SCHEMA payapi TO payapi_live;
GRANT SELECT ON payapi.payments TO payapi_live;
GRANT SELECT (order_id, owner_id) ON payapi.orders TO payapi_live;
GRANT SELECT (payment_id, seq, event_type) ON payapi.audit_log TO payapi_live;
GRANT EXECUTE ON FUNCTION payapi.ms, payapi.schema_version TO payapi_live;

COMMIT;
