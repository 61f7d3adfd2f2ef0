SELECT not_begun FROM payapi.payments WHERE false;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.payments', 'not_begun', 'UPDATE')::int;
