-- The schema and its roles. Existing roles stay as they are: an administrator may create them
-- first, so that migrations need no right to create roles. Whoever creates payapi_owner here is
-- granted it, because a role with CREATEROLE may not act as the roles it created (PostgreSQL 16).
-- Locks: none
BEGIN;

DO $$
DECLARE
    name    text;
    meaning text;
BEGIN
    FOR name, meaning IN VALUES
        ('payapi_owner', 'owns the schema payapi; used by migrations only'),
        ('payapi_app', 'rights of workers and jobs: no DELETE, no UPDATE of history'),
        ('payapi_read', 'read-only: reports and support'),
        ('payapi_sealer', 'may add audit checkpoints; for payapi-jobs only')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXECUTE format('COMMENT ON ROLE %I IS %L', name, meaning);
            IF name = 'payapi_owner'
               AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                EXECUTE format('GRANT %I TO CURRENT_USER', name);
            END IF;
        END IF;
    END LOOP;
END
$$;

CREATE SCHEMA payapi AUTHORIZATION payapi_owner;
COMMENT ON SCHEMA payapi IS 'payments, and everything needed to prove what happened to them';
GRANT USAGE ON SCHEMA payapi TO payapi_app, payapi_read, payapi_sealer;

SET LOCAL ROLE payapi_owner;
ALTER DEFAULT PRIVILEGES IN SCHEMA payapi GRANT SELECT ON TABLES TO payapi_read, payapi_app;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

COMMIT;
