-- I13: an order is labelled paid exactly when one of its payments, not counting surplus, has money
SELECT o.order_id, o.status
  FROM payapi.orders AS o
 WHERE (o.status = 'paid') <> EXISTS (
        SELECT FROM payapi.payments AS p
         WHERE p.order_id = o.order_id AND NOT p.surplus AND p.captured_minor > 0
           AND p.status IN ('completed', 'partially_refunded'));
