SELECT 1 / has_column_privilege('payapi_app', 'payapi.payments', 'order_id', 'UPDATE')::int;
SELECT 1 / (prosrc LIKE '%''attached_money_is_whole''%')::int FROM pg_proc WHERE oid = 'payapi.payments_guard'::regproc;
SELECT 1 / (prosrc LIKE '%''reassignment''%')::int FROM pg_proc WHERE oid = 'payapi.transactions_guard'::regproc;
