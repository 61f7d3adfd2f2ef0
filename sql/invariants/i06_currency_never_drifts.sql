-- I6: order, payment, refunds and ledger have the same currency
SELECT p.payment_id, o.currency AS expected, p.currency AS found, 'payment' AS place
  FROM payapi.payments AS p JOIN payapi.orders AS o USING (order_id)
 WHERE p.currency <> o.currency
UNION ALL
SELECT t.payment_id, p.currency, t.currency, 'ledger'
  FROM payapi.transactions AS t JOIN payapi.payments AS p USING (payment_id)
 WHERE t.currency <> p.currency
UNION ALL
SELECT r.payment_id, p.currency, r.currency, 'refund'
  FROM payapi.refunds AS r JOIN payapi.payments AS p USING (payment_id)
 WHERE r.currency <> p.currency;
