-- I18: an endpoint has a delivery of each event that it asked for and that planning has passed
-- Only endpoints that never changed, and the last 14 days: older deliveries are purged.
SELECT e.endpoint_id, a.event_id, a.event_type
  FROM payapi.webhook_planning AS p, payapi.webhook_endpoints AS e, payapi.audit_log AS a
 WHERE e.status = 'enabled' AND e.updated_at = e.created_at
   AND a.at_us >= extract(epoch FROM greatest(now() - interval '14 days', e.created_at)) * 1000000
   AND a.event_id IS NOT NULL AND a.event_type <> 'webhook_endpoint.test'
   AND (e.events = '{*}' OR a.event_type = ANY (e.events))
   AND pg_visible_in_snapshot(a.xid, p.planned_to)
   AND NOT pg_visible_in_snapshot(a.xid, e.after_events)
   AND NOT EXISTS (SELECT FROM payapi.webhook_deliveries AS d
                    WHERE d.delivery_id = payapi.delivery_id_of(e.endpoint_id, a.event_id));
