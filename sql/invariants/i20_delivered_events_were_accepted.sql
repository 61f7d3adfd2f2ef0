-- I20: a delivery that counts as delivered was accepted in one of its attempts
SELECT d.delivery_id
  FROM payapi.webhook_deliveries AS d
 WHERE d.status = 'delivered'
   AND NOT EXISTS (SELECT FROM payapi.webhook_delivery_attempts AS t
                    WHERE t.delivery_id = d.delivery_id AND t.error = ''
                      AND t.http_status BETWEEN 200 AND 299);
