SELECT endpoint_id, url, events, description, status, disabled_reason, generation, signs_from,
       former_until, failures, failing_since, in_flight_max, after_events, created_at, created_by,
       updated_at
  FROM payapi.webhook_endpoints WHERE false;
SELECT 1 / (array_agg(tgname::text)
            @> ARRAY['webhook_endpoints_append_only', 'webhook_endpoints_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.webhook_endpoints'::regclass AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 2)::int
  FROM pg_index WHERE indrelid = 'payapi.webhook_endpoints'::regclass AND indisvalid;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_endpoints',
                                    'DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.webhook_endpoints', 'after_events',
                                     'INSERT, UPDATE'))::int;
