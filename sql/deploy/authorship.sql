-- Whether a payment's page carries our proof of authorship. Pages from before there were proofs carry none.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.payments ADD COLUMN authored boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.payments.authored IS 'its page carries our proof of authorship: metadata without it is not of this payment';
GRANT INSERT (authored) ON payapi.payments TO payapi_app;

COMMIT;
