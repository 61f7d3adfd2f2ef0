-- I8: an accepted webhook is finished, under way or due, and never overdue by more than 15 minutes
SELECT provider, event_id, next_at
  FROM payapi.webhook_events
 WHERE status = 'received' AND next_at < now() - interval '15 minutes'
   AND received_at < now() - interval '15 minutes'
   AND (lease_until IS NULL OR lease_until < now());
