SELECT 1 / has_column_privilege('payapi_app', 'payapi.orders', 'owner_id', 'UPDATE')::int;
SELECT 1 / (prosrc LIKE '%''elsewhere''%')::int FROM pg_proc WHERE oid = 'payapi.refunds_guard'::regproc;
