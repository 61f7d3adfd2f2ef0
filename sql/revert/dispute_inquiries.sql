-- Inquiries read as open disputes again.
BEGIN;
SET LOCAL ROLE payapi_owner;

UPDATE payapi.disputes SET status = 'open' WHERE status = 'inquiry';
ALTER TABLE payapi.disputes DROP CONSTRAINT dispute_status_is_known,
    ADD CONSTRAINT dispute_status_is_known CHECK (status IN ('open', 'closed', 'won', 'lost'));
COMMENT ON COLUMN payapi.disputes.status IS 'open, closed (ended without verdict and without loss), won, lost; by the newest word';

CREATE OR REPLACE FUNCTION payapi.dispute_rank(status text, contradictory boolean)
    RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN contradictory THEN 4
                ELSE array_position(ARRAY['open', 'closed', 'won', 'lost'], status) - (status = 'lost')::int END;

COMMIT;
