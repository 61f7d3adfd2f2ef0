-- I1: an order has at most one payment that is open or paid, not counting surplus
SELECT order_id, count(*) AS live_payments
  FROM payapi.payments
 WHERE (provider_open OR captured_minor > 0) AND NOT surplus
 GROUP BY order_id
HAVING count(*) > 1;
