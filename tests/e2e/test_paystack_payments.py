"""Paystack through nginx: from the checkout to money in the ledger, whatever is lost on the way."""
import json
import urllib.parse

import pytest

from cross_invariants import contradictions
from paystack_play import (DEFAULTS, EMAIL, act, charges, checkout, create_order, deliver, event_of,
                           given_back, initialized, ledger, opened, out_of_time, paid, press, reference,
                           settings, signature, sync, time_passes)
from lost_rows import hurry
from payapi_instance import Instance, wait_until

NEW_KEY, OLD_KEY = "sk_test_" + "a" * 40, "sk_test_" + "b" * 40


@pytest.fixture(scope="module")
def payapi():
    """A separate instance with both providers; Paystack's key is being replaced."""
    instance = Instance("paystack", RECOVERY_FIRST_DELAY_MS="500", PROVIDER_TIMEOUT_MS="2000",
                        PROVIDER_BREAKER_FAILURES="0", PAYSTACK_SECRET_KEY=f"{NEW_KEY},{OLD_KEY}")
    try:
        yield instance.up()
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def nothing_left(payapi):
    yield
    payapi.clear_faults()
    payapi.webhook_settings(delivery="on")
    settings(payapi, **DEFAULTS)


def fault(payapi, action, path, method="POST", times=1, **options):
    payapi.fault(action, method=method, path=path, times=times, **options)


INITIALIZE, VERIFY = "/transaction/initialize", "/transaction/verify/*"


# --- A payment ----------------------------------------------------------------------------------

def test_from_the_page_to_the_ledger(payapi):
    payment = opened(payapi)
    assert payment["provider"] == "paystack" and payment["externalId"] == reference(payment)
    assert payment["status"] == "processing" and payment["checkoutUrl"]
    back = press(payapi, payment, "pay")
    assert back.status == 303 and "reference=" + reference(payment) in back.headers["Location"]
    done = payapi.wait_for_status(payment["orderId"], "completed")
    assert (done["amountMinor"], done["currency"], done["checkoutUrl"]) == (10000, "NGN", None)
    assert ledger(payapi, payment) == [("charge", 10000)]
    [charge] = charges(payapi, payment["orderId"])
    assert charge["amount"] == 10000
    assert checkout(payapi, payment["orderId"]).status == 409
    assert contradictions(payapi) == []


def test_what_goes_out_is_shown_masked(payapi):
    payment = opened(payapi)
    timeline = payapi.get(f"/api/v1/payments/{payment['id']}/timeline")
    assert reference(payment) in timeline.body.decode() and EMAIL not in timeline.body.decode()
    [sent] = initialized(payapi, payment)
    assert json.loads(sent["body"])["email"] == EMAIL


def test_a_declined_payer_pays_on_the_same_page(payapi):
    payment = opened(payapi)
    press(payapi, payment, "decline")
    soft = sync(payapi, payment).data
    assert (soft["status"], soft["failureReason"]) == ("failed", "Insufficient Funds")
    assert soft["checkoutUrl"] == payment["checkoutUrl"]
    press(payapi, payment, "pay")
    payapi.wait_for_status(payment["orderId"], "completed")
    assert len(charges(payapi, payment["orderId"])) == 1


def test_an_abandoned_page_expires_by_our_own_clock_and_late_money_counts(payapi):
    payment = opened(payapi)
    press(payapi, payment, "leave")
    assert sync(payapi, payment).data["status"] == "processing"
    out_of_time(payapi, payment)
    assert payapi.wait_for_status(payment["orderId"], "expired", seconds=60)["checkoutUrl"] is None
    act(payapi, payment, "pay")                 # Paystack's page never expires
    payapi.wait_for_status(payment["orderId"], "completed")
    assert ledger(payapi, payment) == [("charge", 10000)]


