"""One request shows why a payment is in its state."""
import itertools
import uuid

import pytest
from payapi_instance import wait_until


def timeline(payapi, payment, **options):
    answer = payapi.get(f"/api/v1/payments/{payment['id']}/timeline", **options)
    assert answer.status == 200, answer
    return answer.data


def summaries(payapi, payment):
    return [item["summary"] for item in timeline(payapi, payment, sub="root", role="admin")]


def comes_in_order(told, *story):
    places = [told.index(sentence) for sentence in story]
    assert all(a < b for a, b in itertools.pairwise(places)), told


def paid(payapi, amount="99.99", currency="USD"):
    order = payapi.create_order(amount, currency)
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return payment


def test_a_paid_payment_tells_its_whole_story(payapi):
    order = payapi.create_order(customerEmail="alice@example.com", description="For Alice Smith")
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    answer = payapi.get(f"/api/v1/payments/{payment['id']}/timeline")
    assert answer.status == 200
    kinds = [item["kind"] for item in answer.data]
    for kind in ("transition", "provider_call", "provider_answer", "webhook", "transaction", "event"):
        assert kind in kinds
    times = [item["at"] for item in answer.data]
    assert times == sorted(times)
    call = next(item for item in answer.data if item["kind"] == "provider_call")
    assert call["details"]["operation"] == "checkout" and call["details"]["verdict"] == "done"
    assert call["details"]["httpStatus"] == 200 and call["details"]["attempts"] == 1
    assert "unit_amount" in call["request"] and call["traceId"]
    for secret in (b"alice@example.com", b"Alice", b"Smith"):
        assert secret not in answer.body


def test_somebody_elses_timeline_is_missing(payapi):
    payment = payapi.checkout(payapi.create_order()).data["id"]
    assert payapi.get(f"/api/v1/payments/{payment}/timeline", sub="mallory").status == 404
    assert payapi.get(f"/api/v1/payments/{payment}/timeline", sub="root", role="admin").status == 200
    assert payapi.get("/api/v1/payments/pay_" + "0" * 26 + "/timeline").status == 404


def test_causes_come_before_effects(payapi):
    """Sorting by the times of requests is not enough: each of these once came before its cause."""
    payment = paid(payapi)
    refund = payapi.post(f"/api/v1/payments/{payment['id']}/refund", {"amount": 10.5}, sub="boss",
                         role="admin", headers={"Idempotency-Key": uuid.uuid4().hex})
    assert refund.status == 201, refund
    told = wait_until(lambda: (lambda all_told: all_told if "refund answered 200: done" in all_told
                               else None)(summaries(payapi, payment)), what="the refund's answer")
    comes_in_order(told, "order.created by shop:alice", "payment.created by shop:alice",
                   "payment.created announced", "checkout at stripe: done",
                   "checkout answered 200: done", "pending to processing by checkout",
                   "payment.processing announced", "charge of 99.99 USD",
                   "payment.completed announced", "refund.created by admin:boss",
                   "refund of 10.50 USD: succeeded", "refund.created announced",
                   "refund at stripe: done", "refund answered 200: done")
    comes_in_order(told, "refund.created announced", "refund of 10.50 USD", "refund.succeeded announced")
    [completed] = [sentence for sentence in told if sentence.startswith("processing to completed by ")]
    event = completed.removeprefix("processing to completed by ")
    comes_in_order(told, f"{event} from stripe: processed", completed, "charge of 99.99 USD")
    times = [item["at"] for item in timeline(payapi, payment)]
    assert times == sorted(times)


def test_a_cancelled_payment_is_told_in_order(payapi):
    payapi.webhook_settings(delivery="off")         # a webhook may come before the answer
    payment = payapi.checkout(payapi.create_order()).data
    assert payapi.post(f"/api/v1/payments/{payment['id']}/cancel", {}).data["status"] == "cancelled"
    payapi.webhook_settings(delivery="on")
    told = summaries(payapi, payment)
    [cancelled] = [sentence for sentence in told if sentence.startswith("processing to cancelled by ")]
    comes_in_order(told, "payment.processing announced", "expire at stripe: done", cancelled,
                   "payment.cancelled announced")
    comes_in_order(told, "expire at stripe: done", "expire answered 200: done")


@pytest.mark.parametrize("amount, currency, written", [("5000", "JPY", "5000 JPY"),
                                                       ("0.50", "EUR", "0.50 EUR"),
                                                       ("12.340", "KWD", "12.340 KWD")])
def test_amounts_are_written_as_people_write_them(payapi, amount, currency, written):
    assert f"charge of {written}" in summaries(payapi, paid(payapi, amount, currency))
