SELECT audit_id, order_id, payment_id, seq, at_us, actor, action, body, trace_id, event_id, event_type,
       event_payload, xid
  FROM payapi.audit_log WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['audit_append_only', 'audit_number'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.audit_log'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 7)::int
  FROM pg_index WHERE indrelid = 'payapi.audit_log'::regclass AND indisvalid;
-- The application role may not change or delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.audit_log',
                                    'UPDATE, DELETE, TRUNCATE'))::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.audit_leaf(payapi.audit_log)',
                                  'EXECUTE')::int;
