"""Unknown outcomes settle by themselves; the sandbox's ledger must show one charge per order."""
import concurrent.futures
import time

import pytest

from payapi_instance import wait_until
from recovering import charges_of, no_faults_left, pay, payapi, requests_for  # noqa: F401


# --- unknown outcomes -------------------------------------------------------------------------
@pytest.mark.parametrize("fault", [
    {"action": "lose_answer"}, {"action": "reset"},
    {"action": "cut_headers", "after_work": True}, {"action": "cut_headers"},
    {"action": "cut_body", "after_work": True}, {"action": "malformed", "after_work": True},
    {"action": "html", "after_work": True}, {"action": "huge", "after_work": True},
    {"action": "hang", "seconds": 5, "after_work": True}, {"action": "hang", "seconds": 5},
    {"action": "status", "status": 409}, {"action": "status", "status": 429},
    {"action": "status", "status": 401},
], ids=lambda f: "-".join(str(v) for v in f.values()))
def test_an_unknown_outcome_settles_by_itself(payapi, fault):
    order = payapi.create_order()
    payapi.fault(**fault, order=order)
    first = payapi.checkout(order)
    assert first.status in (202, 502, 503), first
    payment = payapi.wait_for_status(order, "processing", seconds=60)
    assert payment["checkoutUrl"]
    pay(payapi, order)


@pytest.mark.parametrize("status", [500, 503])
def test_a_replayed_server_error_after_work_is_found_by_looking(payapi, status):
    order = payapi.create_order()
    payapi.fault("status", status=status, after_work=True, order=order)
    assert payapi.checkout(order).status == 202
    payapi.wait_for_status(order, "processing", seconds=60)
    assert len(requests_for(payapi, order)) == 2
    pay(payapi, order)


def test_a_request_that_never_arrived_fails_only_by_proof_and_frees_the_order(payapi):
    order = payapi.create_order()
    payapi.fault("hang", seconds=5, times=1, order=order)
    first = payapi.checkout(order)
    assert first.status == 202
    payapi.fault("hang", seconds=5, times=-1, match={"method": "POST", "path": "/v1/checkout/sessions"})
    payapi.rows("UPDATE payapi.provider_calls SET started_at = started_at - interval '24 h',"
                " lease_until = now() - interval '5 min', sent_at = now() - interval '5 min', next_at = now()"
                " WHERE payment_id = %s AND finished_at IS NULL", first.data["id"])
    failed = payapi.wait_for_status(order, "failed", seconds=60)
    assert failed["failureCode"] == "provider_never_saw_it"
    payapi.clear_faults()
    assert payapi.checkout(order).status == 201
    pay(payapi, order)


