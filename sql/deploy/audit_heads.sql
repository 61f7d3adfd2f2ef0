-- The newest link of each payment's audit chain, in a small row of its own. If payments held it,
-- each audit row would create a new version of a wide row and check all its rules again.
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.audit_heads (
    payment_id text PRIMARY KEY REFERENCES payapi.payments,
    seq        bigint NOT NULL,
    hash       bytea NOT NULL
) WITH (fillfactor = 70);               -- room beside the row for its next versions

COMMENT ON TABLE  payapi.audit_heads IS
    'the newest link of each payment''s audit chain; written by the trigger audit_chain alone';
COMMENT ON COLUMN payapi.audit_heads.payment_id IS 'the payment that the chain is about';
COMMENT ON COLUMN payapi.audit_heads.seq IS 'number of links in the chain';
COMMENT ON COLUMN payapi.audit_heads.hash IS 'hash of the newest link';

CREATE TRIGGER audit_heads_stay BEFORE DELETE OR TRUNCATE ON payapi.audit_heads
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

COMMIT;
