SELECT reconciliation_id, provider, day, state, passes, book, page_after, compared, foreigners,
       unreadable, error, created_at, started_at, finished_at, fence, lease_until, next_at
  FROM payapi.reconciliations WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['reconciliations_are_kept', 'reconciliations_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.reconciliations'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 3)::int
  FROM pg_index WHERE indrelid = 'payapi.reconciliations'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.reconciliations',
                                    'DELETE, TRUNCATE'))::int;
