-- I17: the last pass over a finished day saw every finding that is still open
SELECT f.finding_id, f.reconciliation_id, f.kind, f.provider_ref, f.pass, r.passes
  FROM payapi.reconciliation_findings AS f JOIN payapi.reconciliations AS r USING (reconciliation_id)
 WHERE r.state = 'done' AND f.state = 'open' AND f.pass <> r.passes;
