SELECT only_row, finished_at
  FROM payapi.job_rounds WHERE false;
SELECT 1 / (count(*) >= 1)::int
  FROM pg_index WHERE indrelid = 'payapi.job_rounds'::regclass AND indisvalid;
-- The application role may neither add nor delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.job_rounds',
                                    'INSERT, DELETE, TRUNCATE'))::int;
SELECT 1 / (count(*) = 1)::int FROM payapi.job_rounds;
