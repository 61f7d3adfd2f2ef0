SELECT finding_id, reconciliation_id, kind, object, provider_ref, payment_id, order_id, our_minor,
       our_currency, our_at, their_minor, their_currency, their_at, evidence, state, note, pass,
       found_at, changed_at, explained_at
  FROM payapi.reconciliation_findings WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['reconciliation_findings_are_kept', 'reconciliation_findings_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.reconciliation_findings'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 4)::int
  FROM pg_index WHERE indrelid = 'payapi.reconciliation_findings'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.reconciliation_findings',
                                    'DELETE, TRUNCATE'))::int;
