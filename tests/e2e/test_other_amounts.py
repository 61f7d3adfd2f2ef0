"""Money that differs from the order's amount: booked as it came, never completed silently, never stuck."""
import json
import time

import pytest

from cross_invariants import contradictions
from customers import Operator
from paystack_play import act, checkout, create_order, given_back, ledger, opened
from payapi_instance import Instance, at_once, wait_until

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
    """A payment of NGN 100.00 for which minor kobo were paid."""
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


# --- What a human decides -----------------------------------------------------------------------

def review(payapi, payment, **members):
    return payapi.post(f"/api/v1/payments/{payment['id']}/review", {"reason": "Seen by Eve.", **members}, **ADMIN)


def test_accepted_money_completes_the_payment(payapi):
    payment = came(payapi, 6000)
    done = review(payapi, payment, verdict="accept")
    assert (done.status, done.data["status"], done.data["needsReview"]) == (200, "completed", False), done
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "paid"
    assert review(payapi, payment, verdict="accept").status == 409
    [entry] = payapi.get(f"/api/v1/audit?paymentId={payment['id']}&action=reviewed", **ADMIN).data
    assert (entry["body"]["verdict"], entry["body"]["reason"]) == ("accept", "Seen by Eve.")
    payapi.post(f"/api/v1/payments/{payment['id']}/sync")
    assert shown(payapi, payment)["needsReview"] is False


def test_a_refund_by_verdict_is_made_and_the_order_can_be_paid_anew(payapi):
    payment = came(payapi, 6000)
    assert review(payapi, payment, verdict="refund").status == 200
    wait_until(lambda: shown(payapi, payment)["status"] == "refunded", seconds=30)
    assert ledger(payapi, payment) == [("charge", 6000), ("refund", -6000)]
    anew = payapi.post(f"/api/v1/orders/{payment['orderId']}/checkout", {"provider": "paystack"})
    assert anew.status == 201 and anew.data["id"] != payment["id"]


def test_money_that_is_written_off_pays_for_nothing(payapi):
    payment = came(payapi, 6000)
    done = review(payapi, payment, verdict="write_off")
    assert done.status == 200 and done.data["surplus"] is True
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "open"
    assert payapi.admin("payment", "review", "--id", payment["id"], "--reason", "x").returncode == 1


def test_the_command_line_takes_verdicts_too(payapi):
    payment = came(payapi, 6000)
    wrong = payapi.admin("payment", "review", "--id", payment["id"], "--reason", "x", "--amount-minor", "5")
    assert wrong.returncode not in (0, 1) and "--amount-minor" in wrong.stdout
    done = payapi.admin("payment", "review", "--id", payment["id"], "--reason", "Half of it.", "--verdict", "refund",
                        "--amount-minor", "3000")
    assert done.returncode == 0, done.stdout
    wait_until(lambda: shown(payapi, payment)["refundedAmountMinor"] == 3000, seconds=30)


def test_an_excess_whose_refund_was_given_up_goes_back_by_hand(payapi):
    payapi.fault("reset", match={"method": "POST", "path": "/refund"}, times=-1)
    payment, operator = came(payapi, 20000), Operator(payapi)

    def asked_about():
        operator.days_pass([payment["orderId"]])
        return payapi.rows("SELECT 1 FROM payapi.payments WHERE payment_id = %s"
                           " AND review_reason LIKE '%%answer was lost%%'", payment["id"])
    wait_until(asked_about, 60, "the question of the refund")
    payapi.clear_faults()
    assert review(payapi, payment, verdict="dismiss").status == 200     # this also dismisses the question about the call
    wait_until(lambda: review(payapi, payment, verdict="give_up_call").status == 200, 30, "the call to be given up")
    wait_until(lambda: operator.work() == [], 30, "the end of the list of reviews")
    assert operator.verdicts["refunded by hand"] == 1
    wait_until(lambda: shown(payapi, payment)["refundedAmountMinor"] == 10000, seconds=30)
    assert [each["amount"] for each in given_back(payapi, payment)] == [10000]
    payapi.assert_invariants()


# --- Money that pays another order ----------------------------------------------------------------

def another_order(payapi, amount="60.00"):
    return create_order(payapi, amount)


def order_status(payapi, order):
    return payapi.get(f"/api/v1/orders/{order}").data["status"]


