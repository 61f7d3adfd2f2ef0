-- I16: a comparison with a provider's lists that was begun and is neither through nor worked on, and says no reason
SELECT reconciliation_id, provider, day, next_at
  FROM payapi.reconciliations
 WHERE state = 'running' AND error IS NULL
   AND greatest(next_at, coalesce(lease_until, next_at)) < now() - interval '1 day';
