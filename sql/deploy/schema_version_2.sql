-- Disputes, tries of webhooks, cursors: what programs of this version need.
BEGIN;
SET LOCAL ROLE payapi_owner;
CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 2;
COMMIT;
