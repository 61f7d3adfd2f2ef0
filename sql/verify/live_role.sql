SELECT 1 / has_schema_privilege('payapi_live', 'payapi', 'usage')::int;
SELECT 1 / has_table_privilege('payapi_live', 'payapi.payments', 'SELECT')::int;
SELECT 1 / has_column_privilege('payapi_live', 'payapi.audit_log', 'event_type', 'SELECT')::int;
-- It reads no more than it shows, and writes nothing.
SELECT 1 / (NOT has_column_privilege('payapi_live', 'payapi.orders', 'customer_email',
                                     'SELECT'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_live', 'payapi.audit_log', 'body', 'SELECT'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_live', 'payapi.payments',
                                    'INSERT, UPDATE, DELETE'))::int;
