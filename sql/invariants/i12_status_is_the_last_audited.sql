-- I12: a payment's status is the last one in its audit log; a payment with none there is pending
SELECT p.payment_id, p.status, last.status AS audited
  FROM payapi.payments AS p
  LEFT JOIN LATERAL (SELECT a.body::json ->> 'to' AS status FROM payapi.audit_log AS a
                      WHERE a.payment_id = p.payment_id AND a.action = 'status'
                      ORDER BY a.seq DESC LIMIT 1) AS last ON true
 WHERE coalesce(last.status, 'pending') <> p.status;
