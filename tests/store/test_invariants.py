"""Each invariant finds nothing in a sound database, and finds the one fault that it is made for."""
import pytest

from conftest import PAYMENT, ROOT, given_shop, other

FILES = sorted((ROOT / "sql/invariants").glob("*.sql"))
SECOND = other("pay", 2)

SECOND_PAYMENT = (f"INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, expires_at,"
                  f" created_at, updated_at) VALUES ('{SECOND}', 'o1', 9999, 'USD', 'stripe', now(), now(), now())")
PAID = "captured_minor = 9999, status = 'completed', completed_at = now()"
CHARGE = ("INSERT INTO transactions (transaction_id, payment_id, order_id, kind, amount_minor, currency, provider,"
          f" provider_ref, occurred_at, trace_id) VALUES ('{other('txn', 1)}', '{PAYMENT}', 'o1', 'charge',"
          " {0}, '{1}', 'stripe', 'pi_1', now(), 't')")

REFUND = ("INSERT INTO refunds (refund_id, payment_id, amount_minor, currency, provider, created_at, updated_at)"
          f" VALUES ('{other('ref', 1)}', '{PAYMENT}', 100, '{{0}}', 'stripe', now(), now())")


DISPUTE = ("INSERT INTO disputes (dispute_id, payment_id, provider, provider_ref, amount_minor, currency, status, told_at_ms,"
           f" withdrawn_minor, created_at, updated_at) VALUES ('{other('dsp', 1)}', '{PAYMENT}', 'stripe', 'dp_1', 900, 'USD',"
           " '{0}', 1, {1}, now(), now())")
WITHDRAWAL = CHARGE.replace("'charge'", "'dispute'").replace("'pi_1'", "'dp_1'").replace(other("txn", 1), other("txn", 2))


COMPARED = ("INSERT INTO reconciliations (reconciliation_id, provider, day, state, passes, created_at, finished_at, next_at)"
            f" VALUES ('{other('rec', 1)}', 'stripe', '2026-11-29', '{{0}}', 2, now(), {{1}}, now() - interval '25 hours')")
FOUND = ("INSERT INTO reconciliation_findings (reconciliation_id, kind, object, provider_ref, their_minor, evidence, state,"
         f" note, pass, found_at, changed_at) VALUES ('{other('rec', 1)}', 'missing_here', 'charge', 'pi_1', 1, '{{{{}}}}',"
         " 'open', 'x', {0}, now(), now())")


def audited(status):
    return ("INSERT INTO audit_log (order_id, payment_id, actor, action, body, trace_id)"
            f""" VALUES ('o1', '{PAYMENT}', 'a', 'status', '{{"to":"{status}"}}', 't')""")


TOLD = ("INSERT INTO audit_log (order_id, actor, action, body, trace_id, event_id, event_type, event_payload)"
        f" VALUES ('o1', 'a', 'b', '{{}}', 't', '{other('evt', 2)}', 'x', '{{}}')")

ENDPOINT = ("INSERT INTO webhook_endpoints (endpoint_id, url, events, description, created_at, created_by, updated_at)"
            f" VALUES ('{other('wep', 1)}', 'https://shop.example/', '{{*}}', '', now(), 'a', now())")
DELIVERY = ("INSERT INTO webhook_deliveries (delivery_id, endpoint_id, audit_id, payment_id, seq, status, released, next_at,"
            f" event_at) VALUES ('{other('del', 1)}', '{other('wep', 1)}', 1, '{PAYMENT}', 2, '{{0}}', {{1}}, now(), now())")

