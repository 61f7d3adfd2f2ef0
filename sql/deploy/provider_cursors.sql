-- How far we have read each provider's list, which shows us events that never arrived. A list of
-- objects rather than events is also read far back from time to time.
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
    'every event created before was seen; the provider''s clock, Unix seconds';
COMMENT ON COLUMN payapi.provider_cursors.sweep_from_s IS
    'the reading under way began here; newest events come first';
COMMENT ON COLUMN payapi.provider_cursors.sweep_to_s IS
    'the newest event it has seen: pulled_to_s when it is through';
COMMENT ON COLUMN payapi.provider_cursors.page_after IS
    'event after which its next page begins; empty: none is under way';
COMMENT ON COLUMN payapi.provider_cursors.fence IS
    'grows with each claim; an old runner cannot move the cursor';
COMMENT ON COLUMN payapi.provider_cursors.lease_until IS 'somebody is reading until then at most';
COMMENT ON COLUMN payapi.provider_cursors.next_at IS 'when it is read again';
COMMENT ON COLUMN payapi.provider_cursors.sweep_is_deep IS 'the reading under way is one far back';
COMMENT ON COLUMN payapi.provider_cursors.deep_due_at IS
    'when the list is read far back again, where it is of objects and not of events';

GRANT INSERT (provider, pulled_to_s),
      UPDATE (pulled_to_s, sweep_from_s, sweep_to_s, page_after, fence, lease_until, next_at,
              sweep_is_deep, deep_due_at)
    ON payapi.provider_cursors TO payapi_app;

COMMIT;
