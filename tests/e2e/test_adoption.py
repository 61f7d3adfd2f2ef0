"""Payments that the provider has but our database has lost are recorded again, once, and flagged."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse
import uuid

import pytest

from cross_invariants import contradictions
from lost_rows import forget_order, forget_payment, hurry
from payapi_instance import Instance, metadata_of, wait_until


@pytest.fixture(scope="module")
def payapi():
    """A separate instance, whose database loses rows."""
    instance = Instance("adoption")
    try:
        instance.up()
        instance.webhook_settings(delivery="hold")
        instance.refused = []           # exist only at the provider: not ours, or left to a human
        yield instance
        instance.assert_invariants()
        assert [each for each in contradictions(instance)
                if not any(payment in each for payment in instance.refused)] == []
    finally:
        instance.down()


def open_payment(payapi, **options):
    order = payapi.create_order(**options)
    return order, payapi.checkout(order).data


def pay(payapi, payment):
    payapi.sandbox_do(payment["externalId"], "pay")


def deliver_all(payapi):
    """Delivers the events that the sandbox holds back, and retries them until none waits."""
    payapi.sandbox("POST", "/_sandbox/webhooks/flush", {})
    wait_until(lambda: payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json["pending"] == 0, 20,
               "the deliveries")
    settle(payapi)


def settle(payapi):
    def nothing_waits():
        hurry(payapi)
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'") == (0,)
    wait_until(nothing_waits, 30, "the inbox")


def payment_row(payapi, payment):
    return payapi.row("SELECT order_id, amount_minor, currency, provider_ref, status, captured_minor, surplus,"
                      " needs_review, review_reason FROM payapi.payments WHERE payment_id = %s", payment)


def audits(payapi, payment, action):
    return payapi.row("SELECT count(*) FROM payapi.audit_log WHERE payment_id = %s AND action = %s",
                      payment, action)[0]


def published(payapi, order):
    return [r[0] for r in payapi.rows("SELECT event_type FROM payapi.audit_log WHERE event_id IS NOT NULL AND order_id = %s"
                                      " ORDER BY audit_id", order)]


def booked(payapi, payment):
    return payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s ORDER BY 1",
                       payment)


def test_a_lost_order_and_its_payment_come_back_with_their_money(payapi):
    order, payment = open_payment(payapi)
    forget_order(payapi, order)
    pay(payapi, payment)
    deliver_all(payapi)
    row = payment_row(payapi, payment["id"])
    assert row[:8] == (order, 9999, "USD", payment["externalId"], "completed", 9999, False, True)
    assert row[8].startswith("Adopted")
    assert booked(payapi, payment["id"]) == [("charge", 9999)]
    assert audits(payapi, payment["id"], "payment.adopted") == 1
    assert published(payapi, order).count("payment.created") == 1
    assert published(payapi, order).count("payment.completed") == 1
    assert published(payapi, order).count("payment.review_needed") == 1
    assert payapi.row("SELECT status FROM payapi.orders WHERE order_id = %s", order) == ("paid",)


def test_only_admins_see_an_order_whose_owner_is_not_known(payapi):
    order, payment = open_payment(payapi)
    forget_order(payapi, order)
    pay(payapi, payment)
    deliver_all(payapi)
    assert payapi.get(f"/api/v1/orders/{order}").status == 404
    assert payapi.get(f"/api/v1/orders/{order}", sub="root", role="admin").status == 200
    forged = payapi.sign_token({"sub": "\x1fadopted", "role": "user", "exp": int(time.time()) + 600})
    assert payapi.get(f"/api/v1/orders/{order}", token=forged).status == 401


def test_an_order_that_came_back_is_given_its_owner_once(payapi):
    """By the CLI and by the API; its payment need not be under review any more."""
    for by_api in (False, True):
        order, payment = open_payment(payapi)
        forget_order(payapi, order)
        pay(payapi, payment)
        deliver_all(payapi)
        assert payapi.admin("payment", "review", "--id", payment["id"], "--reason", "Seen.").returncode == 0
        assert payapi.get(f"/api/v1/orders/{order}").status == 404
        verdict = {"verdict": "give_owner", "ownerId": "alice", "reason": "By the shop's own list."}
        if by_api:
            given = payapi.post(f"/api/v1/payments/{payment['id']}/review", verdict, sub="root", role="admin")
            assert given.status == 200, given
        else:
            given = payapi.admin("payment", "review", "--id", payment["id"], "--verdict", "give_owner", "--owner", "alice",
                                 "--reason", "By the shop's own list.")
            assert given.returncode == 0, given.stdout + given.stderr
        assert payapi.get(f"/api/v1/orders/{order}").data["status"] == "paid"
        assert payapi.get(f"/api/v1/payments/{payment['id']}").status == 200
        again = payapi.post(f"/api/v1/payments/{payment['id']}/review", {**verdict, "ownerId": "mallory"}, sub="root",
                            role="admin")
        assert again.status == 409 and payapi.get(f"/api/v1/orders/{order}", sub="mallory").status == 404


def test_an_order_that_is_still_here_keeps_its_owner(payapi):
    order, payment = open_payment(payapi)
    forget_payment(payapi, payment["id"])
    pay(payapi, payment)
    deliver_all(payapi)
    assert payapi.payment_of(order)["status"] == "completed"
    assert payment_row(payapi, payment["id"])[7]
    assert published(payapi, order).count("order.created") == 1


def test_money_of_an_order_that_was_paid_otherwise_goes_back(payapi):
    order, lost = open_payment(payapi)
    forget_payment(payapi, lost["id"])
    kept = payapi.checkout(order).data
    assert kept["id"] != lost["id"]
    pay(payapi, kept)
    deliver_all(payapi)
    pay(payapi, lost)
    deliver_all(payapi)
    wait_until(lambda: payment_row(payapi, lost["id"])[4] == "refunded", 30, "the surplus to go back")
    deliver_all(payapi)
    assert payment_row(payapi, lost["id"])[6:8] == (True, True)
    assert payment_row(payapi, kept["id"])[4:7] == ("completed", 9999, False)
    assert booked(payapi, lost["id"]) == [("charge", 9999), ("refund", -9999)]
    assert sorted((c["amount"], c["amount_refunded"]) for c in payapi.ledger["charges"]
                  if c["metadata"]["order_id"] == order) == [(9999, 0), (9999, 9999)]


def test_an_unpaid_page_of_an_order_that_goes_on_without_it_is_adopted_closed(payapi):
    order, lost = open_payment(payapi)
    forget_payment(payapi, lost["id"])
    kept = payapi.checkout(order).data
    payapi.sandbox_do(lost["externalId"], "expire")
    deliver_all(payapi)
    assert payment_row(payapi, lost["id"])[4:7] == ("expired", 0, False)
    pay(payapi, kept)
    deliver_all(payapi)
    assert payapi.payment_of(order)["id"] == kept["id"]


def test_a_refund_leads_to_the_payment_that_it_is_of(payapi):
    order, payment = open_payment(payapi)
    pay(payapi, payment)
    deliver_all(payapi)
    intent = payapi.row("SELECT provider_intent FROM payapi.payments WHERE payment_id = %s", payment["id"])[0]
    forget_order(payapi, order)
    payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent}/refund", {"amount": 1500})
    deliver_all(payapi)
    assert payment_row(payapi, payment["id"])[4:6] == ("partially_refunded", 9999)
    assert booked(payapi, payment["id"]) == [("charge", 9999), ("refund", -1500)]


def test_a_money_event_that_names_only_an_intent_we_never_heard_of_finds_its_payment(payapi):
    """The session's metadata show that it is ours, and the payment is here: only the intent was unknown."""
    order, payment = open_payment(payapi)
    pay(payapi, payment)
    intent = [c for c in payapi.ledger["charges"] if c["metadata"]["order_id"] == order][0]["payment_intent"]
    payapi.deliver({"id": "evt_" + uuid.uuid4().hex, "object": "event", "created": int(time.time()),
                    "livemode": False, "type": "charge.refunded",
                    "data": {"object": {"id": "ch_x", "object": "charge", "payment_intent": intent}}})
    settle(payapi)
    assert payment_row(payapi, payment["id"])[4:8] == ("completed", 9999, False, False)
    deliver_all(payapi)


