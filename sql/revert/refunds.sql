BEGIN;
DROP TABLE payapi.refunds;
DROP FUNCTION payapi.refunds_count;
DROP FUNCTION payapi.refunds_guard;
DROP FUNCTION payapi.refund_holds;
DROP FUNCTION payapi.refund_rank;
COMMIT;
