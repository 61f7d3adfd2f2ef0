"""The same at Paystack, where fewer things are told: late money, refunds and disputes are found in its lists."""
import pytest

from lost_rows import forget_order
from paystack_play import act, opened, refund, settings, sync
from payapi_instance import Instance
from reconciling import books_of, findings_of, kept_of, reconcile


@pytest.fixture(scope="module")
def payapi():
    """Webhooks come to nothing, and the account's lists are read once a day."""
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


def compare(payapi):
    return reconcile(payapi, "paystack")


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
