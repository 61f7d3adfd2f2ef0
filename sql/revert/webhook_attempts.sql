BEGIN;
DROP TABLE payapi.webhook_attempts;
COMMIT;
