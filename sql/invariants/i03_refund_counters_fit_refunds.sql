-- I3: the refund counters of a payment fit its refunds, and never exceed what was captured
SELECT p.payment_id, p.captured_minor, p.refund_held_minor, p.refunded_minor
  FROM payapi.payments AS p LEFT JOIN payapi.refunds AS r USING (payment_id)
 GROUP BY p.payment_id
HAVING p.refund_held_minor <> coalesce(sum(r.amount_minor) FILTER (WHERE r.status NOT IN ('failed', 'cancelled')), 0)
    OR p.refunded_minor <> coalesce(sum(r.amount_minor) FILTER (WHERE r.status = 'succeeded'), 0)
    OR p.refund_held_minor > p.captured_minor;
