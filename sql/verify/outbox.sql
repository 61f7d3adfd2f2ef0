SELECT event_id, aggregate_id, aggregate_seq, type, order_id, payment_id, payload, trace_id,
       created_at, delivered_at, dead
  FROM payapi.outbox WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['outbox_guard', 'outbox_stays'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.outbox'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 3)::int
  FROM pg_index WHERE indrelid = 'payapi.outbox'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.outbox',
                                    'DELETE, TRUNCATE'))::int;
