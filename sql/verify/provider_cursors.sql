SELECT provider, pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at
  FROM payapi.provider_cursors WHERE false;
SELECT looked_at FROM payapi.payments WHERE false;
SELECT 1 / (to_regclass('payapi.webhook_events_fresh') IS NOT NULL)::int;
SELECT 1 / (to_regclass('payapi.refunds_under_way') IS NOT NULL)::int;
