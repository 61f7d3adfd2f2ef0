BEGIN;
DROP FUNCTION payapi.erase_email;
COMMIT;
