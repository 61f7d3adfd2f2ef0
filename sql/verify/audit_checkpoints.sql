SELECT checkpoint_no, from_xid, to_xid, row_count, root, prev, hash, signature, made_at_ms, form,
       epoch, system_id, floor_id, from_id, to_id, note, last_id
  FROM payapi.audit_checkpoints WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['audit_checkpoints_append_only'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.audit_checkpoints'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 3)::int
  FROM pg_index WHERE indrelid = 'payapi.audit_checkpoints'::regclass AND indisvalid;
-- The application role may only read the table.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_checkpoints',
                                    'INSERT, UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / has_table_privilege('payapi_sealer', 'payapi.audit_checkpoints', 'INSERT')::int;
SELECT 1 / (NOT has_table_privilege('payapi_sealer', 'payapi.audit_checkpoints',
                                    'UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_function_privilege('payapi_app', 'payapi.audit_floor()', 'EXECUTE'))::int;
