"""What the tests of the played Paystack have in common: calls, acts, expectations."""
import json
import urllib.parse

from conftest import wait_for

INITIALIZE = "/transaction/initialize"


def order(amount=10000, currency="NGN", **changes):
    body = {"email": "a@b.example", "amount": amount, "currency": currency,
            "callback_url": "https://shop.example/back?order=1",
            "metadata": {"payment_id": "p1", "order_id": "abc-123",
                         "cancel_action": "https://shop.example/left"}}
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def initialize(sandbox, **changes):
    return sandbox.paystack("POST", INITIALIZE, order(**changes))


def opened(sandbox, **changes):
    answer = initialize(sandbox, **changes)
    assert answer.status == 200, answer.body
    return answer.json["data"]


def verify(sandbox, reference):
    answer = sandbox.paystack("GET", "/transaction/verify/" + urllib.parse.quote(reference))
    assert answer.status == 200, answer.body
    return answer.json["data"]


def act(sandbox, reference, name, body=None, status=200):
    return sandbox.control(f"paystack/transactions/{reference}/{name}", body or {}, status=status)


def paid(sandbox, **changes):
    return act(sandbox, opened(sandbox, **changes)["reference"], "pay")


def settings(sandbox, status=200, **members):
    return sandbox.control("paystack/settings", members, status=status)


def refund(sandbox, transaction, **members):
    return sandbox.paystack("POST", "/refund", {"transaction": transaction, **members})


def refunds_of(sandbox, transaction, **params):
    query = urllib.parse.urlencode({"transaction": transaction, **params})
    return sandbox.paystack("GET", "/refund?" + query).json


def wait_for_events(sandbox, *events):
    wait_for(lambda: sandbox.paystack_receiver.events == list(events),
             f"{events}, have {sandbox.paystack_receiver.events}")
    with sandbox.paystack_receiver.lock:
        return [json.loads(body)["data"] for _, body in sandbox.paystack_receiver.received]


def is_error(answer, status, code):
    body = answer.json
    return answer.status == status and body["status"] is False and body["message"] and \
        body["type"] == "validation_error" and body["code"] == code and body["meta"]["nextStep"]
