-- I10: the events of one payment or order are numbered without gaps
SELECT aggregate_id, max(aggregate_seq) AS last_seq, count(*) AS events
  FROM payapi.outbox
 GROUP BY aggregate_id
HAVING max(aggregate_seq) <> count(*);
