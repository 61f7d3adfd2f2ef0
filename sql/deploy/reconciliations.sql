-- Comparisons of our books with the providers' own lists: a row for each provider and day.
-- Locks: none
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.reconciliations (
    reconciliation_id text PRIMARY KEY,
    provider          text NOT NULL,
    day               date NOT NULL,
    state             text NOT NULL DEFAULT 'waiting',
    passes            integer NOT NULL DEFAULT 0,
    book              text NOT NULL DEFAULT 'charges',
    page_after        text NOT NULL DEFAULT '',
    compared          bigint NOT NULL DEFAULT 0,
    foreigners        bigint NOT NULL DEFAULT 0,
    unreadable        bigint NOT NULL DEFAULT 0,
    error             text,
    created_at        timestamptz(3) NOT NULL,
    started_at        timestamptz(3),
    finished_at       timestamptz(3),
    fence             bigint NOT NULL DEFAULT 0,
    lease_until       timestamptz,
    next_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT day_once UNIQUE (provider, day)
);
CREATE INDEX reconciliations_due ON payapi.reconciliations (next_at) WHERE state <> 'done';

COMMENT ON TABLE  payapi.reconciliations IS
    'comparisons of our books with a provider''s lists, one for each day';
COMMENT ON COLUMN payapi.reconciliations.reconciliation_id IS
    'rec_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.reconciliations.provider IS 'whose lists';
COMMENT ON COLUMN payapi.reconciliations.day IS
    'the UTC day that is compared, by the provider''s clock';
COMMENT ON COLUMN payapi.reconciliations.state IS 'waiting, running or done';
COMMENT ON COLUMN payapi.reconciliations.passes IS
    'how often the comparison of this day was begun; a later pass sees the same findings again';
COMMENT ON COLUMN payapi.reconciliations.book IS
    'what is read now: charges, refunds, disputes, then ours (rows that no list confirmed)';
COMMENT ON COLUMN payapi.reconciliations.page_after IS
    'where the next page of the book begins; empty: at the first one';
COMMENT ON COLUMN payapi.reconciliations.compared IS
    'how many objects of the provider this pass has compared';
COMMENT ON COLUMN payapi.reconciliations.foreigners IS
    'how many of them were made by another program on the account';
COMMENT ON COLUMN payapi.reconciliations.unreadable IS 'how many of them could not be read';
COMMENT ON COLUMN payapi.reconciliations.error IS
    'why it cannot continue; null: it can, or it is done';
COMMENT ON COLUMN payapi.reconciliations.created_at IS 'when the day was queued';
COMMENT ON COLUMN payapi.reconciliations.started_at IS
    'when its last pass began; a day that had not ended by then is compared again';
COMMENT ON COLUMN payapi.reconciliations.finished_at IS
    'when its last pass ended; null: it has not';
COMMENT ON COLUMN payapi.reconciliations.fence IS
    'grows with each claim; an old runner can no longer write';
COMMENT ON COLUMN payapi.reconciliations.lease_until IS
    'when the lease of whoever is working on it ends';
COMMENT ON COLUMN payapi.reconciliations.next_at IS 'when to work on it again';

CREATE FUNCTION payapi.reconciliations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.reconciliation_id, 'rec_') THEN 'reconciliation_id_has_form'
        WHEN NEW.state NOT IN ('waiting', 'running', 'done') THEN 'reconciliation_state_is_known'
        WHEN NEW.book NOT IN ('charges', 'refunds', 'disputes', 'ours')
            THEN 'reconciliation_book_is_known'
        WHEN (NEW.state = 'done') <> (NEW.finished_at IS NOT NULL) THEN 'done_means_finished'
        WHEN NEW.state = 'done' AND NEW.error IS NOT NULL THEN 'done_means_no_error'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.reconciliation_id, NEW.provider, NEW.day, NEW.created_at)
             IS DISTINCT FROM (OLD.reconciliation_id, OLD.provider, OLD.day, OLD.created_at)
            THEN 'reconciliation_is_immutable'
        WHEN NEW.passes < OLD.passes OR NEW.fence < OLD.fence THEN 'reconciliation_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'reconciliation %: %', NEW.reconciliation_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.reconciliations_guard IS
    'trigger: checks the values of a reconciliation; one that is done has ended without an error';

CREATE TRIGGER reconciliations_are_kept BEFORE DELETE OR TRUNCATE ON payapi.reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER reconciliations_guard BEFORE INSERT OR UPDATE ON payapi.reconciliations
    FOR EACH ROW EXECUTE FUNCTION payapi.reconciliations_guard();

GRANT INSERT,
      UPDATE (state, passes, book, page_after, compared, foreigners, unreadable, error, started_at,
              finished_at, fence, lease_until, next_at)
    ON payapi.reconciliations TO payapi_app;

COMMIT;
