SELECT transaction_id, payment_id, order_id, kind, amount_minor, currency, provider, provider_ref,
       occurred_at, trace_id
  FROM payapi.transactions WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.transactions', 'UPDATE, DELETE, TRUNCATE'))::int;
