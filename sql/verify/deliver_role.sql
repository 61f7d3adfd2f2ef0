SELECT 1 / has_schema_privilege('payapi_deliver', 'payapi', 'usage')::int;
SELECT 1 / has_function_privilege('payapi_deliver', 'payapi.plan_deliveries(integer)',
                                  'EXECUTE')::int;
SELECT 1 / has_function_privilege('payapi_deliver', 'payapi.claim_deliveries(integer, integer)',
                                  'EXECUTE')::int;
SELECT 1 / has_function_privilege('payapi_deliver', 'payapi.finish_deliveries(json)',
                                  'EXECUTE')::int;
-- It sees endpoints, and writes nothing but by those functions.
SELECT 1 / (NOT has_table_privilege('payapi_deliver', 'payapi.audit_log',
                                    'SELECT, INSERT, UPDATE, DELETE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_deliver', 'payapi.webhook_endpoints',
                                    'INSERT, UPDATE, DELETE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_deliver', 'payapi.webhook_deliveries',
                                    'SELECT, INSERT, UPDATE, DELETE'))::int;
SELECT 1 / (NOT has_table_privilege('payapi_deliver', 'payapi.payments',
                                    'SELECT, INSERT, UPDATE, DELETE'))::int;
