-- The role stays when another database uses it.
BEGIN;
REVOKE EXECUTE ON FUNCTION payapi.ms, payapi.schema_version FROM payapi_live;
REVOKE SELECT (payment_id, seq, event_type) ON payapi.audit_log FROM payapi_live;
REVOKE SELECT (order_id, owner_id) ON payapi.orders FROM payapi_live;
REVOKE SELECT ON payapi.payments FROM payapi_live;
REVOKE USAGE ON SCHEMA payapi FROM payapi_live;
COMMIT;
