SELECT principal, route, key, fingerprint, state, holder, fence, locked_until, payment_id,
       answer_status, answer_body, answer_retry_after_s, created_at
  FROM payapi.idempotency_keys WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.idempotency_keys', 'DELETE, TRUNCATE'))::int;
