SELECT provider, event_id, inbox_id, type, livemode, body, status, reason, payment_id, attempts,
       next_at, lease_until, event_created_at, received_at, finished_at, trace_id
  FROM payapi.webhook_events WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.webhook_events', 'DELETE, TRUNCATE'))::int;
