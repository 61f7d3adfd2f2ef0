SELECT attempt_id, inbox_id, at, actor, outcome, reason, trace_id FROM payapi.webhook_attempts WHERE false;
SELECT tries_before FROM payapi.webhook_events WHERE false;
SELECT 1 / (to_regclass('payapi.webhook_events_dead') IS NOT NULL)::int;
