"""The same at Paystack, which reports less: late money, refunds and disputes are found in its lists."""
import contextlib

import pytest

from lost_rows import forget_order, hurry, lose
from paystack_play import act, given_back, opened, reference, refund, settings, sync, time_passes
from payapi_instance import Instance, wait_until
from reconciling import all_is_applied, books_of, delivered, findings_of, kept_of, reconcile, today


@pytest.fixture(scope="module")
def payapi():
    """A separate instance without webhooks; the account's lists are read once a day."""
    instance = Instance("reconciliation-paystack", EVENTS_PULL_INTERVAL_S="86400")
    try:
        instance.up()
        instance.webhook_settings(delivery="off")
        yield instance
        instance.assert_invariants()
    finally:
        instance.down()


def told_of(payapi, amount="100.00"):
    payment = opened(payapi, amount)
    act(payapi, payment, "pay")
    assert sync(payapi, payment).data["status"] == "completed"
    return payment


def number_of(payapi, payment):
    return [c["id"] for c in payapi.ledger["charges"] if c["reference"] == payment["externalId"]][0]


def compare(payapi, day=None):
    return reconcile(payapi, "paystack", day)


def lists_are_read(payapi):
    """Waits for one more deep reading, far back and to the lists' end; it puts off the next deep reading."""
    def is_read():
        return payapi.row("SELECT deep_due_at > now() FROM payapi.provider_cursors WHERE provider = 'paystack'")[0]

    wait_until(lambda: payapi.rows("UPDATE payapi.provider_cursors SET next_at = now(), deep_due_at = now()"
                                   " WHERE provider = 'paystack' AND page_after = ''"
                                   " AND (lease_until IS NULL OR lease_until <= now()) RETURNING 1"),
               60, "the end of a reading")
    wait_until(lambda: hurry(payapi) or is_read(), 90, "a reading")
    all_is_applied(payapi)


def test_books_that_agree_have_no_findings(payapi):
    payment = told_of(payapi)
    assert refund(payapi, payment, {"amountMinor": 1000}).status in (201, 202)
    told = compare(payapi)
    assert told["open"] == 0 and findings_of(told, number_of(payapi, payment)) == []


