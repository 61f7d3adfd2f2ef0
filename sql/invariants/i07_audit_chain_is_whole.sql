-- I7: no link of a payment's audit chain is missing, edited or out of place
SELECT payment_id, seq, audit_id
  FROM (SELECT a.payment_id, a.seq, a.audit_id, a.prev, a.hash,
               lag(a.hash, 1, sha256(''::bytea)) OVER chain AS expected_prev,
               row_number() OVER chain AS expected_seq,
               sha256(a.prev || payapi.audit_text(a.payment_id, a.seq, a.at_us, a.actor, a.action, a.body,
                                                  a.trace_id)) AS expected_hash
          FROM payapi.audit_log AS a
         WHERE a.payment_id IS NOT NULL
        WINDOW chain AS (PARTITION BY a.payment_id ORDER BY a.seq)) AS link
 WHERE prev IS DISTINCT FROM expected_prev OR seq IS DISTINCT FROM expected_seq
    OR hash IS DISTINCT FROM expected_hash;
