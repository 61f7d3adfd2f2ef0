-- What payapi-jobs asks for each second: payments that are open although their page must have ended.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE INDEX payments_open_by_expiry ON payapi.payments (expires_at) WHERE provider_open;
COMMENT ON INDEX payapi.payments_open_by_expiry IS 'open payments by the end of their page: what is overdue is found at once';

COMMIT;
