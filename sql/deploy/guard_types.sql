-- A guard names its types with their schema. Types, unlike functions and operators, are looked up among the
-- caller's temporary objects first, and PL/pgSQL looks the types of variables up once per session, when the
-- function first runs. So a caller could put a domain of the name text there, fire a guard to have it
-- compiled with that domain, and then make refunds_count fire the same guard with the owner's rights: the
-- domain's CHECK ran as the owner. Written like this it costs no search path for each row.
-- Locks: none
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
                                        E'    broken text;', E'    broken pg_catalog.text;'),
                                E'    closes CONSTANT text[]', E'    closes CONSTANT pg_catalog.text[]'),
                        E'    moved CONSTANT boolean', E'    moved CONSTANT pg_catalog.bool');
    END LOOP;
END
$$;

COMMIT;
