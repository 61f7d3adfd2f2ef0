SELECT principal, route, key, fingerprint, state, holder, fence, locked_until, payment_id,
       answer_status, answer_body, answer_retry_after_s, created_at
  FROM payapi.idempotency_keys WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['idempotency_keys_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.idempotency_keys'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 2)::int
  FROM pg_index WHERE indrelid = 'payapi.idempotency_keys'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.idempotency_keys',
                                    'DELETE, TRUNCATE'))::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.purge_idempotency_keys(integer, integer)',
                                  'EXECUTE')::int;
