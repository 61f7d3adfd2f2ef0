BEGIN;
REVOKE INSERT (close_reason, status) ON payapi.payments FROM payapi_app;
COMMIT;
