-- I11: the payment that a key names is there
SELECT k.principal, k.route, k.key, k.payment_id
  FROM payapi.idempotency_keys AS k LEFT JOIN payapi.payments AS p USING (payment_id)
 WHERE k.payment_id IS NOT NULL AND p.payment_id IS NULL;
