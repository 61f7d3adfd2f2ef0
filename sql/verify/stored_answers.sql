SELECT replays_5xx FROM payapi.provider_calls WHERE false;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.provider_calls', 'replays_5xx', 'UPDATE')::int;
