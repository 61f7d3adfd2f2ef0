-- What a program asks at its start: is this the schema it was built for? Grows with each release.
BEGIN;
SET LOCAL ROLE payapi_owner;
CREATE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1;
COMMENT ON FUNCTION payapi.schema_version() IS 'programs refuse to start below the version they need';
GRANT EXECUTE ON FUNCTION payapi.schema_version() TO payapi_app, payapi_read;
COMMIT;
