-- I19: a delivery that waits has an earlier one of its payment and endpoint that holds it up
SELECT w.delivery_id
  FROM payapi.webhook_deliveries AS w
 WHERE w.status = 'waiting'
   AND NOT EXISTS (SELECT FROM payapi.webhook_deliveries AS d
                    WHERE d.payment_id = w.payment_id AND d.endpoint_id = w.endpoint_id
                      AND d.seq < w.seq AND NOT d.released);
