-- A payment that only the provider knows is written down again. Its order may have gone on without it:
-- then it comes back closed, because an order has one live payment, and its money is a late surplus.
BEGIN;
SET LOCAL ROLE payapi_owner;

GRANT INSERT (close_reason, status) ON payapi.payments TO payapi_app;

COMMIT;
