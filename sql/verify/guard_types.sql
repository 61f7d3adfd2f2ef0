-- No guard declares a variable of a type without its schema.
SELECT 1 / (count(*) = 0)::int
  FROM pg_proc
 WHERE pronamespace = 'payapi'::regnamespace AND proname LIKE '%\_guard'
   AND prosrc ~ '\n    (broken|closes CONSTANT) text';