@pytest.mark.parametrize("amount, currency, minor, there", [
    ("500", "XOF", 500, 50000), ("2.00", "USD", 200, 200), ("0.10", "GHS", 10, 10),
    ("1.00", "ZAR", 100, 100), ("3.00", "KES", 300, 300),
])
def test_every_currency_is_counted_in_hundredths(payapi, amount, currency, minor, there):
    payment = paid(payapi, amount, currency)
    assert payment["amountMinor"] == minor
    assert charges(payapi, payment["orderId"])[0]["amount"] == there


def test_fees_on_top_are_not_another_amount(payapi):
    settings(payapi, fees_passed_on=True)
    payment = paid(payapi)
    [charge] = charges(payapi, payment["orderId"])
    assert charge["amount"] > charge["requested_amount"] == 10000
    assert ledger(payapi, payment) == [("charge", 10000)] and not payment["needsReview"]


@pytest.mark.parametrize("members", [
    {"metadata": "text"}, {"metadata": "empty"}, {"metadata": "zero"}, {"metadata": "null"},
    {"ids_as_text": True}, {"charge_failed": True},
], ids=lambda m: "-".join(f"{k}-{v}" for k, v in m.items()))
def test_what_their_samples_do_does_no_harm(payapi, members):
    settings(payapi, **members)
    payment = opened(payapi)
    press(payapi, payment, "decline")
    press(payapi, payment, "pay")
    payapi.wait_for_status(payment["orderId"], "completed")


def test_a_transfer_under_way_is_processing_and_cannot_be_cancelled(payapi):
    payment = opened(payapi)
    press(payapi, payment, "bank-transfer")
    assert sync(payapi, payment).data["status"] == "processing"
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).status == 409
    act(payapi, payment, "async_succeed")
    payapi.wait_for_status(payment["orderId"], "completed")


def test_a_cancelled_payment_frees_the_order(payapi):
    payment = opened(payapi)
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).data["status"] == "cancelled"
    again = checkout(payapi, payment["orderId"])
    assert again.status == 201 and again.data["id"] != payment["id"]


# --- Refused before anything goes out -------------------------------------------------------------

def test_paystacks_minimum_is_told_in_our_minor_units(payapi):
    answer = checkout(payapi, payapi.create_order("49.99", "NGN", customerEmail=EMAIL))
    assert (answer.json["slug"], answer.json["minimumMinor"]) == ("invalid-amount", 5000), answer


@pytest.mark.parametrize("amount, currency, email, slug, pointers", [
    ("100.00", "NGN", None, "validation-failed", ["#/customerEmail"]),
    ("49.99", "NGN", EMAIL, "invalid-amount", []), ("100.00", "EUR", EMAIL, "invalid-amount", []),
])
def test_what_paystack_cannot_take_is_the_clients_fault(payapi, amount, currency, email, slug, pointers):
    """The amount belongs to the order, so no pointer into the body of the checkout would fit."""
    order = payapi.create_order(amount, currency, customerEmail=email)
    answer = checkout(payapi, order)
    assert (answer.status, answer.json["slug"]) == (422, slug), answer
    assert [error["pointer"] for error in answer.json.get("errors", [])] == pointers
    assert checkout(payapi, order, "stripe").status == 201


def test_the_address_may_come_with_the_checkout(payapi):
    order = payapi.create_order("100.00", "NGN")
    assert checkout(payapi, order, customerEmail=EMAIL).status == 201


# --- Errors ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("members", [{}, {"status_as_text": True}, {"message_only": True}],
                         ids=["whole", "status_as_text", "message_only"])
def test_a_currency_that_is_not_switched_on_is_refused_and_frees_the_order(payapi, members):
    settings(payapi, currencies=["NGN"], **members)
    order = create_order(payapi, "10.00", "USD")
    answer = checkout(payapi, order)
    settings(payapi, currencies=["NGN", "USD", "GHS", "ZAR", "KES", "XOF"])
    assert answer.status == 422 and answer.json["type"].endswith("/invalid-amount"), answer
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404        # nothing is left of the attempt
    assert checkout(payapi, order).status == 201


