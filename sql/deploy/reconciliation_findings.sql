-- Differences between our books and a provider's lists. A human may explain a finding; it stays
-- explained while both sides stay as they are.
-- Locks: payapi.orders SHARE ROW EXCLUSIVE
-- Locks: payapi.payments SHARE ROW EXCLUSIVE
-- Locks: payapi.reconciliations SHARE ROW EXCLUSIVE
BEGIN;
SET LOCAL ROLE payapi_owner;

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
    explained_at      timestamptz(3),
    CONSTRAINT finding_once UNIQUE (reconciliation_id, kind, object, provider_ref)
);
CREATE INDEX reconciliation_findings_by_payment ON payapi.reconciliation_findings (payment_id);
CREATE INDEX reconciliation_findings_open ON payapi.reconciliation_findings (reconciliation_id)
    WHERE state = 'open';

COMMENT ON TABLE  payapi.reconciliation_findings IS
    'differences between our books and a provider''s lists';
COMMENT ON COLUMN payapi.reconciliation_findings.finding_id IS
    'in the order in which they were found';
COMMENT ON COLUMN payapi.reconciliation_findings.reconciliation_id IS
    'the comparison that found it, of one provider and day';
COMMENT ON COLUMN payapi.reconciliation_findings.kind IS
    'missing_here, missing_there, other_amount, other_currency, other_day';
COMMENT ON COLUMN payapi.reconciliation_findings.object IS 'charge, refund or dispute';
COMMENT ON COLUMN payapi.reconciliation_findings.provider_ref IS
    'the provider''s object, as our ledger names it';
COMMENT ON COLUMN payapi.reconciliation_findings.payment_id IS 'our payment, when it is known';
COMMENT ON COLUMN payapi.reconciliation_findings.order_id IS 'its order';
COMMENT ON COLUMN payapi.reconciliation_findings.our_minor IS
    'what the object moved according to our ledger, positive towards the shop; null: nothing';
COMMENT ON COLUMN payapi.reconciliation_findings.our_currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.reconciliation_findings.our_at IS 'when it moved, according to our ledger';
COMMENT ON COLUMN payapi.reconciliation_findings.their_minor IS
    'what the object moved according to the provider; null: it has no such object';
COMMENT ON COLUMN payapi.reconciliation_findings.their_currency IS 'ISO 4217 code';
COMMENT ON COLUMN payapi.reconciliation_findings.their_at IS
    'when it moved, according to the provider';
COMMENT ON COLUMN payapi.reconciliation_findings.evidence IS
    'ids that the provider''s object contains: its own, intent, payment, order, refund';
COMMENT ON COLUMN payapi.reconciliation_findings.state IS
    'open: a human decides; healed: the books agree now; explained: they need not agree';
COMMENT ON COLUMN payapi.reconciliation_findings.note IS
    'why it is open, what healed it, or what explains it';
COMMENT ON COLUMN payapi.reconciliation_findings.pass IS 'the last pass of the day that saw it';
COMMENT ON COLUMN payapi.reconciliation_findings.found_at IS 'when it was first found';
COMMENT ON COLUMN payapi.reconciliation_findings.changed_at IS 'when its state last changed';
COMMENT ON COLUMN payapi.reconciliation_findings.explained_at IS
    'when a human explained it; null: nobody did';

CREATE FUNCTION payapi.reconciliation_findings_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken pg_catalog.text;
BEGIN
    broken := CASE
        WHEN NEW.kind NOT IN
             ('missing_here', 'missing_there', 'other_amount', 'other_currency', 'other_day')
            THEN 'finding_kind_is_known'
        WHEN NEW.object NOT IN ('charge', 'refund', 'dispute') THEN 'finding_object_is_known'
        WHEN NEW.state NOT IN ('open', 'healed', 'explained') THEN 'finding_state_is_known'
        WHEN NEW.provider_ref = '' OR NEW.note = '' THEN 'finding_says_what'
        WHEN NEW.kind <> 'missing_there' AND NEW.their_minor IS NULL THEN 'finding_has_their_side'
        WHEN NEW.kind = 'missing_there' AND NEW.our_minor IS NULL THEN 'finding_has_our_side'
        WHEN TG_OP = 'INSERT' THEN NULL
        WHEN (NEW.finding_id, NEW.reconciliation_id, NEW.kind, NEW.object, NEW.provider_ref,
              NEW.found_at)
             IS DISTINCT FROM
             (OLD.finding_id, OLD.reconciliation_id, OLD.kind, OLD.object, OLD.provider_ref,
              OLD.found_at)
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
COMMENT ON FUNCTION payapi.reconciliation_findings_guard IS
    'trigger: checks the values of a finding; what was found never changes';

CREATE TRIGGER reconciliation_findings_are_kept
    BEFORE DELETE OR TRUNCATE ON payapi.reconciliation_findings
    FOR EACH STATEMENT EXECUTE FUNCTION payapi.refuse_change();
CREATE TRIGGER reconciliation_findings_guard
    BEFORE INSERT OR UPDATE ON payapi.reconciliation_findings
    FOR EACH ROW EXECUTE FUNCTION payapi.reconciliation_findings_guard();

GRANT INSERT,
      UPDATE (payment_id, order_id, our_minor, our_currency, our_at, their_minor, their_currency,
              their_at, evidence, state, note, pass, changed_at, explained_at)
    ON payapi.reconciliation_findings TO payapi_app;

COMMIT;
