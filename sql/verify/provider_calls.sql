SELECT call_id, payment_id, provider, operation, request_method, request_path, request_body,
       idempotency_key, attempts, started_at, lease_until, next_at, recorded_at, finished_at,
       verdict, http_status, provider_request_id, error, duration_ms, trace_id, refund_id,
       sent_at, looks, maybe_executed, replays_5xx
  FROM payapi.provider_calls WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['provider_calls_guard', 'provider_calls_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.provider_calls'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 3)::int
  FROM pg_index WHERE indrelid = 'payapi.provider_calls'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.provider_calls',
                                    'DELETE, TRUNCATE'))::int;
