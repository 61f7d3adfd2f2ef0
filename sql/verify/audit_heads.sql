SELECT payment_id, seq, hash FROM payapi.audit_heads WHERE false;
-- The application reads it and does nothing else.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_heads', 'INSERT, UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / (payapi.schema_version() >= 3)::int;
