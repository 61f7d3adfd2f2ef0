SELECT transaction_id, payment_id, order_id, kind, amount_minor, currency, provider, provider_ref,
       occurred_at, trace_id, recorded_at
  FROM payapi.transactions WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['transactions_append_only', 'transactions_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.transactions'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 8)::int
  FROM pg_index WHERE indrelid = 'payapi.transactions'::regclass AND indisvalid;
-- The application role may not change or delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.transactions',
                                    'UPDATE, DELETE, TRUNCATE'))::int;
