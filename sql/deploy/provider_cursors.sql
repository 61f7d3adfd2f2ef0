-- How far we have read each provider's list, which shows us events that never arrived. From time to
-- time we also read far back in a list of objects rather than events.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.provider_cursors (
    provider      text PRIMARY KEY,
    pulled_to_s   bigint NOT NULL,
    sweep_from_s  bigint NOT NULL DEFAULT 0,
    sweep_to_s    bigint NOT NULL DEFAULT 0,
    page_after    text NOT NULL DEFAULT '',
    fence         bigint NOT NULL DEFAULT 0,
    lease_until   timestamptz,
    next_at       timestamptz NOT NULL DEFAULT now(),
    sweep_is_deep boolean NOT NULL DEFAULT false,
    deep_due_at   timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE  payapi.provider_cursors IS 'how far each provider''s list of events was read';
COMMENT ON COLUMN payapi.provider_cursors.provider IS 'whose list';
COMMENT ON COLUMN payapi.provider_cursors.pulled_to_s IS
    'we have seen every event created before this time; the provider''s clock, Unix seconds';
COMMENT ON COLUMN payapi.provider_cursors.sweep_from_s IS
    'the oldest time that the current reading goes back to; it sees the newest events first';
COMMENT ON COLUMN payapi.provider_cursors.sweep_to_s IS
    'the newest event it has seen; becomes pulled_to_s when the reading ends';
COMMENT ON COLUMN payapi.provider_cursors.page_after IS
    'the event after which its next page begins; empty: no reading is under way';
COMMENT ON COLUMN payapi.provider_cursors.fence IS
    'grows with each claim; an old runner cannot move the cursor';
COMMENT ON COLUMN payapi.provider_cursors.lease_until IS
    'when the lease of whoever is reading ends';
COMMENT ON COLUMN payapi.provider_cursors.next_at IS 'when to read the list again';
COMMENT ON COLUMN payapi.provider_cursors.sweep_is_deep IS 'the current reading goes far back';
COMMENT ON COLUMN payapi.provider_cursors.deep_due_at IS
    'when to read far back again; used only for lists of objects rather than events';

GRANT INSERT (provider, pulled_to_s),
      UPDATE (pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at,
              sweep_is_deep, deep_due_at)
    ON payapi.provider_cursors TO payapi_app;

COMMIT;