@pytest.mark.parametrize("status", [401, 403, 429])
def test_what_was_not_executed_is_taken_up_by_the_repeat(payapi, status):
    order = create_order(payapi)
    fault(payapi, "status", INITIALIZE, status=status)
    answer = checkout(payapi, order)
    assert (answer.status, answer.data["status"]) == (202, "pending"), answer
    payment = payapi.payment_of(order)
    assert checkout(payapi, order).data["id"] == payment["id"]
    act(payapi, payment, "pay")
    payapi.wait_for_status(order, "completed")


# --- Lost answers ---------------------------------------------------------------------------------

@pytest.mark.parametrize("lost", [
    {"action": "lose_answer"}, {"action": "status", "status": 500, "after_work": True},
    {"action": "cut_body", "after_work": True}, {"action": "html", "after_work": True},
], ids=lambda f: f["action"])
def test_a_page_whose_address_was_lost_is_given_up_for_a_new_one(payapi, lost):
    order = create_order(payapi)
    fault(payapi, path=INITIALIZE, **lost)
    first = checkout(payapi, order)
    assert first.status == 202 and first.data["status"] == "pending", first
    second = checkout(payapi, order)
    assert second.status == 201 and second.data["id"] != first.data["id"], second
    assert len(initialized(payapi, first.data)) == 1
    act(payapi, second.data, "pay")
    payapi.wait_for_status(order, "completed")
    assert len(charges(payapi, order)) == 1


def test_money_on_the_page_that_was_given_up_goes_back(payapi):
    order = create_order(payapi)
    fault(payapi, "lose_answer", INITIALIZE)
    lost = checkout(payapi, order).data
    payment = checkout(payapi, order).data
    act(payapi, payment, "pay")
    payapi.wait_for_status(order, "completed")
    act(payapi, lost, "pay")
    wait_until(lambda: [r["status"] for r in given_back(payapi, lost)] == ["processed"], 30,
               "the surplus to go back")
    wait_until(lambda: ledger(payapi, lost) == [("charge", 10000), ("refund", -10000)], 30, "the books")
    assert given_back(payapi, payment) == []


def test_a_request_that_never_arrived_goes_out_again_by_itself(payapi):
    order = create_order(payapi)
    fault(payapi, "reset", INITIALIZE)
    first = checkout(payapi, order)
    assert first.status == 202, first
    settled = payapi.wait_for_status(order, "processing", seconds=30)
    assert settled["id"] == first.data["id"] and settled["checkoutUrl"]
    assert len(initialized(payapi, settled)) == 2
    assert len({r["body"] for r in initialized(payapi, settled)}) == 1
    act(payapi, settled, "pay")
    payapi.wait_for_status(order, "completed")


def test_a_lost_page_that_was_paid_is_captured_by_recovery_alone(payapi):
    payapi.webhook_settings(delivery="off")
    order = create_order(payapi)
    fault(payapi, "lose_answer", INITIALIZE)
    fault(payapi, "status", VERIFY, method="GET", status=503, times=1)
    first = checkout(payapi, order)
    assert first.status == 202, first
    act(payapi, first.data, "pay")
    payapi.wait_for_status(order, "completed", seconds=60)
    assert len(charges(payapi, order)) == 1


def test_a_reference_that_exists_after_all_is_looked_up_and_not_doubled(payapi):
    """The look-up does not find it. The frozen request is sent again and collides with the first one."""
    order = create_order(payapi)
    fault(payapi, "lose_answer", INITIALIZE)
    fault(payapi, "status", VERIFY, method="GET", status=404, code="transaction_not_found",
          message="Transaction reference not found.")
    first = checkout(payapi, order)
    wait_until(lambda: len(initialized(payapi, first.data)) == 2, 30, "the second attempt")
    assert payapi.wait_for_status(order, "failed", seconds=60)["failureCode"] == "page_lost"
    assert checkout(payapi, order).status == 201


