"""Damaged webhooks, from both providers: refused or stored; never a 5xx, and never dropped.

The tests of the adapters damage every bit and every member; a sample goes through HTTP here.
"""
import json

import paystack_play
import pytest
from test_webhooks_in import event, intent_of, open_payment

NOT_JSON = [b"", b" ", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50000, b"{}" + b"\0", b'{"id":5}', b'{"event":5}']
WRONG = [None, True, -1, 2 ** 63 - 1, 1.5, "", "text", [], [None], {}]


@pytest.fixture(scope="module")
def quiet(payapi):
    payapi.webhook_settings(delivery="off")
    yield payapi
    payapi.rows("UPDATE payapi.webhook_events SET status = 'ignored', finished_at = now(), reason = 'of this test'"
                " WHERE status = 'received'")
    payapi.webhook_settings(delivery="on")


def stored(payapi):
    return payapi.row("SELECT count(*) FROM payapi.webhook_events")[0]


def flips(body, step=13):
    for at in range(0, len(body), step):
        yield body[:at] + bytes([body[at] ^ 1 << at % 8]) + body[at + 1:]


def test_a_flipped_bit_is_refused_and_stores_nothing(quiet):
    stripe = json.dumps(event("payment_intent.succeeded", intent_of(open_payment(quiet)[1]))).encode()
    paystack = paystack_play.event_of(paystack_play.opened(quiet))
    before = stored(quiet)
    good = quiet.stripe_signature(stripe)
    assert {quiet.deliver(bad, good).status for bad in flips(stripe)} == {400}
    good = paystack_play.signature(quiet, paystack)
    assert {paystack_play.deliver(quiet, bad, good).status for bad in flips(paystack)} == {400}
    assert stored(quiet) == before


def test_no_other_form_of_paystacks_signature_passes(quiet):
    body = paystack_play.event_of(paystack_play.opened(quiet))
    good = paystack_play.signature(quiet, body)
    before = stored(quiet)
    for bad in [" ", "x", good[:-1], good + "0", good.upper(), good[:64], "0" * 128, f"v1={good}", f"{good},{good}",
                paystack_play.signature(quiet, body, "sk_test_other"), paystack_play.signature(quiet, body + b" "),
                quiet.stripe_signature(body)]:
        answer = paystack_play.deliver(quiet, body, bad)
        assert answer.status == 400 and answer.json["type"].endswith("/webhook-signature-invalid"), bad
    assert quiet.post("/api/v1/webhooks/paystack", body, sub=None).status == 400
    assert stored(quiet) == before


@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body)[:30])
def test_signed_by_paystack_but_no_event(quiet, body):
    answer = paystack_play.deliver(quiet, body)
    assert answer.status == 400 and answer.json["type"].endswith("/malformed-request"), answer


@pytest.mark.parametrize("name", ["O\\u0000Brien", "O\\ud83dBrien", "O\\udc00", "\\ufffe \\u202e"])
def test_what_a_payer_typed_stops_no_event_and_is_kept_as_it_came(quiet, name):
    order, payment = open_payment(quiet)
    told = event("payment_intent.succeeded", intent_of(payment, shipping={"name": "PUT_IT_HERE"}))
    body = json.dumps(told).replace("PUT_IT_HERE", name).encode()
    assert quiet.deliver(body).status == 200
    assert quiet.payment_of(order)["status"] == "completed"
    [(inbox_id, kept)] = quiet.rows("SELECT inbox_id, body FROM payapi.webhook_events WHERE event_id = %s", told["id"])
    assert bytes(kept) == body
    shown = quiet.get(f"/api/v1/webhook-events/{inbox_id}", sub="root", role="admin")
    assert shown.status == 200 and shown.data["type"] == told["type"]


def test_paystacks_bodies_have_the_limit_of_1_mib(quiet):
    big = json.dumps({"event": "customer.new", "data": {"fill": "x" * 900_000}}).encode()
    assert paystack_play.deliver(quiet, big).status == 200
    assert paystack_play.deliver(quiet, big + b" " * 200_000).status == 413


def damaged(document, at=()):
    """The document with each member missing, and with a wrong type, except the envelope's own members."""
    place = document
    for name in at:
        place = place[name]
    for number, name in enumerate(list(place)):
        if not at and name in ("id", "object", "type", "event"):
            continue
        whole = place.pop(name)
        yield json.dumps(document).encode()
        place[name] = WRONG[number % len(WRONG)]
        yield json.dumps(document).encode()
        place[name] = whole
        if isinstance(whole, dict):
            yield from damaged(document, (*at, name))


def test_no_verified_event_is_dropped_whatever_its_object_lacks(quiet):
    order, payment = open_payment(quiet)
    for number, body in enumerate(damaged(event("payment_intent.processing", intent_of(payment, "processing")))):
        told = {**json.loads(body), "id": f"evt_damaged_{payment['id']}_{number}"}
        assert quiet.deliver(told).status == 200, body
        assert quiet.row("SELECT count(*) FROM payapi.webhook_events WHERE event_id = %s", told["id"]) == (1,), body
    assert quiet.row("SELECT count(*) FROM payapi.transactions WHERE order_id = %s", order) == (0,)
    charge = paystack_play.opened(quiet)
    for body in damaged(json.loads(paystack_play.event_of(charge))):
        assert paystack_play.deliver(quiet, body).status == 200, body
        assert quiet.row("SELECT count(*) FROM payapi.webhook_events WHERE event_id = %s",
                         paystack_play.digest(body)) == (1,), body
    assert paystack_play.ledger(quiet, charge) == []
