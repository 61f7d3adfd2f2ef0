SELECT delivery_id, endpoint_id, audit_id, payment_id, seq, status, released, attempts,
       tries_before, next_at, event_at, delivered_at
  FROM payapi.webhook_deliveries WHERE false;
SELECT delivery_id, attempt, at, duration_ms, http_status, error, answer
  FROM payapi.webhook_delivery_attempts WHERE false;
SELECT planned_to, planned_id, system_id, planned_at FROM payapi.webhook_planning WHERE false;
SELECT 1 / (count(*) = 1)::int FROM payapi.webhook_planning;
SELECT 1 / (array_agg(tgname::text) @> ARRAY['webhook_planning_stays'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.webhook_planning'::regclass AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 5)::int
  FROM pg_index WHERE indrelid = 'payapi.webhook_deliveries'::regclass AND indisvalid;
-- The application plans and resends; it records no outcome and deletes nothing.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_deliveries',
                                    'DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.webhook_deliveries', 'delivered_at',
                                     'UPDATE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_delivery_attempts',
                                    'INSERT, UPDATE, DELETE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_planning',
                                    'INSERT, UPDATE, DELETE'))::int;