# What somebody with all rights must do to break each invariant.
WRONGS = {
    "i01_one_live_payment_per_order": ["DROP INDEX one_live_payment", SECOND_PAYMENT],
    "i02_captured_within_order_amount": [
        "DROP INDEX one_live_payment", SECOND_PAYMENT, f"UPDATE payments SET {PAID}"],
    "i03_refund_counters_fit_refunds": [
        f"UPDATE payments SET {PAID}", REFUND.format("USD"), "UPDATE payments SET refund_held_minor = 101"],
    "i04_ledger_equals_payments": [CHARGE.format(9998, "USD"), f"UPDATE payments SET {PAID}"],
    "i04_ledger_is_with_the_payments_order": [
        "INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
        " VALUES ('o3', 'bob', 9999, 'USD', now(), now())",
        CHARGE.format(9999, "USD"), f"UPDATE payments SET {PAID}, surplus = true",
        "UPDATE payments SET order_id = 'o3', surplus = false"],
    "i05_provider_object_on_one_payment": [
        "DROP INDEX provider_ref_once", "UPDATE payments SET surplus = true",
        SECOND_PAYMENT, f"UPDATE payments SET provider_ref = 'cs_1' WHERE payment_id = '{SECOND}'"],
    "i06_currency_never_drifts": [CHARGE.format(9999, "EUR")],
    "i07_history_has_no_gaps": [
        audited("pending"), "ALTER TABLE audit_log DISABLE TRIGGER ALL", "DELETE FROM audit_log WHERE seq = 1"],
    "i07_history_is_of_its_payment": [
        "INSERT INTO audit_log (payment_id, actor, action, body, trace_id) VALUES ('nobody', 'a', 'b', '{}', 't')"],
    "i08_accepted_webhooks_are_finished_or_due": [
        "UPDATE webhook_events SET received_at = now() - interval '1 hour', next_at = now() - interval '16 minutes'"],
    "i08_processed_webhooks_have_a_payment": [
        "ALTER TABLE webhook_events DISABLE TRIGGER webhook_events_guard",
        "UPDATE webhook_events SET status = 'processed'"],
    "i09_calls_have_an_outcome": [
        "UPDATE provider_calls SET started_at = now() - interval '16 minutes', lease_until = now() - interval '15 minutes'"],
    "i10_events_are_told_once": [TOLD, TOLD],
    "i11_keys_are_not_stuck": ["UPDATE idempotency_keys SET locked_until = now() - interval '16 minutes'"],
    "i11_keys_name_a_payment": [f"UPDATE idempotency_keys SET payment_id = '{other('pay', 9)}'"],
    "i12_status_is_the_last_audited": [
        audited("processing"), "UPDATE payments SET progress = 'failed', status = 'failed'"],
    "i13_paid_orders_have_their_money": ["UPDATE orders SET status = 'paid' WHERE order_id = 'o1'"],
    "i14_dispute_overlay_equals_disputes": [DISPUTE.format("open", 0)],
    "i15_ledger_equals_disputes": [DISPUTE.format("open", 900), "UPDATE payments SET disputed_minor = 900"],
    "i16_reconciliations_go_on": [COMPARED.format("running", "NULL")],
    "i17_open_findings_are_current": [COMPARED.format("done", "now()"), FOUND.format(1)],
    "i18_events_have_their_deliveries": [ENDPOINT, TOLD, "UPDATE webhook_planning SET planned_to = '4000000000:4000000000:'"],
    "i19_waiting_deliveries_wait_for_one": [ENDPOINT, DELIVERY.format("waiting", "false")],
    "i20_delivered_events_were_accepted": [ENDPOINT, DELIVERY.format("delivered", "true")],
}


def rows(db, file):
    return db.run(file.read_text())


def broken(db):
    return [file.stem for file in FILES if rows(db, file)]


def test_every_invariant_has_a_wrong_to_show():
    assert FILES and {file.stem for file in FILES} == set(WRONGS)


def test_every_invariant_says_in_its_first_line_what_it_is():
    for file in FILES:
        first = file.read_text().splitlines()[0]
        assert first.startswith("-- I") and ": " in first and len(first) <= 120, file


def test_a_sound_database_breaks_none(db):
    assert broken(db) == []
    given_shop(db)
    assert broken(db) == []


