SELECT 1 / (to_regclass('payapi.payments_open_by_expiry') IS NOT NULL)::int;
