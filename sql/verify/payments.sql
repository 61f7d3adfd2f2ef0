SELECT payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent,
       checkout_url, captured_minor, refund_held_minor, refunded_minor, close_reason, progress,
       progress_at_s, failure_code, failure_reason, mismatch, status, provider_open, surplus,
       needs_review, review_reason, expires_at, created_at, updated_at, completed_at, dispute,
       disputed_minor, looked_at, authored, accepted, review_causes, not_begun
  FROM payapi.payments WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['payments_guard', 'payments_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.payments'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 8)::int
  FROM pg_index WHERE indrelid = 'payapi.payments'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.payments',
                                    'DELETE, TRUNCATE'))::int;
-- Nor may it set the facts of a new row, the refund counters or the order.
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.payments', 'captured_minor',
                                     'INSERT'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.payments', 'refunded_minor',
                                     'UPDATE'))::int;
SELECT 1 / (NOT has_column_privilege('payapi_app', 'payapi.payments', 'order_id',
                                     'UPDATE'))::int;
-- Less money than is due means processing, or completed once accepted; more also means completed.
SELECT 1 / (payapi.payment_status(60, 0, 'open', 'none', 100, false) = 'processing'
            AND payapi.payment_status(60, 0, 'open', 'none', 100, true) = 'completed'
            AND payapi.payment_status(200, 0, 'open', 'none', 100, false) = 'completed')::int;
