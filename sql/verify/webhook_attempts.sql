SELECT attempt_id, inbox_id, at, actor, outcome, reason, trace_id
  FROM payapi.webhook_attempts WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['webhook_attempts_append_only'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.webhook_attempts'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 2)::int
  FROM pg_index WHERE indrelid = 'payapi.webhook_attempts'::regclass AND indisvalid;
-- The application role may not change or delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_attempts',
                                    'UPDATE, DELETE, TRUNCATE'))::int;
