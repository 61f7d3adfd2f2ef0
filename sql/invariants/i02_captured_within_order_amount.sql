-- I2: no more than the order's amount is captured for it, surplus apart
SELECT o.order_id, o.amount_minor, sum(p.captured_minor) AS captured_minor
  FROM payapi.orders AS o
  JOIN payapi.payments AS p ON p.order_id = o.order_id AND NOT p.surplus
 GROUP BY o.order_id, o.amount_minor
HAVING sum(p.captured_minor) > o.amount_minor;
