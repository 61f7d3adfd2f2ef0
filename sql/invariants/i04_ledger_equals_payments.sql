-- I4: the ledger's sum for a payment is what the payment has captured and not refunded
SELECT p.payment_id, p.captured_minor - p.refunded_minor AS held_minor,
       coalesce(sum(t.amount_minor), 0) AS ledger_minor
  FROM payapi.payments AS p
  LEFT JOIN payapi.transactions AS t
    ON t.payment_id = p.payment_id AND t.kind IN ('charge', 'refund', 'refund_reversal')
 GROUP BY p.payment_id
HAVING coalesce(sum(t.amount_minor), 0) <> p.captured_minor - p.refunded_minor;
