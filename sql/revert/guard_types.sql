-- The types as they were, by their bare names.
BEGIN;
SET LOCAL ROLE payapi_owner;

DO $$
DECLARE
    guard pg_catalog.regprocedure;
BEGIN
    FOR guard IN
        SELECT oid FROM pg_catalog.pg_proc
         WHERE pronamespace = 'payapi'::pg_catalog.regnamespace AND proname LIKE '%\_guard'
    LOOP
        EXECUTE replace(replace(replace(pg_catalog.pg_get_functiondef(guard),
                                        E'    broken pg_catalog.text;', E'    broken text;'),
                                E'    closes CONSTANT pg_catalog.text[]', E'    closes CONSTANT text[]'),
                        E'    moved CONSTANT pg_catalog.bool', E'    moved CONSTANT boolean');
    END LOOP;
END
$$;

COMMIT;