def test_sync_asks_at_once(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.webhook_settings(delivery="off")
    payapi.sandbox_do(payment["externalId"], "pay")
    assert payapi.payment_of(order)["status"] == "processing"
    synced = payapi.post(f"/api/v1/payments/{payment['id']}/sync")
    assert synced.status == 200 and synced.data["status"] == "completed", synced
    assert payapi.post(f"/api/v1/payments/{payment['id']}/sync", sub="bob").status == 404
    assert payapi.post(f"/api/v1/payments/{payment['id']}/sync", sub="root",
                       role="admin").status == 200


def test_sync_without_an_answer_is_202_and_says_when_to_come_again(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.fault("hang", seconds=5, method="GET", path="/v1/checkout/sessions/*")
    synced = payapi.post(f"/api/v1/payments/{payment['id']}/sync")
    assert synced.status == 202 and synced.headers["Retry-After"] == "5", synced


# --- cancel ---------------------------------------------------------------------------------------
def cancel(payapi, payment, **options):
    return payapi.post(f"/api/v1/payments/{payment['id']}/cancel", **options)


def test_a_cancelled_payment_frees_the_order(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    cancelled = cancel(payapi, payment)
    assert cancelled.status == 200 and cancelled.data["status"] == "cancelled", cancelled
    assert cancelled.data["checkoutUrl"] is None
    assert cancel(payapi, payment).status == 200
    assert cancel(payapi, payment, sub="bob").status == 404
    again = payapi.checkout(order)
    assert again.status == 201 and again.data["id"] != payment["id"]
    pay(payapi, order)


def test_what_is_paid_cannot_be_cancelled_and_the_answer_says_why(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.webhook_settings(delivery="off")
    payapi.sandbox_do(payment["externalId"], "pay")
    late = cancel(payapi, payment)
    assert late.status == 409 and late.json["type"].endswith("/payment-already-processed"), late
    assert payapi.payment_of(order)["status"] == "completed"
    again = cancel(payapi, payment)
    assert again.status == 409 and again.json["type"].endswith("/invalid-payment-state"), again


def test_a_cancellation_without_an_answer_is_finished_by_recovery(payapi):
    payapi.webhook_settings(delivery="off")     # else the event of the closed page may come first
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.fault("lose_answer", path="/v1/checkout/sessions/*/expire")
    unknown = cancel(payapi, payment)
    assert unknown.status == 202 and unknown.headers["Retry-After"] == "5", unknown
    payapi.wait_for_status(order, "cancelled", seconds=60)


def test_cancel_against_pay_ends_in_one_truth(payapi):
    for _ in range(10):
        order = payapi.create_order()
        payment = payapi.checkout(order).data

        def act(number):
            if number == 0:
                return payapi.sandbox("POST", f"/_sandbox/sessions/{payment['externalId']}/pay", {})
            return cancel(payapi, payment)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            paid, *cancelled = pool.map(act, range(4))
        assert {a.status for a in cancelled} <= {200, 202, 409}, cancelled
        end = wait_until(lambda: (lambda s: s if s in ("completed", "cancelled") else None)(
            payapi.payment_of(order)["status"]), 60, "an end")
        assert (end == "completed") == (paid.status < 300), (end, paid)
        assert len(charges_of(payapi, order)) == (end == "completed")


# --- time -----------------------------------------------------------------------------------------
def move_expiry(payapi, payment):
    """Lets the payment expire. The application may not change that time, so the superuser does."""
    payapi.rows("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard")
    payapi.rows("UPDATE payapi.payments SET expires_at = now() - interval '2 min'"
                " WHERE payment_id = %s", payment["id"])
    payapi.rows("ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard")


def test_a_page_that_outlives_its_time_is_closed(payapi):
    payapi.webhook_settings(delivery="off")
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    move_expiry(payapi, payment)
    payapi.wait_for_status(order, "expired", seconds=60)
    late = payapi.sandbox("POST", f"/_sandbox/sessions/{payment['externalId']}/pay", {})
    assert late.status == 409, late
    assert charges_of(payapi, order) == []


def test_a_success_that_was_not_told_completes_the_payment_at_its_end(payapi):
    payapi.webhook_settings(delivery="off")
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    move_expiry(payapi, payment)
    payapi.wait_for_status(order, "completed", seconds=60)
    assert len(charges_of(payapi, order)) == 1


def test_a_success_after_our_expiry_completes_the_payment(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.rows("UPDATE payapi.payments SET close_reason = 'expired', status = 'expired'"
                " WHERE payment_id = %s", payment["id"])
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed", seconds=60)
    assert len(charges_of(payapi, order)) == 1


# --- the inbox --------------------------------------------------------------------------------------
def test_an_event_that_came_before_its_payment_could_be_locked_is_applied_later(payapi):
    from test_webhooks_in import event, intent_of
    payapi.webhook_settings(delivery="off")
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    body = event("payment_intent.succeeded", intent_of(payment))
    assert payapi.deliver(body).status == 200
    payapi.rows("UPDATE payapi.webhook_events SET status = 'received', finished_at = NULL,"
                " payment_id = NULL, next_at = now() WHERE event_id = %s", body["id"])
    wait_until(lambda: payapi.row("SELECT status FROM payapi.webhook_events WHERE event_id = %s",
                                  body["id"]) == ("processed",), 10, "the event to be applied")
    assert payapi.row("SELECT count(*) FROM payapi.transactions WHERE order_id = %s", order) == (1,)


def test_an_event_of_a_payment_that_nobody_has_is_put_off_and_at_last_dead(payapi):
    """It has an id of our form, so it may be ours; but the provider has no page for it."""
    from test_webhooks_in import event
    body = event("payment_intent.succeeded", {"id": f"pi_{time.time_ns()}", "object": "payment_intent",
                                              "amount": 100, "amount_received": 100,
                                              "currency": "usd", "metadata": {"payment_id": "pay_" + "0" * 26}})
    assert payapi.deliver(body).data["outcome"] == "stored"

    def row():
        return payapi.row("SELECT status, attempts, reason FROM payapi.webhook_events"
                          " WHERE event_id = %s", body["id"])
    wait_until(lambda: row()[1] >= 1, 10, "the first try")
    assert row()[0] == "received" and "no payment" in row()[2]
    payapi.rows("UPDATE payapi.webhook_events SET attempts = 9, next_at = now(), lease_until = now()"
                " WHERE event_id = %s", body["id"])
    wait_until(lambda: row()[0] == "dead", 10, "the end")
    assert '"event":"webhook_dead"' in payapi.log("jobs")


# --- the sandbox's clock is moved: from here on it refuses new pages of ours, which end too early ----
def test_a_lost_expiry_is_noticed_and_frees_the_order(payapi):
    payapi.webhook_settings(delivery="off")
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": 3700})
    move_expiry(payapi, payment)
    payapi.wait_for_status(order, "expired", seconds=60)
