-- I9: an intended provider call has an outcome, is under way, or its payment is under review
SELECT c.call_id, c.payment_id, c.verdict, c.started_at
  FROM payapi.provider_calls AS c JOIN payapi.payments AS p USING (payment_id)
 WHERE c.finished_at IS NULL AND c.started_at < now() - interval '15 minutes'
   AND (c.lease_until IS NULL OR c.lease_until < now())
   AND NOT p.needs_review;
