BEGIN;
CREATE INDEX provider_calls_recent ON payapi.provider_calls (provider, recorded_at);
COMMIT;
