-- I10: a domain event is about an order that exists, or an endpoint, and has an id of its own
SELECT a.event_id, min(a.order_id) AS order_id, count(*) AS events
  FROM payapi.audit_log AS a LEFT JOIN payapi.orders AS o USING (order_id)
 WHERE a.event_id IS NOT NULL
 GROUP BY a.event_id
HAVING count(*) > 1
    OR count(o.order_id) < count(*) FILTER (WHERE a.event_type NOT LIKE 'webhook\_endpoint.%');
