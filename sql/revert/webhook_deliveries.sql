BEGIN;
DROP FUNCTION payapi.purge_deliveries;
DROP FUNCTION payapi.release_waiting;
DROP TABLE payapi.webhook_planning;
DROP TABLE payapi.webhook_delivery_attempts;
DROP TABLE payapi.webhook_deliveries;
DROP FUNCTION payapi.delivery_id_of;
COMMIT;
