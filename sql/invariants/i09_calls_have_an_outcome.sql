-- I9: an open call is looked up again on time; after a day (22 days for a slow bank) a human was asked
SELECT c.call_id, c.payment_id, c.verdict, c.started_at, c.next_at
  FROM payapi.provider_calls AS c JOIN payapi.payments AS p USING (payment_id)
 WHERE c.finished_at IS NULL AND (c.lease_until IS NULL OR c.lease_until < now())
   AND (greatest(c.started_at, c.next_at) < now() - interval '15 minutes'
        OR (p.review_reason = ''
            AND c.started_at < now() - CASE WHEN p.provider_open AND p.progress = 'processing' THEN interval '22 days'
                                            ELSE interval '25 hours' END));