# --- Another amount, currency, mode ----------------------------------------------------------------

def test_another_amount_is_reviewed_and_never_completed(payapi):
    payment = opened(payapi)
    act(payapi, payment, "pay", {"amount": 9999})
    wait_until(lambda: payapi.payment_of(payment["orderId"])["needsReview"], 30, "the review")
    assert payapi.payment_of(payment["orderId"])["status"] != "completed"
    assert ledger(payapi, payment) == [("charge", 9999)]


def test_events_of_the_other_mode_are_ignored_and_its_charges_reviewed(payapi):
    payment = opened(payapi)
    ignored = deliver(payapi, event_of(payment, domain="live"))
    assert ignored.data["outcome"] == "ignored"
    payapi.webhook_settings(delivery="off")
    act(payapi, payment, "pay")
    settings(payapi, domain="live")
    assert sync(payapi, payment).data["needsReview"] is True
    assert ledger(payapi, payment) == []


# --- Both providers ---------------------------------------------------------------------------------

def test_from_paystack_to_stripe_and_money_on_the_old_page_goes_back(payapi):
    old = opened(payapi)
    order = old["orderId"]
    new = checkout(payapi, order, "stripe")
    assert new.status == 201 and new.data["provider"] == "stripe", new
    assert payapi.get(f"/api/v1/payments/{old['id']}").data["status"] == "cancelled"
    payapi.sandbox_do(new.data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    act(payapi, old, "pay")
    wait_until(lambda: ledger(payapi, old) == [("charge", 10000), ("refund", -10000)], 30,
               "the surplus to go back")
    assert len(given_back(payapi, old)) == 1
    assert payapi.get(f"/api/v1/payments/{old['id']}").data["needsReview"] is True


def test_from_stripe_to_paystack(payapi):
    order = create_order(payapi)
    old = checkout(payapi, order, "stripe").data
    new = checkout(payapi, order)
    assert new.status == 201 and new.data["provider"] == "paystack", new
    assert payapi.get(f"/api/v1/payments/{old['id']}").data["status"] == "cancelled"
    act(payapi, new.data, "pay")
    payapi.wait_for_status(order, "completed")
    assert len(charges(payapi, order)) == 1


def test_a_payment_under_way_at_paystack_holds_the_order(payapi):
    payment = opened(payapi)
    act(payapi, payment, "require_action")
    assert checkout(payapi, payment["orderId"], "stripe").status == 409
    act(payapi, payment, "authenticate")
    payapi.wait_for_status(payment["orderId"], "completed")


# --- Webhooks ----------------------------------------------------------------------------------------

def test_the_same_event_twice_is_one(payapi):
    payment = opened(payapi)
    payapi.webhook_settings(delivery="off")
    act(payapi, payment, "pay")
    body = event_of(payment)
    assert deliver(payapi, body).data["outcome"] == "stored"
    assert deliver(payapi, body).data["outcome"] == "duplicate"
    payapi.wait_for_status(payment["orderId"], "completed")
    assert deliver(payapi, body).data["outcome"] == "duplicate"
    assert ledger(payapi, payment) == [("charge", 10000)]


def test_an_event_is_believed_only_as_far_as_the_verification_goes(payapi):
    payment = opened(payapi)
    assert deliver(payapi, event_of(payment)).status == 200     # signed with our key, yet not paid
    waits_unconfirmed(payapi, payment)
    assert payapi.payment_of(payment["orderId"])["status"] == "processing"


def waits_unconfirmed(payapi, payment):
    """The success event was tried and still waits."""
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.webhook_events WHERE payment_id = %s AND attempts > 0"
                                   " AND status = 'received' AND reason LIKE '%%does not yet confirm the money%%'",
                                   payment["id"]), 30, "the event's try")
    assert ledger(payapi, payment) == []


