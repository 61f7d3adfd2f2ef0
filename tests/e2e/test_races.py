"""Many requests at once: exact counts, whatever their order."""
import json
import time
import uuid

import pytest

from payapi_instance import at_once
from test_main_job import failed_debit
from test_webhooks_in import event, intent_of


def sessions_for(payapi, order):
    requests = payapi.sandbox("GET", "/_sandbox/requests?limit=2000").json["requests"]
    return {r["idempotency_key"] for r in requests
            if r["path"] == "/v1/checkout/sessions" and r["method"] == "POST" and order in r["body"]}


@pytest.mark.parametrize("round_", range(5))
def test_fifty_clients_with_one_key_make_one_payment(payapi, round_):
    order = payapi.create_order()
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    answers = at_once(50, lambda _: payapi.checkout(order, headers=headers))
    statuses = {a.status for a in answers}
    assert statuses <= {201, 409} and 201 in statuses, statuses
    assert len({a.body for a in answers if a.status == 201}) == 1
    assert all(a.headers["Retry-After"] for a in answers if a.status == 409)
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = %s", order) == (1,)
    assert len(sessions_for(payapi, order)) == 1


@pytest.mark.parametrize("round_", range(5))
def test_fifty_keys_on_one_order_make_one_live_payment(payapi, round_):
    order = payapi.create_order()
    answers = at_once(50, lambda _: payapi.checkout(
        order, headers={"Idempotency-Key": str(uuid.uuid4())}))
    assert {a.status for a in answers} <= {200, 201, 202}, {a.status for a in answers}
    assert sum(a.status == 201 for a in answers) == 1
    assert len({a.data["id"] for a in answers}) == 1
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = %s", order) == (1,)
    assert len(sessions_for(payapi, order)) == 1


@pytest.mark.parametrize("round_", range(5))
def test_a_page_that_is_over_is_followed_by_one_other(payapi, round_):
    """Each request asks the provider whether the failed attempt's page can take another attempt."""
    order, session = failed_debit(payapi)
    answers = at_once(30, lambda i: payapi.checkout(
        order, headers={"Idempotency-Key": str(uuid.uuid4())} if i % 2 else {}))
    assert {a.status for a in answers} <= {200, 201, 202}, {a.status for a in answers}
    assert sum(a.status == 201 for a in answers) == 1
    assert len({a.data["id"] for a in answers}) == 1 and session not in {a.data["externalId"] for a in answers}
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = %s", order) == (2,)
    assert len(sessions_for(payapi, order)) == 2


def test_one_event_from_a_hundred_connections_counts_once(payapi):
    payapi.webhook_settings(delivery="off")
    try:
        order = payapi.create_order()
        payment = payapi.checkout(order).data
        body = json.dumps(event("payment_intent.succeeded", intent_of(payment))).encode()
        answers = at_once(100, lambda _: payapi.deliver(body))
        assert {a.status for a in answers} == {200}
        assert payapi.row("SELECT count(*) FROM payapi.transactions WHERE order_id = %s", order) == (1,)
        assert payapi.payment_of(order)["status"] == "completed"
    finally:
        payapi.webhook_settings(delivery="on")


def test_one_order_id_created_by_fifty_exists_once(payapi):
    name = f"race-{time.time_ns()}"
    answers = at_once(50, lambda _: payapi.post(
        "/api/v1/orders", {"id": name, "amount": 1, "currency": "USD"}))
    assert sorted(a.status for a in answers) == [201] + [409] * 49


def test_paying_while_checking_out_again_never_opens_a_second_page(payapi):
    for _ in range(10):
        order = payapi.create_order()
        session = payapi.checkout(order).data["externalId"]

        def act(i):
            if i == 0:
                payapi.sandbox_do(session, "pay")
                return None
            return payapi.checkout(order).status
        statuses = set(at_once(8, act)) - {None}
        assert statuses <= {200, 409}, statuses
        payapi.wait_for_status(order, "completed")
        assert len(sessions_for(payapi, order)) == 1


@pytest.mark.parametrize("round_", range(5))
def test_checking_out_while_others_cancel_leaves_one_page_at_most(payapi, round_):
    """Each key comes twice; what a request sees before it writes may be over by then."""
    order = payapi.create_order()
    payment = payapi.checkout(order).data["id"]

    def act(i):
        if i % 5 == 0:
            return payapi.post(f"/api/v1/payments/{payment}/cancel")
        return payapi.checkout(order, headers={"Idempotency-Key": f"{order}-{i % 15}"})
    answers = dict(enumerate(at_once(30, act)))
    assert {a.status for a in answers.values()} <= {200, 201, 202, 409}, {a.status for a in answers.values()}
    for i in range(15):
        given = [a for a in (answers[i], answers[i + 15]) if a.status in (200, 201)]
        assert i % 5 == 0 or len({a.body for a in given}) <= 1
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = %s AND provider_open", order)[0] <= 1
    assert len(sessions_for(payapi, order)) == payapi.row(
        "SELECT count(*) FROM payapi.payments WHERE order_id = %s", order)[0]
