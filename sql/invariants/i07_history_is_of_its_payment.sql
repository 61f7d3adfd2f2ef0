-- I7: what is told of a payment is about one that exists
SELECT a.audit_id, a.payment_id, a.order_id
  FROM payapi.audit_log AS a
  LEFT JOIN payapi.payments AS p USING (payment_id)
 WHERE a.payment_id IS NOT NULL AND p.payment_id IS NULL;
