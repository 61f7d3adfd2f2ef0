"""Money of another amount than the order's: booked as it came, never completed silently, never stuck."""
import pytest

from cross_invariants import contradictions
from paystack_play import act, given_back, ledger, opened
from payapi_instance import Instance, wait_until

ADMIN = {"sub": "root", "role": "admin"}


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("amounts", RECOVERY_FIRST_DELAY_MS="500", PROVIDER_BREAKER_FAILURES="0")
    try:
        yield instance.up()
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


def shown(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}").data


def came(payapi, minor):
    """A payment of NGN 100.00 for which so much was paid."""
    payment = opened(payapi)
    act(payapi, payment, "pay", {"amount": minor})
    return wait_until(lambda: (now := shown(payapi, payment))["capturedAmountMinor"] and now,
                      what="the money in the books")


def refund(payapi, payment, key, **members):
    return payapi.request("POST", f"/api/v1/payments/{payment['id']}/refund", members or None,
                          headers={"Idempotency-Key": key}, **ADMIN)


def test_less_money_is_booked_and_leaves_the_order_unpaid(payapi):
    payment = came(payapi, 6000)
    assert (payment["status"], payment["needsReview"]) == ("processing", True)
    assert (payment["amountMinor"], payment["capturedAmountMinor"]) == (10000, 6000)
    assert ledger(payapi, payment) == [("charge", 6000)]
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "open"
    again = payapi.checkout(payment["orderId"])
    assert again.status == 409, again
    cancelled = payapi.post(f"/api/v1/payments/{payment['id']}/cancel")
    assert cancelled.status == 409 and "less than its amount" in cancelled.json["detail"]


def test_less_money_can_go_back_in_parts_and_in_full(payapi):
    payment = came(payapi, 6000)
    too_much = refund(payapi, payment, "k1", amountMinor=6001)
    assert too_much.status == 422, too_much
    assert refund(payapi, payment, "k2", amountMinor=1000).status == 201
    wait_until(lambda: shown(payapi, payment)["refundedAmountMinor"] == 1000)
    assert shown(payapi, payment)["status"] == "processing"
    assert refund(payapi, payment, "k3").status == 201
    wait_until(lambda: shown(payapi, payment)["status"] == "refunded")
    assert ledger(payapi, payment) == [("charge", 6000), ("refund", -1000), ("refund", -5000)]


def test_more_money_pays_the_order_and_the_excess_goes_back_once(payapi):
    payment = came(payapi, 20000)
    assert payment["needsReview"] and payment["capturedAmountMinor"] == 20000
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "paid"
    wait_until(lambda: shown(payapi, payment)["refundedAmountMinor"] == 10000, seconds=30)
    assert ledger(payapi, payment) == [("charge", 20000), ("refund", -10000)]
    assert [r["amount"] for r in given_back(payapi, payment)] == [10000]
    assert shown(payapi, payment)["status"] == "partially_refunded"
