SELECT refund_id, payment_id, amount_minor, currency, status, provider, provider_ref, client_key, reason,
       failure_reason, origin, created_at, updated_at
  FROM payapi.refunds WHERE false;
SELECT refund_id FROM payapi.provider_calls WHERE false;
-- The application neither unmakes refunds nor writes the counters.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.refunds', 'DELETE, TRUNCATE'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.payments', 'refunded_minor', 'UPDATE'))::int;
