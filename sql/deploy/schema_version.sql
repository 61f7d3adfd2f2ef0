-- Programs read this version when they start, to check that the schema is one they were built for.
-- It grows with each release.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;
CREATE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 7;
COMMENT ON FUNCTION payapi.schema_version IS
    'programs refuse to start below the version they need';
GRANT EXECUTE ON FUNCTION payapi.schema_version TO payapi_app, payapi_read;
COMMIT;
