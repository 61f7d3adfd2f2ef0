-- What the providers' own lists say of our books: a row per provider and day, what was found there, and what
-- a list says of each row of the ledger, its fee included.
BEGIN;
SET LOCAL ROLE payapi_owner;

CREATE TABLE payapi.reconciliations (
    reconciliation_id text PRIMARY KEY,
    provider    text NOT NULL,
    day         date NOT NULL,
    state       text NOT NULL DEFAULT 'waiting',
    passes      integer NOT NULL DEFAULT 0,
    book        text NOT NULL DEFAULT 'charges',
    page_after  text NOT NULL DEFAULT '',
    compared    bigint NOT NULL DEFAULT 0,
    foreigners  bigint NOT NULL DEFAULT 0,
    unreadable  bigint NOT NULL DEFAULT 0,
    error       text,
    created_at  timestamptz(3) NOT NULL,
    started_at  timestamptz(3),
    finished_at timestamptz(3),
    fence       bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    next_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT day_once UNIQUE (provider, day)
);
CREATE INDEX reconciliations_due ON payapi.reconciliations (next_at) WHERE state <> 'done';

COMMENT ON TABLE  payapi.reconciliations IS 'comparisons of our books with a provider''s lists, a day each';
COMMENT ON COLUMN payapi.reconciliations.reconciliation_id IS 'rec_ and 26 characters: sorts by time';
COMMENT ON COLUMN payapi.reconciliations.provider IS 'whose lists';
COMMENT ON COLUMN payapi.reconciliations.day IS 'the day in UTC that is compared, by the provider''s clock';
COMMENT ON COLUMN payapi.reconciliations.state IS 'waiting, running or done';
COMMENT ON COLUMN payapi.reconciliations.passes IS 'how often the day was begun; a later pass sees the same findings again';
COMMENT ON COLUMN payapi.reconciliations.book IS 'what is read now: charges, refunds, disputes, then ours (rows that no list confirmed)';
COMMENT ON COLUMN payapi.reconciliations.page_after IS 'where its next page begins; empty: at its first';
COMMENT ON COLUMN payapi.reconciliations.compared IS 'objects of the provider in this pass';
COMMENT ON COLUMN payapi.reconciliations.foreigners IS 'of them, those that another program on the account made';
COMMENT ON COLUMN payapi.reconciliations.unreadable IS 'of them, those that could not be read';
COMMENT ON COLUMN payapi.reconciliations.error IS 'why it does not go on; null: it does, or it is done';
COMMENT ON COLUMN payapi.reconciliations.created_at IS 'when the day was put on the list';
COMMENT ON COLUMN payapi.reconciliations.started_at IS 'when its last pass began: a day that was not over then is compared again';
COMMENT ON COLUMN payapi.reconciliations.finished_at IS 'when its last pass was through; null: it is not';
COMMENT ON COLUMN payapi.reconciliations.fence IS 'grows with each claim; an old runner cannot write any more';
COMMENT ON COLUMN payapi.reconciliations.lease_until IS 'somebody works on it until then at most';
COMMENT ON COLUMN payapi.reconciliations.next_at IS 'when it is worked on again';

CREATE FUNCTION payapi.reconciliations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NOT payapi.id_has_form(NEW.reconciliation_id, 'rec_') THEN 'reconciliation_id_has_form'
        WHEN NEW.state NOT IN ('waiting', 'running', 'done') THEN 'reconciliation_state_is_known'
        WHEN NEW.book NOT IN ('charges', 'refunds', 'disputes', 'ours') THEN 'reconciliation_book_is_known'
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
COMMENT ON FUNCTION payapi.reconciliations_guard IS 'form of a reconciliation; what is done has ended without an error';
CREATE TRIGGER reconciliations_guard BEFORE INSERT OR UPDATE ON payapi.reconciliations
    FOR EACH ROW EXECUTE FUNCTION payapi.reconciliations_guard();
CREATE TRIGGER reconciliations_are_kept BEFORE DELETE OR TRUNCATE ON payapi.reconciliations
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

