SELECT provider, event_id, inbox_id, type, livemode, body, status, reason, payment_id, attempts,
       next_at, lease_until, event_created_at, received_at, finished_at, trace_id, tries_before,
       body_purged_at
  FROM payapi.webhook_events WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['webhook_events_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.webhook_events'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 7)::int
  FROM pg_index WHERE indrelid = 'payapi.webhook_events'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_events',
                                    'DELETE, TRUNCATE'))::int;
-- It may empty bodies only through the function.
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.webhook_events', 'body', 'UPDATE'))::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.purge_webhook_bodies(integer, integer)',
                                  'EXECUTE')::int;
