SELECT pg_catalog.has_schema_privilege('payapi_app', 'payapi', 'usage');
SELECT 1 / (payapi.ms(payapi.at_ms(1700000000123)) = 1700000000123)::int;
