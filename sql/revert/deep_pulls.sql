BEGIN;
ALTER TABLE payapi.provider_cursors DROP COLUMN sweep_is_deep, DROP COLUMN deep_due_at;
COMMIT;
