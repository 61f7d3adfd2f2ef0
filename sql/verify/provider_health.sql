SELECT 1 / (to_regclass('payapi.provider_calls_recent') IS NULL)::int;
