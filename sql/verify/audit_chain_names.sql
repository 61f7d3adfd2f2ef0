-- It has no search path of its own.
SELECT 1 / (count(*) = 1)::int FROM pg_proc
 WHERE oid = 'payapi.audit_chain()'::regprocedure AND prosecdef AND proconfig IS NULL;