def test_money_that_is_attached_pays_the_other_order(payapi):
    payment, order = came(payapi, 6000), another_order(payapi)
    first = payment["orderId"]
    done = review(payapi, payment, verdict="attach", orderId=order)
    assert (done.status, done.data["orderId"], done.data["status"], done.data["needsReview"]) == \
        (200, order, "completed", False), done
    assert (order_status(payapi, order), order_status(payapi, first)) == ("paid", "open")
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").data["id"] == payment["id"]
    assert set(payapi.rows("SELECT order_id, kind, amount_minor FROM payapi.transactions WHERE payment_id = %s",
                           payment["id"])) == {
        (first, "charge", 6000), (first, "reassignment", -6000), (order, "reassignment", 6000)}
    [entry] = payapi.get(f"/api/v1/audit?paymentId={payment['id']}&action=attached", **ADMIN).data
    assert (entry["body"]["fromOrder"], entry["body"]["toOrder"]) == (first, order)
    told = dict(payapi.rows("SELECT event_type, event_payload FROM payapi.audit_log WHERE event_id IS NOT NULL AND payment_id = %s", payment["id"]))
    assert json.loads(told["payment.attached"])["previousOrderId"] == first and "payment.completed" in told
    story = payapi.get(f"/api/v1/payments/{payment['id']}/timeline", **ADMIN).data
    assert "attached" in str(story) and "reassignment" in str(story) and first in str(story)
    assert first not in str(payapi.get(f"/api/v1/payments/{payment['id']}/timeline").data)
    assert review(payapi, payment, verdict="attach", orderId=first).status == 409
    payapi.post(f"/api/v1/payments/{payment['id']}/sync")
    assert shown(payapi, payment)["needsReview"] is False
    assert checkout(payapi, first).status == 201 and checkout(payapi, order).status == 409


def test_more_than_the_other_order_costs_goes_back(payapi):
    payment, order = came(payapi, 6000), another_order(payapi, "45.00")
    assert payapi.admin("payment", "review", "--id", payment["id"], "--reason", "x", "--order", order).returncode \
        not in (0, 1)
    done = payapi.admin("payment", "review", "--id", payment["id"], "--reason", "Agreed.", "--verdict", "attach",
                        "--order", order)
    assert done.returncode == 0, done.stdout
    wait_until(lambda: shown(payapi, payment)["refundedAmountMinor"] == 1500, seconds=30)
    assert [r["amount"] for r in given_back(payapi, payment)] == [1500]
    assert (shown(payapi, payment)["status"], order_status(payapi, order)) == ("partially_refunded", "paid")


def test_an_order_with_an_open_page_takes_no_money_until_that_is_closed(payapi):
    payment, order = came(payapi, 6000), another_order(payapi)
    page = checkout(payapi, order).data
    refused = review(payapi, payment, verdict="attach", orderId=order)
    assert refused.status == 409 and page["id"] in refused.json["detail"], refused
    assert payapi.post(f"/api/v1/payments/{page['id']}/cancel").status == 200
    assert review(payapi, payment, verdict="attach", orderId=order).status == 200
    act(payapi, page, "pay")                    # at Paystack the page cannot be closed
    late = wait_until(lambda: (now := shown(payapi, page))["capturedAmountMinor"] and now, seconds=30)
    assert late["surplus"] is True
    wait_until(lambda: shown(payapi, page)["status"] == "refunded", seconds=30)
    assert shown(payapi, payment)["orderId"] == order and order_status(payapi, order) == "paid"


@pytest.mark.parametrize("round_", range(2))
def test_of_two_attachments_to_one_order_one_wins(payapi, round_):
    payments, order = [came(payapi, 6000) for _ in range(2)], another_order(payapi)
    answers = at_once(2, lambda i: review(payapi, payments[i], verdict="attach", orderId=order))
    assert sorted(a.status for a in answers) == [200, 409], answers
    assert sorted(shown(payapi, p)["orderId"] == order for p in payments) == [False, True]


@pytest.mark.parametrize("round_", range(2))
def test_an_attachment_and_a_checkout_share_no_order(payapi, round_):
    payment, order = came(payapi, 6000), another_order(payapi)
    works = [lambda: review(payapi, payment, verdict="attach", orderId=order), lambda: checkout(payapi, order)]
    attached, page = at_once(2, lambda i: works[i]())
    assert (attached.status, page.status) in [(200, 409), (409, 201)], (attached, page)
    live = payapi.rows("SELECT payment_id FROM payapi.payments WHERE order_id = %s AND NOT surplus"
                       " AND (provider_open OR captured_minor > 0)", order)
    assert live == [(attached.data["id"] if attached.status == 200 else page.data["id"],)]


def test_two_payments_that_change_places_do_not_block_each_other(payapi):
    one, two = came(payapi, 6000), came(payapi, 6000)
    pair = [(one, two), (two, one)]
    answers = at_once(2, lambda i: review(payapi, pair[i][0], verdict="attach", orderId=pair[i][1]["orderId"]))
    assert {a.status for a in answers} <= {200, 409}, answers