# --- what is not ours -----------------------------------------------------------------------
def foreign_session(payapi, **metadata):
    """A session of another program with the same Stripe key."""
    form = {"mode": "payment", "success_url": "https://other.example/", "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": "usd", "line_items[0][price_data][unit_amount]": "777",
            "line_items[0][price_data][product_data][name]": "Book"}
    form |= {f"metadata[{name}]": value for name, value in metadata.items()}
    form |= {f"payment_intent_data[metadata][{name}]": value for name, value in metadata.items()}
    connection = http.client.HTTPConnection("127.0.0.1", payapi.sandbox_port)
    connection.request("POST", "/v1/checkout/sessions", urllib.parse.urlencode(form), {
        "Authorization": "Bearer " + payapi.settings["STRIPE_SECRET_KEY"],
        "Content-Type": "application/x-www-form-urlencoded", "Idempotency-Key": uuid.uuid4().hex})
    answer = connection.getresponse()
    session = json.loads(answer.read())
    assert answer.status == 200, session
    return session["id"]


def ends_of(payapi, session):
    """The outcomes of the events that name the session."""
    return payapi.rows("SELECT DISTINCT status, reason FROM payapi.webhook_events"
                       " WHERE position(%s::bytea in body) > 0", session.encode())


@pytest.mark.parametrize("metadata", [{}, {"payment_id": "4711", "order_id": "A-1"},
                                      {"payment_id": "pay_" + "0" * 26, "order_id": "no/order"}])
