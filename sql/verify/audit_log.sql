SELECT audit_id, order_id, payment_id, seq, at_us, actor, action, body, trace_id, prev, hash, xid
  FROM payapi.audit_log WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_log', 'UPDATE, DELETE, TRUNCATE'))::int;