def test_a_payment_that_went_well_breaks_none(shop):
    shop.run(f"UPDATE payments SET {PAID}")
    shop.run("UPDATE orders SET status = 'paid' WHERE order_id = 'o1'")
    shop.run(CHARGE.format(9999, "USD"))
    shop.run(audited("completed"))
    assert broken(shop) == []


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_an_invariant_tells_its_wrong(shop, file):
    for statement in WRONGS[file.stem]:
        shop.run(statement)
    assert rows(shop, file), f"{file.name} did not notice"


@pytest.mark.parametrize("wrong, told", [
    (["DELETE FROM audit_log WHERE seq = 1"], "i07_history_has_no_gaps"),
    (["DELETE FROM audit_log WHERE seq = 2"], "i07_history_has_no_gaps"),
    (["DELETE FROM audit_log"], "i07_history_has_no_gaps"),
    (["UPDATE audit_log SET seq = seq + 10"], "i07_history_has_no_gaps"),
    (["UPDATE audit_log SET seq = NULL WHERE seq = 3"], "i07_history_has_no_gaps"),
    (["UPDATE audit_log SET payment_id = 'nobody'"], "i07_history_is_of_its_payment"),
    ([TOLD, "UPDATE audit_log SET order_id = 'nobody'"], "i10_events_are_told_once"),
])
def test_a_superuser_cannot_thin_the_history_unseen(shop, wrong, told):
    """What was rewritten in place, the signed checkpoints show (test_store_audit.c)."""
    shop.run(audited("pending"))
    shop.run(audited("pending"))
    assert broken(shop) == []
    for statement in ["ALTER TABLE audit_log DISABLE TRIGGER ALL", *wrong]:
        shop.run(statement)
    assert told in broken(shop)


@pytest.mark.parametrize("wrong, told", [
    (["ALTER TABLE payments DISABLE TRIGGER payments_guard", "UPDATE payments SET refunded_minor = 1"],
     "i03_refund_counters_fit_refunds"),
    (["ALTER TABLE payments DROP CONSTRAINT refunds_within_captured",
      "UPDATE payments SET refund_held_minor = 10000"], "i03_refund_counters_fit_refunds"),
    (["ALTER TABLE refunds DISABLE TRIGGER ALL", "UPDATE refunds SET status = 'failed'"],
     "i03_refund_counters_fit_refunds"),
    (["ALTER TABLE refunds DISABLE TRIGGER ALL", "UPDATE refunds SET currency = 'EUR'"], "i06_currency_never_drifts"),
])
def test_each_lie_about_a_refund_is_told(shop, wrong, told):
    shop.run(f"UPDATE payments SET {PAID}")
    shop.run(REFUND.format("USD"))
    assert rows(shop, ROOT / f"sql/invariants/{told}.sql") == []
    for statement in wrong:
        shop.run(statement)
    assert told in broken(shop)


def refund_of_excess(number, status, origin):
    return (REFUND.format("USD").replace(other("ref", 1), other("ref", number)).replace("provider,", "provider, status, origin,")
            .replace("'stripe',", f"'stripe', '{status}', '{origin}',"))


@pytest.mark.parametrize("refunds, told", [
    ([("succeeded", "surplus")], False),
    ([("cancelled", "surplus")], True),
    ([("pending", "api")], True),               # this one refunds the order's own money
    ([("cancelled", "surplus"), ("pending", "api")], False),
    ([("failed", "surplus"), ("failed", "api")], True),
])
def test_what_came_beyond_goes_back_by_itself_or_by_a_human(shop, refunds, told):
    shop.run(f"UPDATE payments SET {PAID.replace('9999', '10099')}, mismatch = true, review_reason = 'x'")
    for number, (status, origin) in enumerate(refunds, 1):
        shop.run(refund_of_excess(number, status, origin))
    assert ("i02_captured_within_order_amount" in broken(shop)) == told


DISPUTED = [DISPUTE.format("lost", 900), WITHDRAWAL.format(-900, "USD"),
            "UPDATE payments SET dispute = 'lost', disputed_minor = 900"]
