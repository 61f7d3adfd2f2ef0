-- I16: a running comparison with a provider's lists makes progress, or its row says why it does not
SELECT reconciliation_id, provider, day, next_at
  FROM payapi.reconciliations
 WHERE state = 'running' AND error IS NULL
   AND greatest(next_at, coalesce(lease_until, next_at)) < now() - interval '1 day';
