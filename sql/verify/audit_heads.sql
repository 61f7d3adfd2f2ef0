SELECT payment_id, seq, hash
  FROM payapi.audit_heads WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['audit_heads_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.audit_heads'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 1)::int
  FROM pg_index WHERE indrelid = 'payapi.audit_heads'::regclass AND indisvalid;
-- The application role may only read the table.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_heads',
                                    'INSERT, UPDATE, DELETE, TRUNCATE'))::int;
