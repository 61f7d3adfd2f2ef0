-- I15: ledger, payment and disputes agree on a payment's disputed money
SELECT p.payment_id, p.disputed_minor, told.withdrawn_minor, told.reinstated_minor, booked.out_minor, booked.back_minor
  FROM payapi.payments AS p
 CROSS JOIN LATERAL (SELECT coalesce(sum(d.withdrawn_minor), 0) AS withdrawn_minor,
                            coalesce(sum(d.reinstated_minor), 0) AS reinstated_minor
                       FROM payapi.disputes AS d WHERE d.payment_id = p.payment_id) AS told
 CROSS JOIN LATERAL (SELECT coalesce(-sum(t.amount_minor) FILTER (WHERE t.kind = 'dispute'), 0) AS out_minor,
                            coalesce(sum(t.amount_minor) FILTER (WHERE t.kind = 'dispute_reversal'), 0) AS back_minor
                       FROM payapi.transactions AS t WHERE t.payment_id = p.payment_id) AS booked
 WHERE (booked.out_minor, booked.back_minor) <> (told.withdrawn_minor, told.reinstated_minor)
    OR p.disputed_minor <> told.withdrawn_minor - told.reinstated_minor;
