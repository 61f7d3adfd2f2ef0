"""Events from the provider: applied once, in any order; a verified event is never dropped."""
import itertools
import json
import os
import signal
import time
import uuid

import pytest
from payapi_instance import metadata_of, wait_until


@pytest.fixture(scope="module")
def quiet(payapi):
    """The sandbox does not send its events: this suite does."""
    payapi.webhook_settings(delivery="off")
    yield payapi
    payapi.webhook_settings(delivery="on")


def event(kind, obj, **envelope):
    return {"id": "evt_" + uuid.uuid4().hex, "object": "event", "api_version": "2026-10-28.endive",
            "created": int(time.time()), "livemode": False, "pending_webhooks": 1, "request": None,
            "type": kind, "data": {"object": obj}, **envelope}


def intent_of(payment, status="succeeded", **changed):
    return {"id": "pi_" + payment["id"][4:], "object": "payment_intent", "status": status,
            "amount": payment["amountMinor"], "livemode": False,
            "amount_received": payment["amountMinor"] if status == "succeeded" else 0,
            "currency": payment["currency"].lower(), "latest_charge": "ch_1",
            "metadata": metadata_of(payment), **changed}


def session_of(payment, **changed):
    return {"id": payment["externalId"], "object": "checkout.session", "mode": "payment",
            "livemode": False, "status": "complete", "payment_status": "paid",
            "payment_intent": "pi_" + payment["id"][4:], "amount_total": payment["amountMinor"],
            "currency": payment["currency"].lower(), "url": None,
            "metadata": metadata_of(payment), **changed}


def open_payment(payapi, **options):
    order = payapi.create_order(**options)
    return order, payapi.checkout(order).data


def inbox(payapi, event_id):
    return payapi.rows("SELECT status, reason, payment_id FROM payapi.webhook_events"
                       " WHERE event_id = %s", event_id)


def test_an_event_is_applied_once_and_duplicates_are_acknowledged(quiet):
    order, payment = open_payment(quiet)
    paid = event("payment_intent.succeeded", intent_of(payment))
    assert [quiet.deliver(paid).status for _ in range(5)] == [200] * 5
    assert quiet.payment_of(order)["status"] == "completed"
    assert inbox(quiet, paid["id"]) == [("processed", "", payment["id"])]
    assert quiet.row("SELECT count(*) FROM payapi.transactions WHERE order_id = %s", order) == (1,)


def test_both_event_families_together_make_one_charge(quiet):
    order, payment = open_payment(quiet)
    for each in [event("payment_intent.succeeded", intent_of(payment)),
                 event("checkout.session.completed", session_of(payment)),
                 event("payment_intent.succeeded", intent_of(payment))]:
        assert quiet.deliver(each).status == 200
    assert quiet.row("SELECT count(*), sum(amount_minor) FROM payapi.transactions"
                     " WHERE order_id = %s", order) == (1, payment["amountMinor"])


def test_every_order_of_arrival_ends_the_same(quiet):
    def alphabet(payment):
        return [event("payment_intent.processing", intent_of(payment, "processing")),
                event("payment_intent.payment_failed", intent_of(
                    payment, "requires_payment_method", last_payment_error={
                        "type": "card_error", "code": "card_declined",
                        "decline_code": "insufficient_funds", "message": "No."})),
                event("payment_intent.succeeded", intent_of(payment)),
                event("checkout.session.expired", session_of(
                    payment, status="expired", payment_status="unpaid", payment_intent=None))]

    for arrival in itertools.permutations(range(4)):
        order, payment = open_payment(quiet)
        events = alphabet(payment)
        for index in arrival:
            assert quiet.deliver(events[index]).status == 200
        end = quiet.payment_of(order)
        assert (end["status"], end["needsReview"]) == ("completed", False), arrival


def test_an_event_before_any_payment_of_ours_is_kept(quiet):
    stranger = event("payment_intent.succeeded", {
        "id": "pi_x", "object": "payment_intent", "status": "succeeded", "amount": 500,
        "amount_received": 500, "currency": "usd", "metadata": {"payment_id": "pay_" + "0" * 26}})
    assert quiet.deliver(stranger).status == 200
    assert [r[0] for r in inbox(quiet, stranger["id"])] == ["received"]
    quiet.rows("UPDATE payapi.webhook_events SET status = 'ignored' WHERE event_id = %s", stranger["id"])


