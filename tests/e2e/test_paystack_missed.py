"""Paystack's webhooks that never came, about payments that nobody looks at any more: the account's lists show them."""
import pytest

from cross_invariants import contradictions
from lost_rows import forget_order, hurry
from paystack_play import act, ledger, opened, paid
from payapi_instance import Instance, wait_until


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("paystack-missed", EVENTS_PULL_INTERVAL_S="2", RECOVERY_FIRST_DELAY_MS="500")
    try:
        yield instance.up()
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def silence(payapi):
    """No webhook is delivered."""
    payapi.webhook_settings(delivery="off")
    yield
    payapi.clear_faults()


def wait_for(payapi, condition, what):
    def met():
        hurry(payapi)
        return condition()
    return wait_until(met, 40, what)


def booked(payapi, payment, *movements):
    wait_for(payapi, lambda: sorted(ledger(payapi, payment)) == sorted(movements), f"{movements} to be booked")


def sources(payapi, payment):
    return {r[0] for r in payapi.rows("SELECT actor FROM payapi.audit_log WHERE payment_id = %s", payment["id"])}


def open_and_pay(payapi):
    payment = opened(payapi)
    act(payapi, payment, "pay")
    booked(payapi, payment, ("charge", 10000))
    return payment


def test_late_money_on_a_cancelled_page_is_found(payapi):
    payment = opened(payapi)
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).data["status"] == "cancelled"
    act(payapi, payment, "pay")
    booked(payapi, payment, ("charge", 10000))
    assert payapi.payment_of(payment["orderId"])["status"] == "completed"
    assert "pull:paystack" in sources(payapi, payment) or "jobs" in sources(payapi, payment)
    assert payapi.row("SELECT status, trace_id <> '' FROM payapi.webhook_events WHERE payment_id = %s",
                      payment["id"]) == ("processed", True)


def test_a_refund_of_the_dashboard_is_found(payapi):
    payment = open_and_pay(payapi)
    act(payapi, payment, "refund", {"amount": 1500})
    booked(payapi, payment, ("charge", 10000), ("refund", -1500))


def test_a_chargeback_that_was_accepted_by_itself_is_found(payapi):
    payment = open_and_pay(payapi)
    made = act(payapi, payment, "dispute")["id"]
    payapi.sandbox("POST", f"/_sandbox/paystack/disputes/{made}/resolve", {"resolution": "auto-accepted"})
    booked(payapi, payment, ("charge", 10000), ("dispute", -10000))


def test_a_payment_that_was_reversed_before_we_heard_of_it_is_found(payapi):
    payment = opened(payapi)
    payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {})
    act(payapi, payment, "pay")
    act(payapi, payment, "refund", {})
    booked(payapi, payment, ("charge", 10000), ("refund", -10000))


def test_after_a_restore_the_payments_come_back_with_all_that_befell_them(payapi):
    payments = [open_and_pay(payapi) for _ in range(3)]
    act(payapi, payments[1], "refund", {"amount": 4000})
    booked(payapi, payments[1], ("charge", 10000), ("refund", -4000))
    for payment in payments:
        forget_order(payapi, payment["orderId"])
    booked(payapi, payments[0], ("charge", 10000))
    booked(payapi, payments[1], ("charge", 10000), ("refund", -4000))
    booked(payapi, payments[2], ("charge", 10000))
    for payment in payments:
        found = payapi.row("SELECT status, needs_review, authored FROM payapi.payments WHERE payment_id = %s",
                           payment["id"])
        assert found[1:] == (True, True)


def test_what_was_delivered_is_no_news_when_it_is_listed(payapi):
    payapi.webhook_settings(delivery="on")
    payment = paid(payapi)
    before = payapi.row("SELECT fence FROM payapi.provider_cursors WHERE provider = 'paystack'")[0]
    wait_until(lambda: payapi.row("SELECT fence FROM payapi.provider_cursors WHERE provider = 'paystack'")[0] >= before + 2,
               30, "two readings")
    assert payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE payment_id = %s", payment["id"]) == (1,)
