-- A dispute that the provider told without an amount is over the whole charge until one is told.
-- Locks: payapi.disputes ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.disputes ADD COLUMN amount_assumed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.disputes.amount_assumed IS 'the provider told no amount: it is that of the whole charge, until one is told';
GRANT UPDATE (amount_assumed), INSERT (amount_assumed) ON payapi.disputes TO payapi_app;

COMMIT;