@pytest.mark.parametrize("closed", [False, True])
def test_money_that_is_not_confirmed_at_once_is_asked_for_until_it_is(payapi, closed):
    """Paystack's reads lag behind its events: verify still says ongoing. We may have closed the page."""
    payment = opened(payapi)
    if closed:
        assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).data["status"] == "cancelled"
    payapi.webhook_settings(delivery="off")
    act(payapi, payment, "require_action")
    deliver(payapi, event_of(payment))
    waits_unconfirmed(payapi, payment)
    act(payapi, payment, "authenticate")
    hurry(payapi)
    payapi.wait_for_status(payment["orderId"], "completed")
    assert ledger(payapi, payment) == [("charge", 10000)]


def test_money_on_a_page_of_which_we_never_heard_is_asked_for(payapi):
    """initialize was refused although it made a page, so no reference is stored."""
    fault(payapi, "status", INITIALIZE, status=400, type="validation_error", code="invalid_params",
          after_work=True)
    order = create_order(payapi)
    assert checkout(payapi, order).status == 502
    payment = payapi.payment_of(order)
    assert (payment["status"], payment["externalId"]) == ("failed", None)
    act(payapi, payment, "pay")
    payapi.wait_for_status(order, "completed")
    assert ledger(payapi, payment) == [("charge", 10000)]


def test_only_whole_signatures_over_these_bytes_with_our_keys_pass(payapi):
    body = event_of(opened(payapi))
    good = signature(payapi, body)
    bad = ["", good.upper(), good[:-1], good + "0", good[:64], " " + good[1:],
           signature(payapi, body + b" "), signature(payapi, body, "sk_test_" + "c" * 40)]
    for header in bad:
        answer = deliver(payapi, body, header)
        assert answer.status == 400 and answer.json["type"].endswith("/webhook-signature-invalid"), header
    assert deliver(payapi, body.replace(b"10000", b"90000"), good).status == 400
    assert deliver(payapi, body, signature(payapi, body, OLD_KEY)).status == 200


def test_two_signature_headers_are_refused(payapi):
    body = event_of(opened(payapi))
    good = signature(payapi, body)
    answer = payapi.raw((f"POST /api/v1/webhooks/paystack HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                         f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                         f"x-paystack-signature: {good}\r\nX-Paystack-Signature: {good}\r\n\r\n"
                         ).encode() + body)
    assert b" 400 " in answer.split(b"\r\n")[0], answer


@pytest.mark.parametrize("body, status", [
    (b"", 400), (b"{}", 400), (b"[]", 400), (b"{" * 70 + b"}" * 70, 400), (b'{"event":"x\\u0000"}', 200),
    (b'{"event":"charge.success"}', 200), (b'{"event":"charge.success","data":[]}', 200),
    (b'{"event":"subscription.expiring_cards","data":[{"id":1}]}', 200),
])
def test_verified_bodies_are_kept_or_malformed_and_never_a_5xx(payapi, body, status):
    assert deliver(payapi, body).status == status


def test_their_query_in_the_return_address_proves_nothing(payapi):
    payment = opened(payapi)
    query = urllib.parse.urlencode({"trxref": reference(payment), "reference": reference(payment)})
    payapi.get(f"/checkout/return?{query}", sub=None)
    assert sync(payapi, payment).data["status"] == "processing"


def test_time_alone_fails_nothing(payapi):
    """While Paystack is silent, the payment stays pending, however much time passes."""
    order = create_order(payapi)
    fault(payapi, "lose_answer", INITIALIZE)
    fault(payapi, "status", VERIFY, method="GET", status=500, times=-1)
    first = checkout(payapi, order)
    time_passes(payapi, first.data)
    assert checkout(payapi, order).status == 202
    assert payapi.payment_of(order)["status"] == "pending"
    payapi.clear_faults()
    time_passes(payapi, first.data)
    payapi.wait_for_status(order, "failed", seconds=30)
