-- I7: the head that a payment carries is the last link of its audit chain
SELECT p.payment_id, p.chain_seq, last.seq
  FROM payapi.payments AS p
  LEFT JOIN LATERAL (SELECT a.seq, a.hash FROM payapi.audit_log AS a
                      WHERE a.payment_id = p.payment_id
                      ORDER BY a.seq DESC LIMIT 1) AS last ON true
 WHERE coalesce(last.seq, 0) <> p.chain_seq
    OR coalesce(last.hash, sha256(''::bytea)) <> p.chain_head;
