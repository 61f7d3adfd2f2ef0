SELECT provider, pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at,
       sweep_is_deep, deep_due_at
  FROM payapi.provider_cursors WHERE false;
SELECT 1 / (count(*) >= 1)::int
  FROM pg_index WHERE indrelid = 'payapi.provider_cursors'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.provider_cursors',
                                    'DELETE, TRUNCATE'))::int;