CREATE TABLE payapi.reconciliation_findings (
    finding_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reconciliation_id text NOT NULL REFERENCES payapi.reconciliations,
    kind              text NOT NULL,
    object            text NOT NULL,
    provider_ref      text NOT NULL,
    payment_id        text REFERENCES payapi.payments,
    order_id          text REFERENCES payapi.orders,
    our_minor         bigint,
    our_currency      payapi.currency_code,
    our_at            timestamptz(3),
    their_minor       bigint,
    their_currency    text,
    their_at          timestamptz(3),
    evidence          jsonb NOT NULL,
    state             text NOT NULL,
    note              text NOT NULL,
    pass              integer NOT NULL,
    found_at          timestamptz(3) NOT NULL,
    changed_at        timestamptz(3) NOT NULL,
    CONSTRAINT finding_once UNIQUE (reconciliation_id, kind, object, provider_ref)
);
CREATE INDEX reconciliation_findings_open ON payapi.reconciliation_findings (reconciliation_id) WHERE state = 'open';
CREATE INDEX reconciliation_findings_by_payment ON payapi.reconciliation_findings (payment_id);

COMMENT ON TABLE  payapi.reconciliation_findings IS 'differences between our books and a provider''s lists';
COMMENT ON COLUMN payapi.reconciliation_findings.finding_id IS 'in the order in which they were found';
COMMENT ON COLUMN payapi.reconciliation_findings.reconciliation_id IS 'of which provider and day';
COMMENT ON COLUMN payapi.reconciliation_findings.kind IS 'missing_here, missing_there, other_amount, other_currency, other_day';
COMMENT ON COLUMN payapi.reconciliation_findings.object IS 'charge, refund or dispute';
COMMENT ON COLUMN payapi.reconciliation_findings.provider_ref IS 'the provider''s object, as our ledger names it';
COMMENT ON COLUMN payapi.reconciliation_findings.payment_id IS 'our payment, when it is known';
COMMENT ON COLUMN payapi.reconciliation_findings.order_id IS 'its order';
COMMENT ON COLUMN payapi.reconciliation_findings.our_minor IS 'what our ledger says that it moved, positive towards the shop; null: nothing';
COMMENT ON COLUMN payapi.reconciliation_findings.our_currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.reconciliation_findings.our_at IS 'when, by our ledger';
COMMENT ON COLUMN payapi.reconciliation_findings.their_minor IS 'what the provider says that it moved; null: it has no such object';
COMMENT ON COLUMN payapi.reconciliation_findings.their_currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.reconciliation_findings.their_at IS 'when, by the provider';
COMMENT ON COLUMN payapi.reconciliation_findings.evidence IS 'ids that the provider''s object names: its own, intent, payment, order, refund';
COMMENT ON COLUMN payapi.reconciliation_findings.state IS 'open: a human decides; healed: the books agree now; explained: they need not agree';
COMMENT ON COLUMN payapi.reconciliation_findings.note IS 'why it is open, what healed it, or what explains it';
COMMENT ON COLUMN payapi.reconciliation_findings.pass IS 'the last pass of the day that saw it';
COMMENT ON COLUMN payapi.reconciliation_findings.found_at IS 'when it was found first';
COMMENT ON COLUMN payapi.reconciliation_findings.changed_at IS 'when its state changed last';

CREATE FUNCTION payapi.reconciliation_findings_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN NEW.kind NOT IN ('missing_here', 'missing_there', 'other_amount', 'other_currency', 'other_day')
            THEN 'finding_kind_is_known'
        WHEN NEW.object NOT IN ('charge', 'refund', 'dispute') THEN 'finding_object_is_known'
        WHEN NEW.state NOT IN ('open', 'healed', 'explained') THEN 'finding_state_is_known'
        WHEN NEW.provider_ref = '' OR NEW.note = '' THEN 'finding_says_what'
        WHEN NEW.kind <> 'missing_there' AND NEW.their_minor IS NULL THEN 'finding_has_their_side'
        WHEN NEW.kind = 'missing_there' AND NEW.our_minor IS NULL THEN 'finding_has_our_side'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.finding_id, NEW.reconciliation_id, NEW.kind, NEW.object, NEW.provider_ref, NEW.found_at)
             IS DISTINCT FROM (OLD.finding_id, OLD.reconciliation_id, OLD.kind, OLD.object, OLD.provider_ref, OLD.found_at)
            THEN 'finding_is_immutable'
        WHEN NEW.pass < OLD.pass THEN 'finding_never_goes_back'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'finding %: %', NEW.finding_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.reconciliation_findings_guard IS 'form of a finding; what was found stays found';
