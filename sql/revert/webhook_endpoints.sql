BEGIN;
DROP TABLE payapi.webhook_endpoints;
DROP FUNCTION payapi.webhook_endpoints_guard;
COMMIT;
