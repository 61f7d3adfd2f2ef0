SELECT 1 / (prosrc LIKE '%OLD.provider_ref IS NULL AND NEW.provider_ref IS NOT NULL%')::int
  FROM pg_proc WHERE oid = 'payapi.refunds_guard'::regproc;
