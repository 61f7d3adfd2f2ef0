SELECT 1 / (count(*) = 4)::int FROM pg_roles
 WHERE rolname IN ('payapi_owner', 'payapi_app', 'payapi_read', 'payapi_sealer');
SELECT 1 / has_schema_privilege('payapi_app', 'payapi', 'usage')::int;
SELECT 1 / has_schema_privilege('payapi_read', 'payapi', 'usage')::int;
SELECT 1 / has_schema_privilege('payapi_sealer', 'payapi', 'usage')::int;
SELECT 1 / (NOT has_schema_privilege('payapi_app', 'payapi', 'create'))::int;
