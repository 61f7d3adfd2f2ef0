"""An order is paid through nginx, a worker, PostgreSQL and the provider."""
import re

from payapi_instance import wait_until

from test_disputes import events_of, stripe


def test_an_order_goes_from_created_to_completed(payapi):
    created = payapi.post("/api/v1/orders", '{"id":"main-1","amount":99.99,"currency":"USD",'
                          '"description":"Two tickets","metadata":{"cart":"77"}}')
    assert created.status == 201
    assert created.json["success"] is True and created.json["statusCode"] == 201
    assert created.data["amountMinor"] == 9999 and b'"amount":99.99' in created.body
    assert created.data["status"] == "open" and created.data["metadata"] == {"cart": "77"}

    checkout = payapi.post("/api/v1/orders/main-1/checkout", {"currency": "USD"})
    assert checkout.status == 201, checkout
    payment = checkout.data
    assert re.fullmatch(r"pay_[0-9A-Z]{26}", payment["id"])
    assert payment["status"] == "processing" and payment["provider"] == "stripe"
    assert payment["checkoutUrl"].startswith("http://127.0.0.1:")

    payapi.sandbox_do(payment["externalId"], "pay")
    done = payapi.wait_for_status("main-1", "completed")
    assert done["completedAt"] and done["checkoutUrl"] is None and done["needsReview"] is False
    assert payapi.get("/api/v1/orders/main-1").data["status"] == "paid"
    assert payapi.get(f"/api/v1/payments/{payment['id']}").data == done

    charges = [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == "main-1"]
    assert [c["amount"] for c in charges] == [9999]
    assert payapi.rows("SELECT kind, amount_minor, currency FROM payapi.transactions"
                       " WHERE order_id = 'main-1'") == [("charge", 9999, "USD")]
    events = [r[0] for r in payapi.rows("SELECT event_type FROM payapi.audit_log WHERE event_id IS NOT NULL AND order_id = 'main-1'"
                                        " ORDER BY audit_id")]
    assert events == ["order.created", "payment.created", "payment.processing", "payment.completed"]


def test_the_payment_has_exactly_the_documented_shape(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    assert list(payment) == ["id", "orderId", "amount", "amountMinor", "currency", "status",
                             "provider", "externalId", "checkoutUrl", "failureReason",
                             "failureCode", "capturedAmount", "capturedAmountMinor",
                             "refundedAmount", "refundedAmountMinor", "dispute", "surplus",
                             "needsReview", "expiresAt", "createdAt", "updatedAt", "completedAt"]


def test_a_second_checkout_gives_the_live_payment(payapi):
    order = payapi.create_order()
    first = payapi.checkout(order)
    second = payapi.checkout(order)
    assert (first.status, second.status) == (201, 200)
    assert first.data["id"] == second.data["id"]
    assert first.data["checkoutUrl"] == second.data["checkoutUrl"]


def test_a_paid_order_is_not_charged_again(payapi):
    order = payapi.create_order()
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    again = payapi.checkout(order)
    assert again.status == 409
    assert again.json["type"].endswith("/payment-already-processed")


def test_a_declined_card_may_be_tried_again_on_the_same_page(payapi):
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "decline")
    failed = payapi.wait_for_status(order, "failed")
    assert failed["failureCode"] == "insufficient_funds" and failed["failureReason"]
    assert payapi.checkout(order).status == 200
    payapi.sandbox_do(session, "pay")
    assert payapi.wait_for_status(order, "completed")["failureCode"] is None


def test_an_expired_page_frees_the_order(payapi):
    order = payapi.create_order()
    first = payapi.checkout(order).data
    payapi.sandbox_do(first["externalId"], "expire")
    payapi.wait_for_status(order, "expired")
    second = payapi.checkout(order)
    assert second.status == 201 and second.data["id"] != first["id"]
    payapi.sandbox_do(second.data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")


def test_a_page_that_ends_after_a_declined_card_has_expired(payapi):
    """Stripe cancels the attempt's intent together with the page, and sends a separate event for it."""
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "decline")
    payapi.wait_for_status(order, "failed")
    payapi.sandbox_do(session, "expire")
    payapi.wait_for_status(order, "expired")
    wait_until(lambda: payapi.row(
        "SELECT count(*) FROM payapi.webhook_events JOIN payapi.payments USING (payment_id) WHERE order_id = %s AND"
        " type IN ('payment_intent.canceled', 'checkout.session.expired')", order) == (2,), 20, "both events")
    assert payapi.payment_of(order)["status"] == "expired"


def test_three_d_secure_asks_the_payer_and_then_completes(payapi):
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "require_action")
    payapi.wait_for_status(order, "requires_action")
    payapi.sandbox_do(session, "authenticate")
    payapi.wait_for_status(order, "completed")


def is_under_way(payapi, order):
    return payapi.rows("SELECT 1 FROM payapi.payments WHERE order_id = %s AND progress = 'processing'",
                       order)


