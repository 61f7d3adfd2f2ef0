-- A list of objects instead of events is read far back from time to time.
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.provider_cursors
    ADD COLUMN sweep_is_deep boolean NOT NULL DEFAULT false,
    ADD COLUMN deep_due_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN payapi.provider_cursors.sweep_is_deep IS 'the reading under way is one far back';
COMMENT ON COLUMN payapi.provider_cursors.deep_due_at IS 'when the list is read far back again, where it is of objects and not of events';
GRANT UPDATE (sweep_is_deep, deep_due_at) ON payapi.provider_cursors TO payapi_app;

COMMIT;
