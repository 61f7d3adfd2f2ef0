BEGIN;
ALTER TABLE payapi.payments DROP COLUMN dispute, DROP COLUMN disputed_minor;
DROP TABLE payapi.disputes;
DROP FUNCTION payapi.disputes_guard();
DROP FUNCTION payapi.dispute_rank;
COMMIT;
