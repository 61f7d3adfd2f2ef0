SELECT 1 / has_column_privilege('payapi_app', 'payapi.payments', 'close_reason', 'INSERT')::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.payments', 'captured_minor', 'INSERT'))::int;
