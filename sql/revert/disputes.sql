BEGIN;
DROP TABLE payapi.disputes;
DROP FUNCTION payapi.disputes_guard;
DROP FUNCTION payapi.dispute_rank;
COMMIT;
