SELECT form, epoch, system_id, floor_id, from_id, to_id, last_id, note FROM payapi.audit_checkpoints WHERE false;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_checkpoints', 'INSERT'))::int;
SELECT 1 / has_table_privilege('payapi_sealer', 'payapi.audit_checkpoints', 'INSERT')::int;
SELECT 1 / (NOT has_table_privilege('payapi_sealer', 'payapi.audit_checkpoints', 'UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_function_privilege('payapi_app', 'payapi.audit_floor()', 'EXECUTE'))::int;