@pytest.mark.parametrize("members, pointer", [
    ({"verdict": "guilty"}, "#/verdict"), ({"verdict": 7}, "#/verdict"),
    ({"verdict": "accept", "amountMinor": 1}, "#/amountMinor"), ({"amount": 1}, "#/amount"),
    ({"verdict": "refund", "amountMinor": 6001}, "#/amountMinor"), ({"verdict": "refund", "amount": -1}, "#/amount"),
    ({"verdict": "refund", "ownerId": "x"}, "#/ownerId"), ({"verdict": "accept", "reference": "x"}, "#/reference"),
    ({"verdict": "give_owner"}, "#/ownerId"), ({"verdict": "refund_elsewhere", "amountMinor": 1}, "#/reference"),
    ({"verdict": "refund_elsewhere", "reference": "x"}, "#/amount"),
    ({"verdict": "attach"}, "#/orderId"), ({"verdict": "attach", "orderId": "nowhere"}, "#/orderId"),
    ({"verdict": "attach", "orderId": "no id"}, "#/orderId"), ({"verdict": "accept", "orderId": "x"}, "#/orderId"),
])
def test_a_verdict_with_a_fault_changes_nothing(payapi, underpaid, members, pointer):
    answer = review(payapi, underpaid, **members)
    assert answer.status == 422 and pointer in [e["pointer"] for e in answer.json["errors"]], answer
    assert shown(payapi, underpaid) == underpaid


@pytest.fixture(scope="module")
def underpaid(payapi):
    return came(payapi, 6000)


# --- Late money ---------------------------------------------------------------------------------

def test_late_money_pays_the_order_while_the_new_page_is_merely_open(payapi):
    old = opened(payapi)
    cancelled = payapi.post(f"/api/v1/payments/{old['id']}/cancel")
    assert cancelled.status == 200, cancelled
    new = payapi.post(f"/api/v1/orders/{old['orderId']}/checkout", {"provider": "stripe"}).data
    act(payapi, old, "pay")
    wait_until(lambda: shown(payapi, old)["status"] == "completed", seconds=30)
    assert payapi.get(f"/api/v1/orders/{old['orderId']}").data["status"] == "paid"
    assert ledger(payapi, old) == [("charge", 10000)] and given_back(payapi, old) == []
    gone = wait_until(lambda: (now := shown(payapi, new))["status"] in ("cancelled", "expired") and now, seconds=30)
    assert gone["surplus"] is True and gone["checkoutUrl"] is None
    assert payapi.get(f"/api/v1/orders/{old['orderId']}/payment-status").data["id"] == old["id"]
    assert payapi.post(f"/api/v1/orders/{old['orderId']}/checkout", {"provider": "stripe"}).status == 409


# --- Dates --------------------------------------------------------------------------------------

def test_money_that_is_learned_of_late_has_the_time_at_which_it_moved(payapi):
    """Case B82: money that an outage held back belongs in the books of the day on which it moved."""
    payapi.webhook_settings(delivery="off")
    payment = opened(payapi)
    act(payapi, payment, "pay")
    [charge] = [c for c in payapi.ledger["charges"] if c["metadata"].get("payment_id") == payment["id"]]
    paid_at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(charge["created"]))
    time.sleep(2.1)                             # the provider gives times in whole seconds
    payapi.post(f"/api/v1/payments/{payment['id']}/sync")
    payapi.webhook_settings(delivery="on")
    [entry] = payapi.get(f"/api/v1/transactions?paymentId={payment['id']}", **ADMIN).data
    assert entry["occurredAt"][:19] == paid_at and entry["recordedAt"] > entry["occurredAt"]
    query = f"/api/v1/transactions?paymentId={payment['id']}"
    told = payapi.get(f"{query}&recordedFrom={entry['recordedAt']}", **ADMIN)
    assert told.status == 200 and len(told.data) == 1, told
    assert payapi.get(f"{query}&recordedTo={entry['recordedAt']}", **ADMIN).data == []
    assert payapi.get(f"{query}&from={entry['recordedAt']}", **ADMIN).data == []
    head, row = payapi.request("GET", query, headers={"Accept": "text/csv"}, **ADMIN).body.decode().splitlines()
    assert dict(zip(head.split(","), row.split(",")))["recordedAt"] == entry["recordedAt"]
    wrong = payapi.get("/api/v1/transactions?recordedFrom=2026-02-02T00:00:00Z&recordedTo=2026-02-01T00:00:00Z",
                       **ADMIN)
    assert wrong.status == 422 and wrong.json["errors"][0]["parameter"] == "recordedTo"
