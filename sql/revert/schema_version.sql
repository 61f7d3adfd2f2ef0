BEGIN;
DROP FUNCTION payapi.schema_version;
COMMIT;
