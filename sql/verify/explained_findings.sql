SELECT explained_at FROM payapi.reconciliation_findings WHERE false;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.reconciliation_findings', 'explained_at', 'UPDATE')::int;
