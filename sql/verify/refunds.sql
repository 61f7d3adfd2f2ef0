SELECT refund_id, payment_id, amount_minor, currency, status, provider, provider_ref, client_key,
       reason, failure_reason, origin, created_at, updated_at
  FROM payapi.refunds WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['refunds_count', 'refunds_guard', 'refunds_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.refunds'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 4)::int
  FROM pg_index WHERE indrelid = 'payapi.refunds'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.refunds',
                                    'DELETE, TRUNCATE'))::int;
SELECT 1 / (payapi.refund_rank('pending') < payapi.refund_rank('failed'))::int;
SELECT 1 / (payapi.refund_holds('pending') AND NOT payapi.refund_holds('failed'))::int;