def test_an_event_before_our_own_commit_is_matched_by_its_metadata(payapi, quiet):
    order = payapi.create_order()
    payapi.fault("lose_answer", order=order)
    assert payapi.checkout(order).status == 202
    payment = payapi.payment_of(order)
    assert payment["status"] == "pending" and payment["externalId"] is None
    [session] = [json.loads(r[0]) for r in payapi.rows(
        "SELECT json_build_object('id', payment_id)::text FROM payapi.payments WHERE order_id = %s", order)]
    payment["externalId"] = "cs_test_" + session["id"][4:]
    assert quiet.deliver(event("payment_intent.succeeded", intent_of(payment))).status == 200
    assert payapi.payment_of(order)["status"] == "completed"
    payapi.rows("UPDATE payapi.provider_calls SET verdict = 'done', finished_at = now()"
                " WHERE payment_id = %s", payment["id"])


def test_unknown_types_and_other_modes_are_stored_and_acknowledged(quiet):
    odd = event("customer.created", {"id": "cus_1", "object": "customer"})
    assert quiet.deliver(odd).status == 200
    assert inbox(quiet, odd["id"])[0][0] == "ignored"
    order, payment = open_payment(quiet)
    live = event("payment_intent.succeeded", intent_of(payment, livemode=True), livemode=True)
    assert quiet.deliver(live).status == 200
    assert inbox(quiet, live["id"])[0][:2] == ("ignored", "live and test mode differ")
    connected = event("payment_intent.succeeded", intent_of(payment), account="acct_1")
    assert quiet.deliver(connected).status == 200
    assert inbox(quiet, connected["id"])[0][:2] == ("ignored", "of a connected account, whose money is not ours")
    thin = {"id": "evt_" + uuid.uuid4().hex, "object": "v2.core.event", "livemode": False,
            "type": "v1.billing.meter.no_meter_found", "created": "2026-01-01T00:00:00.000Z"}
    assert quiet.deliver(thin).status == 200
    assert inbox(quiet, thin["id"])[0][:2] == ("ignored", "thin event: it holds no object")
    assert quiet.payment_of(order)["status"] == "processing"


@pytest.mark.parametrize("changed", [{"amount": 1, "amount_received": 1}, {"currency": "eur"},
                                     {"amount_received": 9998}])
def test_another_amount_or_currency_never_completes(quiet, changed):
    order, payment = open_payment(quiet)
    wrong = event("payment_intent.succeeded", intent_of(payment, **changed))
    assert quiet.deliver(wrong).status == 200
    end = quiet.payment_of(order)
    assert end["needsReview"] is True and end["status"] == "processing" and end["checkoutUrl"] is None
    came = quiet.rows("SELECT amount_minor FROM payapi.transactions WHERE order_id = %s", order)
    assert came == ([] if "currency" in changed else [(changed["amount_received"],)])
    types = [r[0] for r in quiet.rows("SELECT event_type FROM payapi.audit_log WHERE event_id IS NOT NULL AND order_id = %s", order)]
    assert "payment.review_needed" in types


def test_a_late_success_completes_an_expired_payment(quiet):
    order, payment = open_payment(quiet)
    quiet.deliver(event("checkout.session.expired", session_of(
        payment, status="expired", payment_status="unpaid", payment_intent=None)))
    assert quiet.payment_of(order)["status"] == "expired"
    quiet.deliver(event("payment_intent.succeeded", intent_of(payment)))
    assert quiet.payment_of(order)["status"] == "completed"


def test_a_second_capture_for_a_paid_order_is_recorded_as_surplus(quiet):
    order, first = open_payment(quiet)
    quiet.deliver(event("checkout.session.expired", session_of(
        first, status="expired", payment_status="unpaid", payment_intent=None)))
    second = quiet.checkout(order).data
    quiet.deliver(event("payment_intent.succeeded", intent_of(second)))
    assert quiet.deliver(event("payment_intent.succeeded", intent_of(first))).status == 200
    assert quiet.rows("SELECT payment_id, surplus, needs_review FROM payapi.payments"
                      " WHERE order_id = %s AND surplus", order) == [(first["id"], True, True)]
    assert quiet.payment_of(order)["id"] == second["id"]


def test_forged_and_stale_signatures_are_refused_and_store_nothing(quiet):
    order, payment = open_payment(quiet)
    body = json.dumps(event("payment_intent.succeeded", intent_of(payment))).encode()
    before = quiet.row("SELECT count(*) FROM payapi.webhook_events")
    now = int(time.time())
    good = quiet.stripe_signature(body)
    for signature in ["", "nonsense", good[:-1], good.upper(), good.replace("v1=", "v0="),
                      quiet.stripe_signature(body, at=now - 310), quiet.stripe_signature(body, at=now + 310),
                      quiet.stripe_signature(body, secret="whsec_wrong"),
                      quiet.stripe_signature(body + b" "), "t=,v1=", "t=abc,v1=" + "0" * 64,
                      f"t={now},v1=" + "0" * 64, "v1=" + "0" * 64]:
        answer = quiet.deliver(body, signature=signature or " ")
        assert answer.status == 400, (signature, answer)
        assert answer.json["type"].endswith("/webhook-signature-invalid")
    assert quiet.post("/api/v1/webhooks/stripe", body, sub=None).status == 400
    assert quiet.row("SELECT count(*) FROM payapi.webhook_events") == before
    assert quiet.payment_of(order)["status"] == "processing"


