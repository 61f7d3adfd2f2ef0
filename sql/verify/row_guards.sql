-- Each table that every payment writes has its guard, for new rows and for changed ones.
SELECT 1 / (count(*) = 8)::int
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
 WHERE c.relnamespace = 'payapi'::regnamespace AND t.tgname = c.relname || '_guard' AND t.tgenabled = 'O'
   AND t.tgtype & 4 = 4                                         -- INSERT (pg_trigger.h)
   AND c.relname IN ('orders', 'payments', 'provider_calls', 'webhook_events', 'transactions', 'outbox', 'refunds',
                     'idempotency_keys');
SELECT 1 / has_function_privilege('payapi_app', 'payapi.id_has_form(text, text)', 'EXECUTE')::int;
