-- I14: a payment's dispute overlay follows its disputes: open if any is, else lost, else won, else none
SELECT p.payment_id, p.dispute
  FROM payapi.payments AS p LEFT JOIN payapi.disputes AS d USING (payment_id)
 GROUP BY p.payment_id
HAVING p.dispute <> CASE WHEN bool_or(d.status = 'open') THEN 'open'
                         WHEN bool_or(d.status = 'lost') THEN 'lost'
                         WHEN bool_or(d.status = 'won') THEN 'won'
                         ELSE 'none' END;
