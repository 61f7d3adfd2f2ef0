-- What the admin's lists walk along: newest first, one index per filter, no sort and no count.
BEGIN;
SET LOCAL ROLE payapi_owner;

-- transaction_id sorts by time, so the primary key is the list without a filter.
DROP INDEX payapi.transactions_by_payment;
CREATE INDEX transactions_by_payment ON payapi.transactions (payment_id, transaction_id);
CREATE INDEX transactions_by_order ON payapi.transactions (order_id, transaction_id);
CREATE INDEX transactions_by_kind ON payapi.transactions (kind, transaction_id);
CREATE INDEX transactions_by_currency ON payapi.transactions (currency, transaction_id);

CREATE INDEX payments_under_review ON payapi.payments (payment_id) WHERE needs_review;
CREATE INDEX payments_by_status ON payapi.payments (status, payment_id);

CREATE INDEX audit_log_by_time ON payapi.audit_log (at_us, audit_id);
CREATE INDEX audit_log_by_order ON payapi.audit_log (order_id, at_us, audit_id);
CREATE INDEX audit_log_by_actor ON payapi.audit_log (actor, at_us, audit_id);
CREATE INDEX audit_log_by_action ON payapi.audit_log (action, at_us, audit_id);

COMMIT;
