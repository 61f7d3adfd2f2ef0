SELECT reconciliation_id, provider, day, state, passes, book, page_after, fence, lease_until, next_at
  FROM payapi.reconciliations WHERE false;
SELECT finding_id, kind, object, provider_ref, state, pass FROM payapi.reconciliation_findings WHERE false;
SELECT transaction_id, fee_minor, net_minor, settled_currency FROM payapi.ledger_confirmations WHERE false;
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.reconciliation_findings', 'DELETE'))::int;
