BEGIN;
ALTER TABLE payapi.provider_calls DROP COLUMN refund_id;
DROP TABLE payapi.refunds;
DROP FUNCTION payapi.refunds_count();
DROP FUNCTION payapi.refunds_guard();
DROP FUNCTION payapi.refund_rank;
DROP FUNCTION payapi.payment_status;
GRANT UPDATE (refund_held_minor, refunded_minor) ON payapi.payments TO payapi_app;
COMMIT;
