-- I4: after a human attached a payment to another order, the ledger has nothing left with the previous order
SELECT t.payment_id, t.order_id, p.order_id AS attached_to, sum(t.amount_minor) AS left_minor
  FROM payapi.transactions AS t JOIN payapi.payments AS p USING (payment_id)
 WHERE t.order_id <> p.order_id
 GROUP BY t.payment_id, t.order_id, p.order_id
HAVING sum(t.amount_minor) <> 0;
