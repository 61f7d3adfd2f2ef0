SELECT payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent,
       checkout_url, captured_minor, refund_held_minor, refunded_minor, close_reason, progress,
       progress_at_s, failure_code, failure_reason, mismatch, status, provider_open, surplus,
       needs_review, review_reason, expires_at, created_at, updated_at, completed_at
  FROM payapi.payments WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.payments', 'DELETE, TRUNCATE'))::int;
