"""Faults of the provider, and what the client is told (docs/reliability.md section 2.2)."""
import select

import pytest


@pytest.fixture(autouse=True)
def no_faults_left(payapi):
    yield
    payapi.clear_faults()


def free_leases(payapi, order):
    """Ends the attempt's lease, so that a repeat need not wait for it."""
    payapi.rows("UPDATE payapi.provider_calls c SET lease_until = now() FROM payapi.payments p"
                " WHERE p.payment_id = c.payment_id AND p.order_id = %s AND c.finished_at IS NULL", order)


def charged_once(payapi, order):
    payapi.sandbox_do(payapi.payment_of(order)["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    assert len([c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]) == 1


@pytest.mark.parametrize("fault", [
    {"action": "lose_answer"}, {"action": "cut_headers", "after_work": True},
    {"action": "cut_body", "after_work": True}, {"action": "malformed", "after_work": True},
    {"action": "html", "after_work": True}, {"action": "huge", "after_work": True},
], ids=lambda f: f"{f['action']}-{f.get('status', '')}")
def test_an_unknown_outcome_is_pending_and_the_repeat_settles_it(payapi, fault):
    order = payapi.create_order()
    payapi.fault(**fault, order=order)
    first = payapi.checkout(order)
    assert first.status == 202, first
    assert first.headers["Retry-After"] and first.data["status"] == "pending"
    assert first.data["checkoutUrl"] is None
    assert first.json["meta"]["statusUrl"] == f"/api/v1/orders/{order}/payment-status"
    assert "do not repeat" in first.json["meta"]["note"]
    assert payapi.get(first.json["meta"]["statusUrl"]).data["id"] == first.data["id"]
    free_leases(payapi, order)
    second = payapi.checkout(order)
    assert second.status == 200 and second.data["id"] == first.data["id"], second
    charged_once(payapi, order)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_after_the_work_is_never_called_a_failure(payapi, status):
    """The provider replays a stored 5xx for its key, so only a webhook or a look-up tells the truth."""
    order = payapi.create_order()
    payapi.fault("status", status=status, after_work=True, order=order)
    first = payapi.checkout(order)
    assert first.status == 202 and first.data["status"] == "pending", first
    free_leases(payapi, order)
    again = payapi.checkout(order)
    assert again.status == 202 and again.data["id"] == first.data["id"], again
    free_leases(payapi, order)
    found = payapi.checkout(order)                      # looked up now, and not sent again
    assert found.status == 200 and found.data["checkoutUrl"], found
    sent = [r for r in payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]
            if r["path"] == "/v1/checkout/sessions" and order in r["body"]]
    assert len(sent) == 2 and len({(r["idempotency_key"], r["body"]) for r in sent}) == 1


@pytest.mark.parametrize("status", [429, 401, 403])
def test_what_was_not_executed_stays_pending_for_the_repeat(payapi, status):
    order = payapi.create_order()
    payapi.fault("status", status=status, order=order)
    first = payapi.checkout(order)
    assert (first.status, first.data["status"]) == (202, "pending") and int(first.headers["Retry-After"]) > 0, first
    again = payapi.checkout(order)
    assert again.status in (200, 201) and again.data["id"] == first.data["id"], again
    charged_once(payapi, order)


def test_a_provider_that_asks_for_years_is_asked_again_within_the_hour(payapi):
    order = payapi.create_order()
    payapi.fault("status", status=429, headers={"Retry-After": "220838400"}, order=order)
    answer = payapi.checkout(order)
    assert answer.status in (202, 503) and 0 < int(answer.headers["Retry-After"]) <= 60, answer
    wait = payapi.row("SELECT extract(epoch FROM c.next_at - now()) FROM payapi.provider_calls c"
                      " JOIN payapi.payments p USING (payment_id) WHERE p.order_id = %s", order)[0]
    assert 3500 < wait <= 3600
    assert payapi.checkout(order).status in (200, 201)


@pytest.mark.parametrize("fault, status, slug", [
    ({"action": "status", "status": 402}, 402, "payment-failed"),
    ({"action": "status", "status": 400}, 502, "provider-rejected-request"),
], ids=["402", "400"])
def test_a_refusal_frees_the_order(payapi, fault, status, slug):
    order = payapi.create_order()
    payapi.fault(**fault, order=order)
    refused = payapi.checkout(order)
    assert refused.status == status and refused.json["type"].endswith("/" + slug), refused
    assert payapi.payment_of(order)["status"] == "failed"
    assert payapi.checkout(order).status == 201
    charged_once(payapi, order)


def test_an_address_that_the_provider_refuses_is_the_clients_fault(payapi):
    """Case B44; another address, with a key of its own, pays the same order."""
    order = payapi.create_order(customerEmail="kim@example.c")
    payapi.fault("status", status=400, type="invalid_request_error", code="email_invalid",
                 message="Invalid email address: kim@example.c", order=order)
    refused = payapi.checkout(order)
    assert (refused.status, refused.json["slug"]) == (422, "validation-failed"), refused
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["#/customerEmail"]
    nothing_is_left_behind(payapi, order)
    again = payapi.post(f"/api/v1/orders/{order}/checkout", {"customerEmail": "kim@example.com"})
    assert again.status == 201, again


def nothing_is_left_behind(payapi, order):
    """Nothing except in the audit: nobody is shown a payment of the order."""
    assert payapi.get(f"/api/v1/orders/{order}/payment-status").status == 404
    listed = payapi.get("/api/v1/payments?status=failed&limit=100", sub="root", role="admin").data
    assert order not in [payment["orderId"] for payment in listed]
    audit = payapi.get(f"/api/v1/audit?orderId={order}&action=status", sub="root", role="admin").data
    assert [entry["body"]["notBegun"] for entry in audit] == ["yes"]


@pytest.mark.parametrize("code, message, slug, pointers", [
    ("invalid_email_address", "Invalid Email Address Passed", "validation-failed", ["#/customerEmail"]),
    ("invalid_params", "Invalid callback URL passed", "validation-failed", ["#/returnUrl"]),
    ("invalid_params", "Invalid Amount Sent", "invalid-amount", []),
])
def test_what_paystack_refuses_of_the_callers_is_his_fault_and_leaves_nothing(payapi, code, message, slug, pointers):
    order = payapi.create_order("100.00", "NGN", customerEmail="kim@example.com")
    payapi.fault("status", path="/transaction/initialize", status=400,
                 type="validation_error", code=code, message=message, order=order)
    url = f"/api/v1/orders/{order}/checkout"
    refused = payapi.post(url, {"provider": "paystack"})
    assert (refused.status, refused.json["slug"]) == (422, slug), refused
    assert [fault["pointer"] for fault in refused.json.get("errors", [])] == pointers
    nothing_is_left_behind(payapi, order)
    assert payapi.post(url, {"provider": "paystack"}).status == 201


def test_a_long_description_is_no_fault(payapi):
    """Case B47."""
    order = payapi.create_order(description="Set of twelve hand-made stoneware bowls, glazed in celadon, " * 5)
    assert payapi.checkout(order).status == 201


def test_an_amount_below_the_providers_minimum_is_the_clients_fault(payapi):
    order = payapi.create_order("0.01", "USD")
    answer = payapi.checkout(order)
    assert answer.status == 422 and answer.json["slug"] == "invalid-amount"
    assert answer.json["minimumMinor"] == 50 and "maximumMinor" not in answer.json


def test_an_amount_above_the_providers_maximum_is_the_clients_fault(payapi):
    """Stripe counts ISK in hundredths, and a card takes twelve digits."""
    answer = payapi.checkout(payapi.create_order("999999999999", "ISK"))
    assert answer.status == 422 and answer.json["slug"] == "invalid-amount", answer
    assert answer.json["maximumMinor"] == 9999999999 and "minimumMinor" not in answer.json


@pytest.mark.parametrize("action", ["wrong_amount", "wrong_currency"])
def test_a_page_with_another_amount_is_reviewed_and_not_handed_out(payapi, action):
    order = payapi.create_order()
    payapi.fault(action, after_work=True, order=order)
    answer = payapi.checkout(order)
    assert answer.status == 202 and answer.data["needsReview"] is True, answer
    assert answer.data["checkoutUrl"] is None
    again = payapi.checkout(order)
    assert again.status == 202 and again.data["checkoutUrl"] is None


def test_a_provider_that_hangs_does_not_hold_reads_up(payapi):
    order = payapi.create_order()
    payapi.fault("hang", seconds=6, after_work=True, times=1, order=order)
    connection = payapi.connect()
    connection.http.request("POST", f"/api/v1/orders/{order}/checkout", b"{}",
                            {"Authorization": "Bearer " + payapi.token(),
                             "Content-Type": "application/json"})
    for _ in range(20):
        assert payapi.get(f"/api/v1/orders/{order}").status == 200
    answered, _, _ = select.select([connection.http.sock], [], [], 0)
    assert answered == []
    answer = connection.http.getresponse()
    assert answer.status in (201, 202)
    connection.close()
