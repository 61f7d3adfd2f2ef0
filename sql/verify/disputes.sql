SELECT dispute_id, payment_id, provider, provider_ref, amount_minor, currency, status, contradictory, told_at_ms,
       provider_status, reason, due_at, withdrawn_minor, reinstated_minor, created_at, updated_at
  FROM payapi.disputes WHERE false;
SELECT dispute, disputed_minor FROM payapi.payments WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.disputes', 'DELETE, TRUNCATE'))::int;
