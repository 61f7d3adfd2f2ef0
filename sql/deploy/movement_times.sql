-- A movement of money has the day on which the provider moved it; when we learned of it stands beside.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.transactions ADD COLUMN recorded_at timestamptz(3);
ALTER TABLE payapi.transactions DISABLE TRIGGER transactions_append_only;
UPDATE payapi.transactions SET recorded_at = occurred_at;
ALTER TABLE payapi.transactions ENABLE TRIGGER transactions_append_only;
ALTER TABLE payapi.transactions ALTER COLUMN recorded_at SET NOT NULL;
COMMENT ON COLUMN payapi.transactions.occurred_at IS 'when the money moved, by the provider''s word; the id sorts by it';
COMMENT ON COLUMN payapi.transactions.recorded_at IS 'when we learned of it; never before occurred_at';
-- Rows come in this order, so the smallest kind of index does.
CREATE INDEX transactions_by_recording ON payapi.transactions USING brin (recorded_at);
COMMENT ON INDEX payapi.transactions_by_recording IS 'lists of what was learned in a span (recordedFrom, recordedTo)';

COMMIT;
