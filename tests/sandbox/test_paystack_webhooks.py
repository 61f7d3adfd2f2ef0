"""payapi-sandbox: the webhooks of the played Paystack."""
import hashlib
import hmac
import json
import pathlib

import pytest

from conftest import PAYSTACK_SECRET_KEY, wait_for
from paystack_calls import act, paid, wait_for_events


def test_webhooks_are_signed_over_their_raw_bytes(sandbox):
    paid(sandbox, metadata={"payment_id": "Adébáyò ☕"})
    wait_for_events(sandbox, "charge.success")
    signature, body = sandbox.paystack_receiver.received[0]
    assert signature == hmac.new(PAYSTACK_SECRET_KEY.encode(), body, hashlib.sha512).hexdigest()
    assert sandbox.receiver.received == []


VECTORS = [each for each in json.loads(
    (pathlib.Path(__file__).parents[1] / "infrastructure/providers/webhook-vectors.json")
    .read_text())["paystack"] if each["expect"] == "accept"]


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_signatures_are_those_of_the_vectors(sandbox, vector):
    sandbox.control("webhooks/settings", {"provider": "paystack", "secret": vector["secret"]})
    sandbox.control("webhooks/send", {"provider": "paystack", "body": json.loads(vector["body"])})
    wait_for(lambda: sandbox.paystack_receiver.received, "the webhook")
    assert sandbox.paystack_receiver.received == [(vector["header"], vector["body"].encode())]


def test_only_a_plain_200_is_received(sandbox):
    sandbox.paystack_receiver.statuses[:] = [202, 500]
    paid(sandbox)
    wait_for_events(sandbox, *["charge.success"] * 3)
    row, = wait_for(lambda: [each for each in sandbox.control("webhooks/deliveries")["deliveries"]
                             if each["delivered"]], "the delivery")
    assert (row["provider"], row["attempts"], row["last_status"]) == ("paystack", 3, 200)


def test_webhook_settings_are_those_of_one_provider_or_of_both(sandbox):
    sandbox.control("webhooks/settings", {"provider": "paystack", "delivery": "hold"})
    paid(sandbox)
    sandbox.paid_intent()
    wait_for(lambda: len(sandbox.receiver.received) == 4, "Stripe's four")
    assert sandbox.paystack_receiver.received == []
    assert sandbox.control("webhooks/flush", {"provider": "stripe"}) == {"flushed": 0}
    assert sandbox.control("webhooks/flush", {}) == {"flushed": 1}
    wait_for_events(sandbox, "charge.success")
    sandbox.control("webhooks/settings", {"delivery": "off"})
    paid(sandbox)
    sandbox.paid_intent()
    assert sum(each["dropped"] for each in
               sandbox.control("webhooks/deliveries")["deliveries"]) == 5
    for wrong in ({"provider": "paypal"}, {"provider": 1}, {"url": "http://127.0.0.1:1/"},
                  {"secret": "x"}, {"provider": "paystack", "duplicate": -1}):
        sandbox.control("webhooks/settings", wrong, status=400)


def test_webhooks_are_dropped_by_a_seed(sandbox):
    def run():
        sandbox.control("reset", {})
        sandbox.control("webhooks/settings", {"drop_probability": 0.5, "seed": 42})
        for _ in range(20):
            paid(sandbox)
        return [each["dropped"] for each in
                sandbox.control("webhooks/deliveries")["deliveries"]]

    first = run()
    assert run() == first and set(first) == {True, False}


def test_a_rolled_key_signs_from_now_on(sandbox):
    sandbox.control("webhooks/settings", {"provider": "paystack", "secret": "sk_test_new"})
    paid(sandbox)
    wait_for_events(sandbox, "charge.success")
    signature, body = sandbox.paystack_receiver.received[0]
    assert signature == hmac.new(b"sk_test_new", body, hashlib.sha512).hexdigest()


def test_duplicates_and_resends_are_the_same_bytes(sandbox):
    sandbox.control("webhooks/settings", {"provider": "paystack", "duplicate": 1})
    paid(sandbox)
    wait_for_events(sandbox, "charge.success", "charge.success")
    name = sandbox.control("webhooks/deliveries")["deliveries"][0]["event"]
    sandbox.control("webhooks/resend/" + name, {})
    wait_for_events(sandbox, *["charge.success"] * 3)
    assert len(set(sandbox.paystack_receiver.received)) == 1


def test_deliveries_tell_the_bytes_apart(sandbox):
    transaction = paid(sandbox)
    for _ in range(2):
        act(sandbox, transaction["reference"], "refund", {"amount": 100})
    wait_for_events(sandbox, "charge.success", *["refund.pending", "refund.processed"] * 2)
    digests = [each["sha256"] for each in sandbox.control("webhooks/deliveries")["deliveries"]]
    assert digests == [hashlib.sha256(body).hexdigest()
                       for _, body in sandbox.paystack_receiver.received]
    # Two equal partial refunds look the same until the bank gives them a reference.
    assert digests[1] == digests[3] and digests[2] != digests[4]


def test_any_body_can_be_sent_signed(sandbox):
    body = {"event": "subscription.expiring_cards", "data": [{"expiry_date": "12/2026"}]}
    sandbox.control("webhooks/send", {"provider": "paystack", "body": body})
    assert wait_for_events(sandbox, "subscription.expiring_cards") == [body["data"]]
    signature, raw = sandbox.paystack_receiver.received[0]
    assert signature == hmac.new(PAYSTACK_SECRET_KEY.encode(), raw, hashlib.sha512).hexdigest()
    sandbox.control("webhooks/send", {"provider": "paypal", "body": body}, status=400)
