SELECT dispute_id, payment_id, provider, provider_ref, amount_minor, currency, status,
       contradictory, told_at_ms, provider_status, reason, due_at, withdrawn_minor,
       reinstated_minor, created_at, updated_at, amount_assumed
  FROM payapi.disputes WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['disputes_guard', 'disputes_stay'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.disputes'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 3)::int
  FROM pg_index WHERE indrelid = 'payapi.disputes'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.disputes',
                                    'DELETE, TRUNCATE'))::int;
SELECT 1 / (payapi.dispute_rank('inquiry', false) < payapi.dispute_rank('open', false))::int;
