-- I11: no idempotency key is held by a runner that is gone; a released one (-infinity) waits for its repeat
SELECT principal, route, key, locked_until
  FROM payapi.idempotency_keys
 WHERE state = 'running' AND locked_until > '-infinity'
   AND locked_until < now() - interval '15 minutes';
