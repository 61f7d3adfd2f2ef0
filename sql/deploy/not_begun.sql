-- A checkout that the provider refused for what its caller sent: he was told so, and of no payment.
-- Locks: payapi.payments ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.payments ADD COLUMN not_begun boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.payments.not_begun IS 'the provider refused what the caller sent, who was told so and of no payment: in the audit alone, unless money comes';
GRANT UPDATE (not_begun) ON payapi.payments TO payapi_app;

COMMIT;
