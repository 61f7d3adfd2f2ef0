"""One event a thousand times at once, and events that come before our own commit."""
import concurrent.futures
import json
import threading

import pytest
from payapi_instance import Connection, wait_until
from test_webhooks_in import event, inbox, intent_of, open_payment, session_of

CONNECTIONS, TIMES = 100, 10


@pytest.fixture(scope="module")
def quiet(payapi):
    """The sandbox does not send its events: this suite does."""
    payapi.webhook_settings(delivery="off")
    yield payapi
    payapi.webhook_settings(delivery="on")


class Storm:
    """The same signed bytes on many connections at once; every answer is kept."""

    def __init__(self, payapi, body):
        self.payapi, self.body = payapi, body
        self.headers = {"Stripe-Signature": payapi.stripe_signature(body), "Content-Type": "application/json"}
        self.begin = threading.Barrier(CONNECTIONS)

    def one_sender(self, _):
        connection = Connection(self.payapi.port)
        try:
            self.begin.wait()
            return [connection.request("POST", "/api/v1/webhooks/stripe", self.body, self.headers).status
                    for _ in range(TIMES)]
        finally:
            connection.close()

    def answers(self):
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            return [status for told in pool.map(self.one_sender, range(CONNECTIONS)) for status in told]


def count(payapi, table, condition, *arguments):
    return payapi.row(f"SELECT count(*) FROM payapi.{table} WHERE {condition}", *arguments)[0]


def test_a_thousand_duplicates_at_once_are_one_event(quiet):
    order, payment = open_payment(quiet)
    paid = event("payment_intent.succeeded", intent_of(payment))
    answers = Storm(quiet, json.dumps(paid).encode()).answers()
    assert answers == [200] * (CONNECTIONS * TIMES)
    wait_until(lambda: inbox(quiet, paid["id"]) == [("processed", "", payment["id"])], 30, "the event")
    assert count(quiet, "transactions", "order_id = %s", order) == 1
    assert count(quiet, "audit_log", "order_id = %s AND event_type = 'payment.completed'", order) == 1
    assert count(quiet, "audit_log", "payment_id = %s AND action = 'status' AND body::text LIKE '%%completed%%'",
                 payment["id"]) == 1


def test_two_hundred_events_that_tell_the_same_are_one_charge(quiet):
    """Each has its own id, as if both families of events and all retries came at once."""
    order, payment = open_payment(quiet)
    told = [event("payment_intent.succeeded", intent_of(payment)) if number % 2 else
            event("checkout.session.completed", session_of(payment)) for number in range(200)]
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert {answer.status for answer in pool.map(quiet.deliver, told)} == {200}
    names = [each["id"] for each in told]
    wait_until(lambda: count(quiet, "webhook_events", "event_id = ANY(%s) AND status = 'processed'",
                             names) == len(told), 30, "all of them")
    assert count(quiet, "transactions", "order_id = %s", order) == 1
    assert count(quiet, "audit_log", "order_id = %s AND event_type = 'payment.completed'", order) == 1


# --- before our own commit ----------------------------------------------------------------------
def test_the_payer_pays_before_the_checkout_has_its_answer(payapi):
    """The provider has made its object but delays its answer: only our intent is committed."""
    payapi.webhook_settings(delivery="on")
    try:
        payapi.fault("latency", latency_ms=5000, after_work=True)
        order = payapi.create_order()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            checkout = pool.submit(payapi.checkout, order)
            session = wait_until(lambda: session_at_the_provider(payapi, order), 10, "the session")
            payapi.sandbox_do(session["id"], "pay")
            payapi.wait_for_status(order, "completed")
            assert not checkout.done(), "the answer came first: nothing was shown"
            assert checkout.result().status in (200, 201)
    finally:
        payapi.clear_faults()
        payapi.webhook_settings(delivery="off")
    payment = payapi.payment_of(order)
    assert payment["status"] == "completed" and payment["externalId"] == session["id"]
    assert count(payapi, "transactions", "order_id = %s", order) == 1
    assert count(payapi, "audit_log", "order_id = %s AND event_type = 'payment.completed'", order) == 1
    assert count(payapi, "webhook_events", "payment_id = %s AND status <> 'processed'", payment["id"]) == 0


def session_at_the_provider(payapi, order):
    connection = Connection(payapi.sandbox_port, payapi.settings["STRIPE_SECRET_KEY"])
    try:
        listed = connection.request("GET", "/v1/checkout/sessions?limit=100").json["data"]
    finally:
        connection.close()
    return next((session for session in listed if session["client_reference_id"] == order), None)


def test_events_of_both_families_before_the_checkouts_answer_count_once(quiet):
    quiet.fault("latency", latency_ms=5000, after_work=True)
    order = quiet.create_order()
    try:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            checkout = pool.submit(quiet.checkout, order)
            session = wait_until(lambda: session_at_the_provider(quiet, order), 10, "the session")
            payment = {**quiet.payment_of(order), "externalId": session["id"]}
            told = [event("payment_intent.succeeded", intent_of(payment)),
                    event("checkout.session.completed", session_of(payment))]
            assert [quiet.deliver(each).status for each in told * 2] == [200] * 4
            assert not checkout.done()
            assert checkout.result().status in (200, 201)
    finally:
        quiet.clear_faults()
    wait_until(lambda: count(quiet, "webhook_events", "event_id = ANY(%s) AND status = 'processed'",
                             [each["id"] for each in told]) == 2, 30, "both events")
    end = quiet.payment_of(order)
    assert (end["status"], end["externalId"], end["needsReview"]) == ("completed", session["id"], False)
    assert count(quiet, "transactions", "order_id = %s", order) == 1
