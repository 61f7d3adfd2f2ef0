-- I7: a payment has a history, whose rows are numbered without gaps
SELECT p.payment_id, count(a.seq) AS rows, max(a.seq) AS last_seq
  FROM payapi.payments AS p LEFT JOIN payapi.audit_log AS a USING (payment_id)
 GROUP BY p.payment_id
HAVING max(a.seq) IS DISTINCT FROM count(a.seq) OR count(a.seq) <> count(a.audit_id);
