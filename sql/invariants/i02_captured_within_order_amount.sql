-- I2: not counting surplus, an order keeps at most its amount: any excess is refunded or under review
-- If the automatic refund of the excess failed, a human was asked, and any later refund of theirs counts.
SELECT o.order_id, o.amount_minor, sum(p.captured_minor) AS captured_minor, sum(given_back.minor) AS given_back_minor
  FROM payapi.orders AS o
  JOIN payapi.payments AS p ON p.order_id = o.order_id AND NOT p.surplus AND p.captured_minor > 0
 CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount_minor) FILTER (WHERE r.holds AND (r.origin = 'surplus' OR r.asked)), 0) AS minor
                       FROM (SELECT amount_minor, origin, status NOT IN ('failed', 'cancelled') AS holds,
                                    bool_or(origin = 'surplus' AND status IN ('failed', 'cancelled')) OVER () AS asked
                               FROM payapi.refunds
                              WHERE payment_id = p.payment_id) AS r) AS given_back
 GROUP BY o.order_id, o.amount_minor
HAVING sum(p.captured_minor - given_back.minor) > o.amount_minor AND NOT bool_or(p.needs_review);
