SELECT amount_assumed FROM payapi.disputes WHERE false;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.disputes', 'amount_assumed', 'UPDATE')::int;
