-- I8: a processed webhook names the payment that it was applied to
SELECT provider, event_id
  FROM payapi.webhook_events
 WHERE status = 'processed' AND payment_id IS NULL;
