"""Payments that Paystack has but our database has lost are recorded again by their reference, and flagged."""
import http.client
import json
import uuid

import pytest

from cross_invariants import contradictions
from lost_rows import forget_order, forget_payment, hurry
from paystack_play import (EMAIL, act, deliver, event_of, given_back, ledger, opened, reference, settings,
                           sync)
from payapi_instance import Instance, metadata_of, wait_until


@pytest.fixture(scope="module")
def payapi():
    """A separate instance, whose database loses rows."""
    instance = Instance("paystack-adoption", CHECKOUT_TTL_MIN="45")
    try:
        instance.refused = []           # exist only at the provider: not ours
        yield instance.up()
        instance.assert_invariants()
        assert [each for each in contradictions(instance)
                if not any(payment in each for payment in instance.refused)] == []
    finally:
        instance.down()


def settle(payapi):
    """Makes the next try of every waiting event due now, until none waits."""
    def nothing_waits():
        hurry(payapi)
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'") == (0,)
    wait_until(lambda: payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json["pending"] == 0, 20,
               "the deliveries")
    wait_until(nothing_waits, 30, "the inbox")


def adopted_row(payapi, payment):
    row = payapi.row("SELECT order_id, amount_minor, currency, provider, provider_ref, status, captured_minor,"
                     " needs_review, extract(epoch FROM expires_at - created_at)::int, review_reason"
                     " FROM payapi.payments WHERE payment_id = %s", payment["id"])
    assert row[-1].startswith("Adopted")
    return row[:-1]


@pytest.mark.parametrize("amount, currency, minor", [("100.00", "NGN", 10000), ("500", "XOF", 500)])
def test_a_lost_order_and_its_payment_come_back_with_their_money(payapi, amount, currency, minor):
    payment = opened(payapi, amount, currency)
    forget_order(payapi, payment["orderId"])
    act(payapi, payment, "pay")
    settle(payapi)
    assert adopted_row(payapi, payment) == (payment["orderId"], minor, currency, "paystack",
                                            payment["externalId"], "completed", minor, True, 45 * 60)
    assert ledger(payapi, payment) == [("charge", minor)]
    assert payapi.row("SELECT status FROM payapi.orders WHERE order_id = %s", payment["orderId"]) == ("paid",)


def test_fees_on_top_are_not_what_was_ordered(payapi):
    settings(payapi, fees_passed_on=True)
    payment = opened(payapi)
    settings(payapi, fees_passed_on=False)
    forget_payment(payapi, payment["id"])
    act(payapi, payment, "pay")
    settle(payapi)
    assert adopted_row(payapi, payment)[1] == 10000
    assert ledger(payapi, payment) == [("charge", 10000)]


def paid_and_told_by_nobody(payapi):
    """A paid payment without an event, so that the later loss deletes none."""
    payment = opened(payapi)
    payapi.webhook_settings(delivery="off")
    act(payapi, payment, "pay")
    assert sync(payapi, payment).data["status"] == "completed"
    payapi.webhook_settings(delivery="on")
    return payment


def test_a_refund_leads_to_the_payment_that_it_is_of(payapi):
    payment = paid_and_told_by_nobody(payapi)
    forget_order(payapi, payment["orderId"])
    act(payapi, payment, "refund", {"amount": 1500})
    settle(payapi)
    assert adopted_row(payapi, payment)[5:7] == ("partially_refunded", 10000)
    assert sorted(ledger(payapi, payment)) == [("charge", 10000), ("refund", -1500)]


def test_a_dispute_leads_to_the_payment_that_it_is_of(payapi):
    payment = paid_and_told_by_nobody(payapi)
    forget_order(payapi, payment["orderId"])
    made = act(payapi, payment, "dispute")["id"]
    payapi.sandbox("POST", f"/_sandbox/paystack/disputes/{made}/resolve", {"resolution": "merchant-accepted"})
    settle(payapi)
    assert adopted_row(payapi, payment)[6] == 10000
    assert sorted(ledger(payapi, payment)) == [("charge", 10000), ("dispute", -10000)]


