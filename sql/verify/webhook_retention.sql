SELECT body_purged_at FROM payapi.webhook_events WHERE false;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.purge_webhook_bodies(integer, integer)', 'EXECUTE')::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.purge_idempotency_keys(integer, integer)', 'EXECUTE')::int;
-- Only through them.
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.webhook_events', 'body', 'UPDATE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.idempotency_keys', 'DELETE'))::int;