def test_what_names_no_payment_of_ours_is_ignored(payapi, metadata):
    before = payapi.row("SELECT count(*) FROM payapi.payments")
    session = foreign_session(payapi, **metadata)
    payapi.refused += [metadata["payment_id"]] if metadata else []
    pay(payapi, {"externalId": session})
    deliver_all(payapi)
    assert ends_of(payapi, session) == [("ignored", "names no payment of ours")]
    assert payapi.row("SELECT count(*) FROM payapi.payments") == before


def test_an_order_of_another_amount_is_a_question_for_a_human(payapi):
    """Nothing is recorded; the event is dead with its reason, and one alert is raised."""
    order = payapi.create_order(amount="5.00")
    lost = "pay_01KE" + uuid.uuid4().hex[:22].upper()
    session = foreign_session(payapi, **metadata_of({
        "id": lost, "orderId": order, "amountMinor": 777, "currency": "USD", "provider": "stripe"}))
    payapi.sandbox_do(session, "pay")
    deliver_all(payapi)
    assert ends_of(payapi, session) == [
        ("dead", "its order has another amount or currency than the provider's object")]
    assert payapi.rows("SELECT 1 FROM payapi.payments WHERE order_id = %s", order) == []
    dead = payapi.rows("SELECT inbox_id FROM payapi.webhook_events WHERE status = 'dead'")
    alerts = payapi.events("webhook_dead", "jobs")
    assert sorted(a["inbox_id"] for a in alerts) == sorted(d[0] for d in dead)
    payapi.refused.append(lost)


@pytest.fixture
def neighbour(payapi):
    """Another installation at the same provider, whose pages carry a proof made with another key."""
    return lambda payment: metadata_of(payment, key="the-key-of-somebody-else-who-shares-the-account")


@pytest.mark.parametrize("proven", [False, True])
def test_a_page_of_others_for_an_order_of_ours_is_neither_adopted_nor_given_back(payapi, neighbour, proven):
    """It has the same order number, and ids in our form; still its money is neither ours nor our surplus."""
    order, payment = open_payment(payapi)
    pay(payapi, payment)
    theirs = {"id": "pay_01KE" + uuid.uuid4().hex[:22].upper(), "orderId": order, "amountMinor": 777,
              "currency": "USD", "provider": "stripe"}
    metadata = neighbour(theirs)
    session = foreign_session(payapi, **(metadata if proven else {**metadata, "payapi_proof": ""}))
    payapi.refused += [theirs["id"], order]
    pay(payapi, {"externalId": session})
    deliver_all(payapi)
    assert ends_of(payapi, session) == [("ignored", "nothing proves that this installation made it")]
    assert payapi.rows("SELECT payment_id FROM payapi.payments WHERE order_id = %s", order) == [(payment["id"],)]
    assert [c["amount_refunded"] for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order] == [0, 0]
    assert [line["claims_payment_id"] for line in payapi.events("foreign_object_ignored", "jobs")].count(theirs["id"]) >= 1


def test_a_page_of_others_that_names_our_payment_does_not_pay_it(payapi):
    order, payment = open_payment(payapi)
    session = foreign_session(payapi, payment_id=payment["id"], order_id=order)
    payapi.refused += [payment["id"], order]
    pay(payapi, {"externalId": session})
    deliver_all(payapi)
    assert ends_of(payapi, session) == [("ignored", "nothing proves that this installation made it")]
    assert payment_row(payapi, payment["id"])[4:8] == ("processing", 0, False, False)
    pay(payapi, payment)
    deliver_all(payapi)


# --- several at once --------------------------------------------------------------------------
def test_two_runners_and_several_events_of_each_adopt_once(payapi):
    program = pathlib.Path(os.environ["PAYAPI_PREFIX"]) / "sbin" / "payapi-jobs"
    other = subprocess.Popen([str(program), "--config", str(payapi.var / "var" / "payapi.env")],
                             env={"PATH": os.environ["PATH"]}, stderr=subprocess.DEVNULL)
    try:
        pairs = [open_payment(payapi) for _ in range(20)]
        for order, payment in pairs:
            forget_order(payapi, order)
            pay(payapi, payment)
        deliver_all(payapi)
    finally:
        other.send_signal(signal.SIGTERM)
        assert other.wait(20) == 0
    for order, payment in pairs:
        assert payment_row(payapi, payment["id"])[4:6] == ("completed", 9999)
        assert audits(payapi, payment["id"], "payment.adopted") == 1
        assert booked(payapi, payment["id"]) == [("charge", 9999)]