GIVEN_BACK = [DISPUTE.format("won", 900).replace("withdrawn_minor,", "withdrawn_minor, reinstated_minor,")
              .replace("1, 900,", "1, 900, 400,"), WITHDRAWAL.format(-900, "USD"),
              WITHDRAWAL.replace("'dispute'", "'dispute_reversal'").replace(other("txn", 2), other("txn", 3))
              .format(400, "USD"), "UPDATE payments SET dispute = 'won', disputed_minor = 500"]


@pytest.mark.parametrize("sound", [DISPUTED, GIVEN_BACK, [DISPUTE.format("closed", 0)]])
def test_a_disputed_payment_breaks_none(shop, sound):
    for statement in sound:
        shop.run(statement)
    assert broken(shop) == []


@pytest.mark.parametrize("wrong, told", [
    ("UPDATE payments SET dispute = 'none'", "i14_dispute_overlay_equals_disputes"),
    ("UPDATE payments SET dispute = 'won'", "i14_dispute_overlay_equals_disputes"),
    ("UPDATE disputes SET told_at_ms = 2, status = 'open'", "i14_dispute_overlay_equals_disputes"),
    ("UPDATE payments SET disputed_minor = 899", "i15_ledger_equals_disputes"),
    ("UPDATE disputes SET withdrawn_minor = 901", "i15_ledger_equals_disputes"),
    ("UPDATE disputes SET reinstated_minor = 1", "i15_ledger_equals_disputes"),
    (WITHDRAWAL.replace("'dp_1'", "'dp_1:901'").replace(other("txn", 2), other("txn", 4)).format(-1, "USD"),
     "i15_ledger_equals_disputes"),
])
def test_each_lie_about_a_dispute_is_told(shop, wrong, told):
    for statement in DISPUTED:
        shop.run(statement)
    shop.run(wrong)
    assert broken(shop) == [told]


SLOW_BANK = "UPDATE payments SET progress = 'processing', status = 'processing'"
ASKED = "UPDATE payments SET needs_review = true, review_reason = 'x'"


def open_call_of(age, due="now() + interval '1 hour'"):
    return f"UPDATE provider_calls SET started_at = now() - interval '{age}', lease_until = now() - interval '1 s', next_at = {due}"


@pytest.mark.parametrize("open_call", [
    [open_call_of("24 hours")],
    [open_call_of("26 hours"), ASKED],
    [open_call_of("26 hours"), ASKED, "UPDATE payments SET needs_review = false"],
    [SLOW_BANK, open_call_of("21 days")],
    [open_call_of("16 minutes", "now() - interval '14 minutes'")],
])
def test_a_call_that_is_asked_for_on_time_breaks_none(shop, open_call):
    for statement in open_call:
        shop.run(statement)
    assert "i09_calls_have_an_outcome" not in broken(shop)


@pytest.mark.parametrize("wrong", [
    [open_call_of("26 hours")],
    [SLOW_BANK, open_call_of("23 days")],
    [ASKED, open_call_of("1 hour", "now() - interval '16 minutes'")],
])
def test_a_call_that_is_forgotten_or_keeps_silent_is_told(shop, wrong):
    for statement in wrong:
        shop.run(statement)
    assert "i09_calls_have_an_outcome" in broken(shop)


def test_the_application_may_read_all_of_them(shop):
    for file in FILES:
        shop.run(file.read_text(), role="payapi_app")
        shop.run(file.read_text(), role="payapi_read")


@pytest.mark.parametrize("sound", [
    [COMPARED.format("running", "NULL"), "UPDATE reconciliations SET error = 'the provider did not answer'"],
    [COMPARED.format("running", "NULL"), "UPDATE reconciliations SET lease_until = now() + interval '1 minute'"],
    [COMPARED.format("waiting", "NULL")],
    [COMPARED.format("done", "now()"), FOUND.format(2)],
    [COMPARED.format("running", "NULL"), FOUND.format(1), "UPDATE reconciliations SET next_at = now()"],
])
def test_a_comparison_that_waits_or_goes_on_is_sound(shop, sound):
    for statement in sound:
        shop.run(statement)
    assert broken(shop) == []
