"""payapi-deliver dies, fails, waits or loses its database: the shop hears of every event all the same, in order."""
import pytest

from payapi_instance import wait_until
from stories import ACTIONS, points_of_delivering
from webhook_receiver import Receiver

CASES = [(point, action) for point in points_of_delivering() for action in ACTIONS]


@pytest.fixture(scope="module")
def shop(payapi):
    """The receiver of an endpoint for all events."""
    with Receiver() as receiver:
        path = "/api/v1/webhook-endpoints"
        endpoint = payapi.post(path, {"url": receiver.url, "events": ["*"]}, sub="boss", role="admin").data
        receiver.secret = endpoint["secret"]
        try:
            yield receiver
        finally:
            payapi.heal()
            payapi.request("DELETE", f"{path}/{endpoint['id']}", sub="boss", role="admin")


def told_of(shop, payment):
    return [received for received in list(shop.received) if received.json["data"]["id"] == payment["id"]]


def unrecorded(payapi, payment):
    return payapi.rows("SELECT 1 FROM payapi.webhook_deliveries WHERE payment_id = %s AND status <> 'delivered'",
                       payment["id"])


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_shop_is_told_although(payapi, shop, case):
    point, action = case
    order = payapi.create_order()
    wait_until(lambda: [r for r in shop.of_type("order.created") if r.json["data"]["id"] == order], 30, "the quiet")
    payapi.arm(f"{point}:1:{action}")
    payment = payapi.checkout(order).data
    wait_until(lambda: not payapi.armed, 30, "the fault")
    payapi.heal()
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    payapi.rows("UPDATE payapi.webhook_deliveries SET next_at = now() WHERE status = 'sending' AND next_at > now()"
                " AND payment_id = %s AND %s", payment["id"], action == "kill")     # the lease of the one that died
    wait_until(lambda: [r for r in told_of(shop, payment) if r.json["type"] == "payment.completed"]
               and not unrecorded(payapi, payment), 60, "the events")
    heard = told_of(shop, payment)
    assert [r.json["sequence"] for r in heard] == sorted(r.json["sequence"] for r in heard)
    assert len({r.body for r in heard}) == len({r.id for r in heard}) == 3      # created, processing, completed
    assert all(r.is_signed(shop.secret) for r in heard)


def test_the_invariants_hold(payapi, shop):
    payapi.assert_invariants()