def test_money_on_a_closed_page_is_found_and_booked(payapi):
    payment = opened(payapi)
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel").status == 200
    act(payapi, payment, "pay")
    told = compare(payapi)
    assert findings_of(told, number_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert ("charge", 10000) in books_of(payapi, payment)


def test_a_lost_payment_is_found_and_comes_back(payapi):
    payment = told_of(payapi)
    forget_order(payapi, payment["orderId"])
    told = compare(payapi)
    assert findings_of(told, number_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert books_of(payapi, payment) == [("charge", 10000)]


def test_a_foreign_transaction_is_counted_and_is_no_finding(payapi):
    like = told_of(payapi)
    before = compare(payapi)
    foreign = payapi.sandbox("POST", "/_sandbox/foreign", {"like": like["externalId"]}).json
    told = compare(payapi)
    assert told["foreign"] == before["foreign"] + 1
    assert findings_of(told, foreign["id"]) == []
    assert payapi.rows("SELECT count(*) FROM payapi.payments WHERE order_id = %s", like["orderId"]) == [(1,)]


def test_a_refund_that_was_made_late_a_second_time_is_found_and_booked(payapi):
    payment = told_of(payapi)
    assert refund(payapi, payment, {"amountMinor": 1500}).status in (201, 202)
    second = act(payapi, payment, "refund", {"amount": 1500})
    told = compare(payapi)
    assert findings_of(told, second["id"]) == [("missing_here", "refund", "healed")]
    assert books_of(payapi, payment) == [("charge", 10000), ("refund", -1500), ("refund", -1500)]


def test_a_dispute_that_was_accepted_by_itself_is_found_and_booked(payapi):
    payment = told_of(payapi)
    made = act(payapi, payment, "dispute")["id"]
    payapi.sandbox("POST", f"/_sandbox/paystack/disputes/{made}/resolve", {"resolution": "auto-accepted"})
    told = compare(payapi)
    assert findings_of(told, made) == [("missing_here", "dispute", "healed")]
    assert books_of(payapi, payment) == [("charge", 10000), ("dispute", -10000)]


def test_money_of_another_amount_is_booked_as_it_came(payapi):
    payment = opened(payapi)
    act(payapi, payment, "pay", {"amount": 6000})
    told = compare(payapi)
    assert findings_of(told, number_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert books_of(payapi, payment) == [("charge", 6000)]


def test_fees_on_top_are_no_other_amount(payapi):
    settings(payapi, fees_passed_on=True)
    payment = told_of(payapi)
    settings(payapi, fees_passed_on=False)
    told = compare(payapi)
    assert findings_of(told, number_of(payapi, payment)) == []
    fee = [c["fees"] for c in payapi.ledger["charges"] if c["reference"] == payment["externalId"]][0]
    assert kept_of(payapi, payment) == [(fee, None, "NGN")]


# --- What a comparison would have found -----------------------------------------------------------
# Each test plays a day on which money could be lost; the books agree before anybody compares them. With the
# fix removed (tests/mutations), the comparison finds the difference.
def test_money_that_the_first_read_denies_is_booked(payapi):
    payment = opened(payapi)
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel").status == 200
    payapi.fault("stale", method="GET", path="/transaction/verify/*")
    delivered(payapi, lambda: act(payapi, payment, "pay"))
    assert findings_of(compare(payapi), number_of(payapi, payment)) == []


def test_what_befalls_a_payment_that_is_done_is_read_in_the_lists(payapi):
    payment = told_of(payapi)
    made = act(payapi, payment, "refund", {"amount": 1500})
    lists_are_read(payapi)
    assert findings_of(compare(payapi), made["id"]) == []


def test_what_a_restore_took_is_read_in_the_lists(payapi):
    payment = opened(payapi)
    act(payapi, payment, "pay", {"ago_s": 5 * 86400})
    assert sync(payapi, payment).data["status"] == "completed"
    number = number_of(payapi, payment)
    forget_order(payapi, payment["orderId"])
    lists_are_read(payapi)
    assert findings_of(compare(payapi, today(-5)), number) == []


def attempted(payapi, payment):
    """True once the refund's outcome was looked up, or it was sent again."""
    time_passes(payapi, payment)
    hurry(payapi)
    return payapi.rows("SELECT 1 FROM payapi.provider_calls WHERE payment_id = %s AND operation = 'refund'"
                       " AND (looks > 0 OR finished_at IS NOT NULL)", payment["id"])


def succeeded(payapi, payment):
    time_passes(payapi, payment)
    hurry(payapi)
    return payapi.rows("SELECT 1 FROM payapi.refunds WHERE payment_id = %s AND status = 'succeeded'", payment["id"])


def test_a_refund_that_is_made_late_is_made_once(payapi):
    payment = told_of(payapi)
    payapi.fault("late", path="/refund", status=504, seconds=120)
    assert refund(payapi, payment, {"amountMinor": 2500}).status == 202
    wait_until(lambda: attempted(payapi, payment), 30, "another attempt")
    payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": 121})
    wait_until(lambda: given_back(payapi, payment), 30, "the late one")
    with contextlib.suppress(AssertionError):           # if it does not succeed, the comparison must say so
        wait_until(lambda: succeeded(payapi, payment), 30, "the refund")
    told = compare(payapi)
    assert [findings_of(told, made["id"]) for made in given_back(payapi, payment)] == [[]]


def test_less_money_than_was_asked_for_is_booked_when_it_is_told(payapi):
    payment = opened(payapi)
    delivered(payapi, lambda: act(payapi, payment, "pay", {"amount": 6000}))
    assert findings_of(compare(payapi), number_of(payapi, payment)) == []


@pytest.mark.parametrize("claims_our_payment", [False, True])
def test_another_programs_money_is_never_in_our_books(payapi, claims_our_payment):
    payment = opened(payapi)
    claim = {"metadata": {"payment_id": payment["id"]}} if claims_our_payment else {}
    foreign = delivered(payapi, lambda: payapi.sandbox(
        "POST", "/_sandbox/foreign", {"like": reference(payment), **claim}).json)
    assert findings_of(compare(payapi), foreign["id"]) == []


def test_money_in_our_books_that_nothing_proves_to_be_ours_is_found(payapi):
    """However it got there: here the test writes it straight into the books."""
    payment = told_of(payapi)
    number = number_of(payapi, payment)
    foreign = payapi.sandbox("POST", "/_sandbox/foreign", {"like": reference(payment)}).json

    def let_it_name(before, after):
        lose(payapi, [("UPDATE payapi.transactions SET provider_ref = %s WHERE payment_id = %s AND provider_ref = %s",
                       str(after), payment["id"], str(before)),
                      ("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s", str(after),
                       payment["id"])])

    let_it_name(number, foreign["id"])
    found = compare(payapi)
    let_it_name(foreign["id"], number)
    assert findings_of(found, foreign["id"]) == [("missing_there", "charge", "open")]
    assert findings_of(compare(payapi), foreign["id"]) == [("missing_there", "charge", "healed")]