def foreign_transaction(payapi, metadata):
    """A transaction of another program with the same Paystack key."""
    made = {"reference": "shop-" + uuid.uuid4().hex}
    connection = http.client.HTTPConnection("127.0.0.1", payapi.sandbox_port)
    connection.request("POST", "/transaction/initialize", json.dumps(
        {"email": EMAIL, "amount": 77700, "currency": "NGN", "metadata": metadata, **made}), {
            "Authorization": "Bearer " + payapi.settings["PAYSTACK_SECRET_KEY"].split(",")[0],
            "Content-Type": "application/json"})
    assert connection.getresponse().status == 200
    return made["reference"]


@pytest.mark.parametrize("metadata", [{}, {"payment_id": "4711", "order_id": "A-1"},
                                      {"payment_id": "pay_01KE" + "0" * 22}])
def test_what_carries_nothing_of_ours_is_ignored(payapi, metadata):
    before = payapi.row("SELECT count(*) FROM payapi.payments")
    there = foreign_transaction(payapi, metadata)
    body = event_of({"id": there}, amount=77700)
    assert deliver(payapi, body).status == 200
    settle(payapi)
    assert payapi.row("SELECT status, reason FROM payapi.webhook_events WHERE position(%s::bytea in body) > 0",
                      there.encode()) == ("ignored", "names no payment of ours")
    assert payapi.row("SELECT count(*) FROM payapi.payments") == before


def foreign_reference(payapi, reference, metadata, amount=10000):
    """A transaction of a stranger who has the shop's public key and chooses the reference too."""
    connection = http.client.HTTPConnection("127.0.0.1", payapi.sandbox_port)
    connection.request("POST", "/transaction/initialize", json.dumps(
        {"email": EMAIL, "amount": amount, "currency": "NGN", "metadata": metadata, "reference": reference}), {
            "Authorization": "Bearer " + payapi.settings["PAYSTACK_SECRET_KEY"].split(",")[0],
            "Content-Type": "application/json"})
    assert connection.getresponse().status == 200


def made_up(order, amount_minor=10000):
    return {"id": "pay_01KE" + uuid.uuid4().hex[:22].upper(), "orderId": order, "amountMinor": amount_minor,
            "currency": "NGN", "provider": "paystack"}


@pytest.mark.parametrize("order_there", [False, True])
def test_a_strangers_payment_makes_no_order_and_is_not_given_back(payapi, order_there):
    """Its metadata are like ours except for the proof: the shop's order number stays free."""
    order = "chosen-" + uuid.uuid4().hex
    if order_there:
        payapi.create_order("100.00", "NGN", id=order, customerEmail=EMAIL)
    theirs = made_up(order)
    payapi.refused.append(theirs["id"])
    foreign_reference(payapi, reference(theirs), {"payment_id": theirs["id"], "order_id": order,
                                                  "payapi_proof": "00000000." + "0" * 32})
    payapi.sandbox("POST", f"/_sandbox/paystack/transactions/{reference(theirs)}/pay", {})
    settle(payapi)
    assert payapi.rows("SELECT DISTINCT status, reason FROM payapi.webhook_events WHERE position(%s::bytea in body) > 0",
                       reference(theirs).encode()) == [("ignored", "nothing proves that this installation made it")]
    assert payapi.rows("SELECT 1 FROM payapi.payments WHERE order_id = %s", order) == []
    assert payapi.rows("SELECT status FROM payapi.orders WHERE order_id = %s", order) == [("open",)] * order_there
    assert given_back(payapi, theirs) == []


def test_a_second_page_with_our_own_proof_is_reviewed_and_never_silent(payapi):
    payment = opened(payapi)
    second = "second-" + uuid.uuid4().hex
    foreign_reference(payapi, second, metadata_of(payment))
    payapi.refused += [payment["id"], payment["orderId"]]
    payapi.sandbox("POST", f"/_sandbox/paystack/transactions/{second}/pay", {})
    wait_until(lambda: payapi.payment_of(payment["orderId"])["needsReview"], 20, "the review")
    assert ledger(payapi, payment) == []
    assert [line for line in payapi.events("payment_needs_review", "fast") if line["payment_id"] == payment["id"]]
    act(payapi, payment, "pay")
    payapi.wait_for_status(payment["orderId"], "completed")


def test_while_paystack_does_not_answer_the_event_waits(payapi):
    payment = opened(payapi)
    forget_payment(payapi, payment["id"])
    payapi.fault("status", method="GET", path="/transaction/verify/*", times=1, status=500)
    act(payapi, payment, "pay")
    settle(payapi)
    assert adopted_row(payapi, payment)[6] == 10000
