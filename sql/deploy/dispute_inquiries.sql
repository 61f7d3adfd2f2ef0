-- An inquiry is no dispute yet: the bank asks before it takes money, and the charge can be refunded meanwhile.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.disputes DROP CONSTRAINT dispute_status_is_known,
    ADD CONSTRAINT dispute_status_is_known CHECK (status IN ('inquiry', 'open', 'closed', 'won', 'lost'));
COMMENT ON COLUMN payapi.disputes.status IS
    'inquiry (no money moves yet), open, closed (ended without verdict and without loss), won, lost; by the newest word';

CREATE OR REPLACE FUNCTION payapi.dispute_rank(status text, contradictory boolean)
    RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN contradictory THEN 5
                ELSE array_position(ARRAY['inquiry', 'open', 'closed', 'won', 'lost'], status)
                     - (status = 'lost')::int END;

COMMIT;