def test_a_bank_debit_completes_later(payapi):
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "async_pay")
    wait_until(lambda: is_under_way(payapi, order), what="the debit to be under way")
    assert payapi.payment_of(order)["status"] == "processing"
    payapi.sandbox_do(session, "async_succeed")
    payapi.wait_for_status(order, "completed")


def test_a_bank_debit_that_fails_frees_the_order(payapi):
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "async_pay")
    wait_until(lambda: is_under_way(payapi, order), what="the debit to be under way")
    payapi.sandbox_do(session, "async_fail")
    payapi.wait_for_status(order, "failed")
    second = payapi.checkout(order)
    assert second.status == 201 and second.data["externalId"] != session


def failed_debit(payapi):
    """The intent's failure and the session's end are two events; here only the first one comes."""
    order = payapi.create_order()
    session = payapi.checkout(order).data["externalId"]
    payapi.sandbox_do(session, "async_pay")
    wait_until(lambda: is_under_way(payapi, order), what="the debit to be under way")
    payapi.webhook_settings(delivery="off")
    try:
        payapi.sandbox_do(session, "async_fail")
    finally:
        payapi.webhook_settings(delivery="on")
    intent = stripe(payapi, f"/v1/checkout/sessions/{session}")["payment_intent"]
    [failed] = events_of(payapi, intent, "payment_intent.payment_failed")
    assert payapi.deliver(failed).status == 200
    assert payapi.payment_of(order)["status"] == "failed"
    return order, session


def test_the_page_of_a_failed_debit_is_not_given_out_again(payapi):
    order, session = failed_debit(payapi)
    second = payapi.checkout(order)
    assert second.status == 201 and second.data["externalId"] != session
    payapi.sandbox_do(second.data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")


def test_currencies_without_and_with_three_decimals_reach_the_provider_right(payapi):
    for amount, currency, minor, provider_amount in [("500", "JPY", 500, 500),
                                                     ("5.120", "KWD", 5120, 5120),
                                                     ("1.5", "EUR", 150, 150)]:
        order = payapi.create_order(amount, currency)
        payment = payapi.checkout(order).data
        assert payment["amountMinor"] == minor
        payapi.sandbox_do(payment["externalId"], "pay")
        payapi.wait_for_status(order, "completed")
        [charge] = [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]
        assert (charge["amount"], charge["currency"]) == (provider_amount, currency.lower())


def test_an_amount_the_provider_cannot_take_is_refused_before_any_payment_exists(payapi):
    order = payapi.create_order("5.125", "KWD")
    answer = payapi.checkout(order)
    assert answer.status == 422 and answer.json["type"].endswith("/invalid-amount")
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404


def test_an_order_without_payment_has_no_payment_status(payapi):
    order = payapi.create_order()
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404


def test_somebody_elses_order_answers_exactly_as_a_missing_one(payapi):
    order = payapi.create_order(sub="alice")
    payment = payapi.checkout(order).data["id"]
    missing = "pay_" + "0" * 26
    for foreign, absent in [(f"/api/v1/orders/{order}", "/api/v1/orders/nope"),
                            (f"/api/v1/orders/{order}/payment-status",
                             "/api/v1/orders/nope/payment-status"),
                            (f"/api/v1/payments/{payment}", f"/api/v1/payments/{missing}")]:
        answers = [payapi.get(path, sub="mallory") for path in (foreign, absent)]
        bodies = [{k: v for k, v in a.json.items() if k not in ("instance", "timestamp", "traceId")}
                  for a in answers]
        assert [a.status for a in answers] == [404, 404] and bodies[0] == bodies[1]
    assert payapi.checkout(order, sub="mallory").status == 404
    assert payapi.get(f"/api/v1/orders/{order}", sub="root", role="admin").status == 200


def test_lists_show_own_orders_newest_first_in_both_paging_modes(payapi):
    made = [payapi.create_order(sub="lister", description=f"n{i}") for i in range(7)]
    newest_first = sorted(made, reverse=True)       # an id begins with its millisecond; the rest of it settles a tie
    assert [order[:len("ord_") + 10] for order in newest_first] == [order[:len("ord_") + 10] for order in made[::-1]]
    page = payapi.get("/api/v1/orders?limit=3&page=2", sub="lister")
    assert [o["id"] for o in page.data] == newest_first[3:6]
    assert page.json["meta"] == {"limit": 3, "page": 2, "pages": 3, "total": 7}

    seen, cursor = [], ""
    while cursor is not None:
        path = "/api/v1/orders?limit=3" + (f"&cursor={cursor}" if cursor else "")
        answer = payapi.get(path, sub="lister")
        seen += [o["id"] for o in answer.data]
        cursor = answer.json["meta"].get("nextCursor")
    assert seen == newest_first
    everything = payapi.get("/api/v1/orders?limit=100", sub="root", role="admin")
    assert set(made) <= {o["id"] for o in everything.data}


def test_every_answer_carries_its_trace_id(payapi):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = payapi.get("/api/v1/orders/none", headers={
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert answer.json["traceId"] == trace == answer.headers["X-Request-Id"]
    own = payapi.get("/api/v1/orders/none")
    assert own.json["traceId"] == own.headers["X-Request-Id"] != trace
