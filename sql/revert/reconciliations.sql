BEGIN;
DROP TABLE payapi.reconciliations;
DROP FUNCTION payapi.reconciliations_guard;
COMMIT;
