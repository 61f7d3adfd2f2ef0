-- Of a call: that the provider keeps a 5xx for its key, as it says itself. Only then is it no longer sent.
-- Locks: payapi.provider_calls ACCESS EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

ALTER TABLE payapi.provider_calls ADD COLUMN replays_5xx boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN payapi.provider_calls.replays_5xx IS 'the provider said that its key has an answer 5xx stored: only that would come again';
GRANT UPDATE (replays_5xx) ON payapi.provider_calls TO payapi_app;

COMMIT;
