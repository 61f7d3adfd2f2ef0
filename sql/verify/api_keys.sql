SELECT key_id, key_hash, live, shown, name, scopes, networks, created_at, created_by, expires_at,
       revoked_at, revoked_by, last_used_at
  FROM payapi.api_keys WHERE false;
SELECT 1 / (array_agg(tgname::text) @> ARRAY['api_keys_append_only', 'api_keys_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.api_keys'::regclass AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 2)::int
  FROM pg_index WHERE indrelid = 'payapi.api_keys'::regclass AND indisvalid;
-- The application role may end a key, and may neither delete one nor change what it allows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.api_keys', 'DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.api_keys', 'scopes', 'UPDATE'))::int;
