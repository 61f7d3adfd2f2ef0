SELECT 1 / has_function_privilege('payapi_app',
    'payapi.attach_payment(text, text, bigint, boolean, text, boolean, text, integer, timestamptz)', 'EXECUTE')::int;
SELECT 1 / (prosrc LIKE '%''attached_money_is_whole''%')::int FROM pg_proc WHERE oid = 'payapi.payments_guard'::regproc;
SELECT 1 / (prosrc LIKE '%''reassignment''%')::int FROM pg_proc WHERE oid = 'payapi.transactions_guard'::regproc;
