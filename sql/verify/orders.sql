SELECT order_id, owner_id, amount_minor, currency, status, description, customer_email, metadata,
       created_at, updated_at
  FROM payapi.orders WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['orders_guard', 'orders_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.orders'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 4)::int
  FROM pg_index WHERE indrelid = 'payapi.orders'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.orders',
                                    'DELETE, TRUNCATE'))::int;
