-- The role stays when another database uses it.
BEGIN;
REVOKE EXECUTE ON FUNCTION payapi.ms, payapi.schema_version FROM payapi_deliver;
REVOKE SELECT ON payapi.webhook_endpoints FROM payapi_deliver;
REVOKE USAGE ON SCHEMA payapi FROM payapi_deliver;
DROP FUNCTION payapi.disable_endpoint;
DROP FUNCTION payapi.finish_deliveries;
DROP FUNCTION payapi.claim_deliveries;
DROP FUNCTION payapi.plan_deliveries;
DROP FUNCTION payapi.snapshot_piece;
DROP FUNCTION payapi.unplanned_events;
COMMIT;
