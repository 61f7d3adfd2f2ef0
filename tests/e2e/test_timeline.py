"""One request tells why a payment is as it is."""


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
