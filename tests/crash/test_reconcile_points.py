"""Crashes while a day is compared: each difference is healed once, and the next comparison finds it only once."""
import pytest

from cross_invariants import contradictions
from reconciling import findings_of, reconcile, today
from stories import ACTIONS, CrashInstance, points_of_comparing
from unkind import LOOKS, be_unkind

CASES = [(point, action) for point in points_of_comparing() for action in ACTIONS]


@pytest.fixture(scope="module")
def compared():
    instance = CrashInstance("compared", EVENTS_PULL_INTERVAL_S="86400", RECONCILE="off")
    try:
        instance.up()
        instance.webhook_settings(delivery="off")
        be_unkind(instance, 1, only=LOOKS)
        yield instance
        instance.assert_invariants()
        assert contradictions(instance, instance.answers) == []
    finally:
        instance.down()


def lost_charge(payapi):
    """A charge without a webhook; returns its payment and its intent."""
    payment = payapi.checkout(payapi.create_order()).data
    payapi.sandbox_do(payment["externalId"], "pay")
    return payment, [c["payment_intent"] for c in payapi.ledger["charges"]
                     if c["session"] == payment["externalId"]][0]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_charge_is_booked_once_and_the_day_comes_to_its_end(compared, case):
    point, action = case
    payment, intent = lost_charge(compared)
    compared.arm(f"{point}:1:{action}")
    compared.admin("reconcile", "--from", today(), "--provider", "stripe")
    assert not compared.armed, point
    compared.rows("UPDATE payapi.reconciliations SET lease_until = now() WHERE lease_until > now()")
    told = reconcile(compared)
    charges = [c for c in compared.ledger["charges"] if c["provider"] == "stripe"]
    assert told["compared"] == len(charges) and told["open"] == 0
    assert findings_of(told, intent) in ([("missing_here", "charge", "healed")], [])
    assert compared.row("SELECT count(*), sum(amount_minor) FROM payapi.transactions WHERE payment_id = %s",
                        payment["id"]) == (1, 9999)
    assert compared.row("SELECT count(*) FROM payapi.ledger_confirmations JOIN payapi.transactions"
                        " USING (transaction_id) WHERE payment_id = %s", payment["id"]) == (1,)
