SELECT 1 / (count(*) = 10)::int FROM pg_indexes
 WHERE schemaname = 'payapi'
   AND indexname IN ('transactions_by_payment', 'transactions_by_order', 'transactions_by_kind',
                     'transactions_by_currency', 'payments_under_review', 'payments_by_status',
                     'audit_log_by_time', 'audit_log_by_order', 'audit_log_by_actor', 'audit_log_by_action');
