-- I11: no dead runner holds an idempotency key; a released key (-infinity) waits for its request to be repeated
SELECT principal, route, key, locked_until
  FROM payapi.idempotency_keys
 WHERE state = 'running' AND locked_until > '-infinity'
   AND locked_until < now() - interval '15 minutes';
