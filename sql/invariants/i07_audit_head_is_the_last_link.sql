-- I7: the head of each payment's audit chain is its last link
SELECT p.payment_id, h.seq AS head, last.seq
  FROM payapi.payments AS p LEFT JOIN payapi.audit_heads AS h USING (payment_id)
  LEFT JOIN LATERAL (SELECT a.seq, a.hash FROM payapi.audit_log AS a
                      WHERE a.payment_id = p.payment_id
                      ORDER BY a.seq DESC LIMIT 1) AS last ON true
 WHERE last.seq IS DISTINCT FROM h.seq
    OR last.hash IS DISTINCT FROM h.hash;