CREATE TRIGGER reconciliation_findings_guard BEFORE INSERT OR UPDATE ON payapi.reconciliation_findings
    FOR EACH ROW EXECUTE FUNCTION payapi.reconciliation_findings_guard();
CREATE TRIGGER reconciliation_findings_are_kept BEFORE DELETE OR TRUNCATE ON payapi.reconciliation_findings
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

-- Beside the ledger, which is history: fees are told seconds or days after the money.
CREATE TABLE payapi.ledger_confirmations (
    transaction_id    text PRIMARY KEY REFERENCES payapi.transactions,
    reconciliation_id text NOT NULL REFERENCES payapi.reconciliations,
    told_ref          text NOT NULL,
    told_at           timestamptz(3),
    fee_minor         bigint,
    net_minor         bigint,
    settled_currency  payapi.currency_code,
    confirmed_at      timestamptz(3) NOT NULL
);

COMMENT ON TABLE  payapi.ledger_confirmations IS 'rows of the ledger that the provider has too, and what it kept of each';
COMMENT ON COLUMN payapi.ledger_confirmations.transaction_id IS 'the row of the ledger';
COMMENT ON COLUMN payapi.ledger_confirmations.reconciliation_id IS 'which comparison met it first';
COMMENT ON COLUMN payapi.ledger_confirmations.told_ref IS 'the provider''s object that was met (Stripe ch_..., re_..., dp_...)';
COMMENT ON COLUMN payapi.ledger_confirmations.told_at IS 'when the money moved, by the provider; null: it was asked for by name and told no time';
COMMENT ON COLUMN payapi.ledger_confirmations.fee_minor IS 'what the provider kept, in settled_currency; null: not told';
COMMENT ON COLUMN payapi.ledger_confirmations.net_minor IS 'what reached the shop''s balance, negative away from it; null: not told';
COMMENT ON COLUMN payapi.ledger_confirmations.settled_currency IS 'of fee and net; null: neither was told';
COMMENT ON COLUMN payapi.ledger_confirmations.confirmed_at IS 'when it was met first';

CREATE FUNCTION payapi.ledger_confirmations_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    broken := CASE
        WHEN (NEW.fee_minor IS NULL AND NEW.net_minor IS NULL) <> (NEW.settled_currency IS NULL)
            THEN 'fees_have_a_currency'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.transaction_id, NEW.reconciliation_id, NEW.told_ref, NEW.confirmed_at)
             IS DISTINCT FROM (OLD.transaction_id, OLD.reconciliation_id, OLD.told_ref, OLD.confirmed_at)
            THEN 'confirmation_is_immutable'
        WHEN NEW.fee_minor IS DISTINCT FROM OLD.fee_minor AND OLD.fee_minor IS NOT NULL
          OR NEW.net_minor IS DISTINCT FROM OLD.net_minor AND OLD.net_minor IS NOT NULL
            THEN 'fees_are_written_once'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'confirmation of %: %', NEW.transaction_id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION payapi.ledger_confirmations_guard IS 'what a provider kept is told with its currency, and once';
CREATE TRIGGER ledger_confirmations_guard BEFORE INSERT OR UPDATE ON payapi.ledger_confirmations
    FOR EACH ROW EXECUTE FUNCTION payapi.ledger_confirmations_guard();
CREATE TRIGGER ledger_confirmations_are_kept BEFORE DELETE OR TRUNCATE ON payapi.ledger_confirmations
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();

GRANT INSERT,
      UPDATE (state, passes, book, page_after, compared, foreigners, unreadable, error, started_at, finished_at,
              fence, lease_until, next_at)
    ON payapi.reconciliations TO payapi_app;
GRANT INSERT, UPDATE (payment_id, order_id, our_minor, our_currency, our_at, their_minor, their_currency, their_at,
                      evidence, state, note, pass, changed_at)
    ON payapi.reconciliation_findings TO payapi_app;
GRANT INSERT, UPDATE (told_at, fee_minor, net_minor, settled_currency) ON payapi.ledger_confirmations TO payapi_app;

COMMIT;
