SELECT 1 / (col_description(attrelid, attnum) LIKE '%shop:SUB%')::int
  FROM pg_attribute WHERE attrelid = 'payapi.audit_log'::regclass AND attname = 'actor';
