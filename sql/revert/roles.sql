BEGIN;
DROP SCHEMA payapi CASCADE;
-- Default privileges outlive the schema; the roles stay when another database uses them.
ALTER DEFAULT PRIVILEGES FOR ROLE payapi_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
COMMIT;
