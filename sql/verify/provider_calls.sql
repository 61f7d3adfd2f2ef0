SELECT call_id, payment_id, provider, operation, request_method, request_path, request_body,
       idempotency_key, attempts, started_at, lease_until, next_at, recorded_at, finished_at,
       verdict, http_status, provider_request_id, error, duration_ms, trace_id
  FROM payapi.provider_calls WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.provider_calls', 'DELETE, TRUNCATE'))::int;
