SELECT checkpoint_no, from_xid, to_xid, row_count, root, prev, hash, signature, made_at_ms
  FROM payapi.audit_checkpoints WHERE false;
-- The application role has no right to unmake them.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_checkpoints', 'UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.audit_leaf(payapi.audit_log)', 'EXECUTE')::int;
