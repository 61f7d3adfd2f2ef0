SELECT sent_at, looks, maybe_executed FROM payapi.provider_calls WHERE false;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.provider_calls', 'maybe_executed', 'UPDATE')::int;
