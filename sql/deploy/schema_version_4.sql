-- Money as it came, verdicts, authorship, attempts of calls, lists read far back, times of movements: what
-- programs of this version need.
BEGIN;
SET LOCAL ROLE payapi_owner;
CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 4;
COMMIT;
