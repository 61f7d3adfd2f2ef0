"""Crashes while lost payments are adopted and missed events are pulled: nothing lost, nothing twice."""
import pytest

from cross_invariants import contradictions
from lost_rows import forget_order, hurry
from payapi_instance import lives, wait_until
from stories import ACTIONS, CrashInstance, points_apart
from unkind import ASKED_AGAIN, be_unkind

CASES = [(point, action) for point in points_apart() for action in ACTIONS]


@pytest.fixture(scope="module")
def missed():
    instance = CrashInstance("missed", EVENTS_PULL_INTERVAL_S="1", PROVIDER_TIMEOUT_MS="3000")
    try:
        instance.up()
        be_unkind(instance, 1, only=ASKED_AGAIN)
        yield instance
        instance.clear_faults()
        instance.assert_invariants()
        assert contradictions(instance, instance.answers) == []
    finally:
        instance.down()


def leases_run_out(payapi):
    """The minute after a crash or an error."""
    for table in ("webhook_events", "provider_cursors"):
        payapi.rows(f"UPDATE payapi.{table} SET lease_until = now(), next_at = now() WHERE lease_until > now()")
    hurry(payapi)


def strike(payapi, point, action):
    def struck():
        hurry(payapi)
        return not payapi.armed

    payapi.arm(f"{point}:1:{action}")
    wait_until(struck, 20, point)
    if action == "kill":
        wait_until(lambda: not lives(payapi.master_pid("jobs")), 10, "payapi-jobs to be gone")
        payapi.start_daemons()
    leases_run_out(payapi)


def open_payment(payapi):
    order = payapi.create_order()
    return order, payapi.checkout(order).data


def completed(payapi, payment):
    hurry(payapi)
    return payapi.rows("SELECT 1 FROM payapi.payments WHERE payment_id = %s AND status = 'completed'",
                       payment["id"])


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_payment_is_here_once_with_its_money(missed, case):
    point, action = case
    missed.webhook_settings(delivery="off")
    order, payment = open_payment(missed)
    if point.startswith("adopt."):
        forget_order(missed, order)
    missed.sandbox_do(payment["externalId"], "pay")
    strike(missed, point, action)
    wait_until(lambda: completed(missed, payment), 30, "the payment")
    assert missed.row("SELECT count(*), sum(amount_minor) FROM payapi.transactions WHERE payment_id = %s",
                      payment["id"]) == (1, 9999)
    adopted = missed.row("SELECT count(*) FROM payapi.audit_log WHERE payment_id = %s"
                         " AND action = 'payment.adopted'", payment["id"])[0]
    assert adopted == point.startswith("adopt.")
