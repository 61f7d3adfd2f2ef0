SELECT provider
  FROM payapi.providers WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['providers_append_only'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.providers'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (bool_and(payapi.provider_is_known(provider)) AND NOT payapi.provider_is_known('-'))::int
  FROM payapi.providers;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.provider_is_known(text)', 'EXECUTE')::int;
-- Only migrations add a provider.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.providers',
                                    'INSERT, UPDATE, DELETE, TRUNCATE'))::int;
