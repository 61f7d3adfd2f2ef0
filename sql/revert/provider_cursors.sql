BEGIN;
DROP TABLE payapi.provider_cursors;
COMMIT;
