SELECT event_id, aggregate_id, aggregate_seq, type, order_id, payment_id, payload, trace_id,
       created_at, delivered_at, dead
  FROM payapi.outbox WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.outbox', 'DELETE, TRUNCATE'))::int;
