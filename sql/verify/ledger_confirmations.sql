SELECT transaction_id, reconciliation_id, told_ref, told_at, fee_minor, net_minor,
       settled_currency, confirmed_at
  FROM payapi.ledger_confirmations WHERE false;
SELECT 1 / (array_agg(tgname::text) @>
    ARRAY['ledger_confirmations_are_kept', 'ledger_confirmations_guard'])::int
  FROM pg_trigger
 WHERE tgrelid = 'payapi.ledger_confirmations'::regclass
   AND NOT tgisinternal AND tgenabled = 'O';
SELECT 1 / (count(*) >= 1)::int
  FROM pg_index WHERE indrelid = 'payapi.ledger_confirmations'::regclass AND indisvalid;
-- The application role may not delete rows.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.ledger_confirmations',
                                    'DELETE, TRUNCATE'))::int;
