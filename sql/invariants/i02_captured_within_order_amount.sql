-- I2: no more than the order's amount is kept for it, surplus apart: what came beyond goes back or is under review
SELECT o.order_id, o.amount_minor, sum(p.captured_minor) AS captured_minor, sum(given_back.minor) AS given_back_minor
  FROM payapi.orders AS o
  JOIN payapi.payments AS p ON p.order_id = o.order_id AND NOT p.surplus AND p.captured_minor > 0
 CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount_minor), 0) AS minor
                       FROM payapi.refunds AS r
                      WHERE r.payment_id = p.payment_id AND r.origin = 'surplus'
                        AND r.status NOT IN ('failed', 'cancelled')) AS given_back
 GROUP BY o.order_id, o.amount_minor
HAVING sum(p.captured_minor - given_back.minor) > o.amount_minor AND NOT bool_or(p.needs_review);