REJECTED = ("SELECT coalesce(sum((body::jsonb ->> 'count')::int), 0), count(*) FROM payapi.audit_log"
            " WHERE action = 'webhook.rejected' AND actor = 'webhook:stripe'"
            " AND starts_with(body::jsonb ->> 'cause', 'the signature''s time')")


def test_what_strangers_send_is_counted_and_told_in_sums(quiet):
    body = json.dumps(event("customer.created", {"object": "customer"})).encode()
    assert quiet.deliver(body).status == 200                    # so this address is known
    count_before, rows_before = quiet.row(REJECTED)
    lines_before = len(quiet.events("webhook_rejected", "fast"))
    for _ in range(40):
        assert quiet.deliver(body, signature="t=1,v1=" + "0" * 64).status == 400
    assert len(quiet.events("webhook_rejected", "fast")) <= lines_before + 2     # a minute may end meanwhile
    assert not [line for line in quiet.events("request", "fast")
                if line.get("problem") == "webhook-signature-invalid"]
    os.kill(quiet.master_pid("fast"), signal.SIGHUP)            # a worker that ends reports the rest of the sum
    wait_until(lambda: quiet.row(REJECTED)[0] >= count_before + 40, what="the sum")
    assert quiet.row(REJECTED)[1] <= rows_before + 8
    assert sum(line["count"] for line in quiet.events("webhooks_rejected", "fast")) >= 40


def test_a_large_body_leaves_no_file_and_no_line(quiet):
    large = b" " * (1 << 20)
    before = len(quiet.log("nginx-error"))
    assert quiet.deliver(large, signature=" ").status == 400
    assert quiet.deliver(large + b" ", signature=" ").status == 413
    assert quiet.post("/api/v1/orders", b" " * 65537).status == 413
    log = quiet.log("nginx-error")[before:]
    assert "temporary file" not in log and "too large body" not in log


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"id":5}', b'{"object":"event"}',
                                  b"[" * 50000, b'{"id":"evt_1"}', b"\xff\xfe", b'{"id":"a\\u0000b"}'],
                         ids=lambda body: repr(body)[:40])
def test_a_signed_body_that_is_no_event_is_malformed(quiet, body):
    answer = quiet.deliver(body)
    assert answer.status == 400, answer
    assert answer.json["type"].endswith("/malformed-request")


def test_events_whose_object_lacks_things_are_kept_and_never_crash(quiet):
    for obj in [None, {}, [], "text", {"object": "payment_intent"}, {"id": 5, "metadata": 7},
                {"id": "pi_1", "metadata": {"payment_id": 5}}, {"id": "pi_1", "amount_received": "9"},
                {"id": "pi_1", "amount_received": -5, "metadata": {"payment_id": "x" * 5000}}]:
        odd = event("payment_intent.succeeded", obj)
        assert quiet.deliver(odd).status == 200, obj
        assert len(inbox(quiet, odd["id"])) == 1
        quiet.rows("UPDATE payapi.webhook_events SET status = 'ignored' WHERE event_id = %s", odd["id"])


def test_a_body_up_to_1_mib_is_taken_and_a_larger_one_refused(quiet):
    big = json.dumps(event("customer.updated", {"object": "customer", "fill": "x" * 900_000})).encode()
    assert quiet.deliver(big).status == 200
    huge = quiet.deliver(big + b" " * 200_000)
    assert huge.status == 413 and huge.json["type"].endswith("/payload-too-large")


def test_what_the_sandbox_sends_twice_and_shuffled_counts_once(payapi):
    payapi.webhook_settings(delivery="on", duplicate=3, shuffle=True)
    try:
        order = payapi.create_order()
        payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
        payapi.wait_for_status(order, "completed")
        wait_until(lambda: payapi.row(
            "SELECT count(*) FROM payapi.webhook_events e JOIN payapi.payments p USING (payment_id)"
            " WHERE p.order_id = %s", order)[0] >= 2, what="all events to arrive")
        assert payapi.row("SELECT count(*) FROM payapi.transactions WHERE order_id = %s", order) == (1,)
    finally:
        payapi.webhook_settings(delivery="on", duplicate=1, shuffle=False)
