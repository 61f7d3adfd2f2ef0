-- What programs of this version need: roles and proofs that hold against whoever has the database, rounds of
-- payapi-jobs, attachments and explanations by humans.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;
CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 5;
COMMIT;
