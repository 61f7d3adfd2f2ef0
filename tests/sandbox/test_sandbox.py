"""payapi-sandbox, from the outside: the Stripe it plays and the way tests direct it."""
import concurrent.futures
import html
import http.client
import json
import re
import shlex
import subprocess
import time
import urllib.parse

import pytest

from conftest import (SECRET_KEY, Receiver, Sandbox, basic, flatten, order, signature_is_right,
                      wait_for)

SESSIONS = "/v1/checkout/sessions"


# --- Sessions ------------------------------------------------------------------------------


def test_a_new_session_is_open_and_has_no_intent(sandbox):
    answer = sandbox.create()
    session = answer.json
    assert answer.status == 200
    assert re.fullmatch(r"req_\w+", answer.headers["Request-Id"])
    assert re.fullmatch(r"cs_test_\w+", session["id"])
    assert session["object"] == "checkout.session" and session["livemode"] is False
    assert (session["status"], session["payment_status"]) == ("open", "unpaid")
    assert session["payment_intent"] is None
    assert (session["amount_total"], session["currency"]) == (9999, "usd")
    assert session["client_reference_id"] == "abc-123"
    assert session["metadata"] == {"order_id": "abc-123"}
    assert session["url"] == f"{sandbox.url}/pay/{session['id']}"
    assert session["expires_at"] == session["created"] + 24 * 3600
    assert sandbox.retrieve(session) == session


def test_brackets_may_be_percent_encoded_or_raw(sandbox):
    raw = "&".join(f"{name}={urllib.parse.quote(value)}" for name, value in flatten(order()))
    encoded = urllib.parse.urlencode(flatten(order()))
    assert "%5B" in encoded and "[" in raw
    for body in (raw, encoded):
        assert sandbox.api("POST", SESSIONS, body=body).status == 200


def test_line_items_add_up(sandbox):
    item = order()["line_items"][0]
    session = sandbox.session(line_items=[dict(item, quantity=3), item])
    assert session["amount_total"] == 4 * 9999


def test_expiring_works_once(sandbox):
    session = sandbox.session()
    path = f"{SESSIONS}/{session['id']}/expire"
    expired = sandbox.api("POST", path)
    assert expired.status == 200
    assert (expired.json["status"], expired.json["url"]) == ("expired", None)
    assert sandbox.api("POST", path).status == 400
    sandbox.wait_for_types("checkout.session.expired")


def test_a_session_expires_by_itself(sandbox):
    session = sandbox.session(expires_at=int(time.time()) + 1830)
    sandbox.control("clock", {"advance_s": 1700})
    assert sandbox.retrieve(session)["status"] == "open"
    sandbox.control("clock", {"advance_s": 200})
    assert sandbox.retrieve(session)["status"] == "expired"
    sandbox.wait_for_types("checkout.session.expired")


def test_sessions_are_listed_newest_first_in_pages(sandbox):
    ids = [sandbox.session()["id"] for _ in range(5)][::-1]

    def page(**params):
        answer = sandbox.api("GET", SESSIONS, params).json
        return [session["id"] for session in answer["data"]], answer["has_more"]

    assert page(limit=2) == (ids[:2], True)
    assert page(limit=2, starting_after=ids[1]) == (ids[2:4], True)
    assert page(limit=2, starting_after=ids[3]) == (ids[4:], False)
    assert page(limit=2, ending_before=ids[3]) == (ids[1:3], True)
    assert page(limit=2, ending_before=ids[0]) == ([], False)
    assert page() == (ids, False)


def test_a_session_is_found_by_its_intent(sandbox):
    intent = sandbox.paid_intent()
    sandbox.paid_intent()
    found = sandbox.api("GET", SESSIONS, {"payment_intent": intent}).json["data"]
    assert [session["payment_intent"] for session in found] == [intent]
    assert sandbox.api("GET", SESSIONS, {"payment_intent": "pi_none"}).json["data"] == []


def test_expanding_puts_the_object_for_its_id(sandbox):
    session = sandbox.session()
    sandbox.control(f"sessions/{session['id']}/pay", {})
    path = f"{SESSIONS}/{session['id']}"
    expanded = sandbox.api("GET", path, {"expand": ["payment_intent.latest_charge"]}).json
    assert expanded["payment_intent"]["object"] == "payment_intent"
    assert expanded["payment_intent"]["latest_charge"]["object"] == "charge"
    assert sandbox.api("GET", path, {"expand": ["nonsense"]}).error["param"] == "expand"


# --- What Stripe refuses -------------------------------------------------------------------


@pytest.mark.parametrize("changes, code, param", [
    ({"foo": "1"}, "parameter_unknown", "foo"),
    ({"payment_intent_data": {"foo": "1"}}, "parameter_unknown", "payment_intent_data[foo]"),
    ({"mode": None}, "parameter_missing", "mode"),
    ({"line_items": None}, "parameter_missing", "line_items"),
    ({"success_url": None}, "parameter_missing", "success_url"),
    ({"line_items": [{"quantity": 1}]}, "parameter_missing",
     "line_items[0][price_data][currency]"),
    ({"mode": "gift"}, None, "mode"),
    ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
    ({"expires_at": int(time.time()) + 60}, None, "expires_at"),
    ({"expires_at": int(time.time()) + 90000}, None, "expires_at"),
    ({"success_url": "javascript:alert(1)"}, "url_invalid", "success_url"),
    ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
    ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
    ({"client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
    ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
    ({"metadata": {"k": "v" * 501}}, None, "metadata"),
    ({"metadata": "text"}, None, "metadata"),
    ({"allow_promotion_codes": "yes"}, None, "allow_promotion_codes"),
    ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types[0]"),
])
def test_wrong_parameters_are_named(sandbox, changes, code, param):
    answer = sandbox.create(**changes)
    assert answer.status == 400
    assert answer.error["type"] == "invalid_request_error"
    assert (answer.error.get("code"), answer.error["param"]) == (code, param)
    assert sandbox.sessions_made() == 0


def test_at_most_50_metadata_keys(sandbox):
    assert sandbox.create(metadata={f"k{i}": "v" for i in range(50)}).status == 200
    assert sandbox.create(metadata={f"k{i}": "v" for i in range(51)}).status == 400


def test_metadata_limits_count_characters_not_bytes(sandbox):
    session = sandbox.session(metadata={"key": "é" * 500})
    assert session["metadata"]["key"] == "é" * 500


@pytest.mark.parametrize("amount, currency, code", [
    (50, "usd", None), (49, "usd", "amount_too_small"),
    (50, "jpy", None), (49, "jpy", "amount_too_small"),
    (17500, "huf", None), (17499, "huf", "amount_too_small"),
    (5120, "kwd", None), (5124, "kwd", "parameter_invalid_integer"),
    (500, "isk", None), (550, "isk", "parameter_invalid_integer"),
    (10 ** 12 - 1, "usd", None), (10 ** 12, "usd", "amount_too_large"),
])
def test_amounts_keep_to_the_rules_of_the_currency(sandbox, amount, currency, code):
    answer = sandbox.create(amount=amount, currency=currency)
    assert answer.status == (400 if code else 200)
    if code:
        assert answer.error["code"] == code


@pytest.mark.parametrize("currency", ["USD", "xyz", "us", "dollar"])
def test_unknown_currencies_are_refused(sandbox, currency):
    assert sandbox.create(currency=currency).error["param"].endswith("[currency]")


@pytest.mark.parametrize("body", [b"mode", b"mode=%zz", b"mode=%00", b"mode=%ff", b"a[b=1", b"[a]=1",
                                  b"mode=payment&mode=payment"])
def test_malformed_forms_are_refused(sandbox, body):
    assert sandbox.api("POST", SESSIONS, body=body).status == 400


def test_older_versions_still_take_payment_method_types(sandbox):
    answer = sandbox.api("POST", SESSIONS, order(payment_method_types=["card"]),
                         Stripe_Version="2023-08-16")
    assert answer.status == 200
    assert answer.headers["Stripe-Version"] == "2023-08-16"
    assert sandbox.api("GET", "/v1/balance", Stripe_Version="yesterday").status == 400


@pytest.mark.parametrize("authorization, status", [
    ("Bearer " + SECRET_KEY, 200), (basic(SECRET_KEY + ":"), 200),
    ("Bearer sk_test_wrong", 401), ("", 401), (basic("sk_test_wrong:"), 401), ("Basic !", 401),
])
def test_only_the_key_opens(sandbox, authorization, status):
    answer = sandbox.api("GET", "/v1/balance", Authorization=authorization)
    assert answer.status == status
    if status == 401:
        assert answer.error["type"] == "invalid_request_error"


def test_what_does_not_exist_is_404(sandbox):
    for path in ("checkout/sessions/cs_1", "payment_intents/pi_1", "charges/ch_1",
                 "refunds/re_1", "events/evt_1"):
        answer = sandbox.api("GET", "/v1/" + path)
        assert (answer.status, answer.error["code"]) == (404, "resource_missing")
    assert sandbox.api("GET", "/v1/nonsense").status == 404


# --- Idempotency ---------------------------------------------------------------------------


def test_the_same_key_gives_the_same_answer(sandbox):
    first, second = sandbox.create(key="k1"), sandbox.create(key="k1")
    assert second.body == first.body
    assert first.headers["Idempotent-Replayed"] is None
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert sandbox.sessions_made() == 1


def test_the_order_of_parameters_does_not_matter(sandbox):
    pairs = flatten(order())
    for encoded in (urllib.parse.urlencode(pairs), urllib.parse.urlencode(pairs[::-1])):
        assert sandbox.api("POST", SESSIONS, body=encoded, key="k1").status == 200
    assert sandbox.sessions_made() == 1


def test_a_key_is_bound_to_its_request(sandbox):
    session = sandbox.create(key="k1").json
    for answer in (sandbox.create(key="k1", amount=10000),
                   sandbox.api("POST", f"{SESSIONS}/{session['id']}/expire", key="k1")):
        assert (answer.status, answer.error["type"]) == (400, "idempotency_error")


def test_a_running_key_is_in_use(sandbox):
    sandbox.fault("hang", path=SESSIONS, seconds=60, times=-1)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        both = [pool.submit(sandbox.create, key="k1") for _ in range(2)]
        (loser,), (winner,) = concurrent.futures.wait(both, 20, concurrent.futures.FIRST_COMPLETED)
        assert loser.result().status == 409
        assert loser.result().error["code"] == "idempotency_key_in_use"
        sandbox.control("faults", method="DELETE")
        assert winner.result().status == 200
    assert sandbox.create(key="k1").json["id"] == winner.result().json["id"]
    assert sandbox.sessions_made() == 1


def test_refusals_leave_the_key_free(sandbox):
    assert sandbox.create(key="k1", foo="1").status == 400
    assert sandbox.api("POST", SESSIONS, order(), "k1", Authorization="Bearer no").status == 401
    sandbox.fault("status", status=429)
    assert sandbox.create(key="k1").status == 429
    assert sandbox.create(key="k1").status == 200


def test_an_error_after_the_start_is_replayed(sandbox):
    sandbox.fault("status", status=500, after_work=True)
    assert [sandbox.create(key="k1").status for _ in range(2)] == [500, 500]
    assert sandbox.sessions_made() == 1
    sandbox.fault("status", status=500)
    assert [sandbox.create(key="k2").status for _ in range(2)] == [500, 500]
    assert sandbox.sessions_made() == 1


def test_keys_are_forgotten_after_a_day(sandbox):
    first = sandbox.create(key="k1").json
    sandbox.control("clock", {"advance_s": 24 * 3600})
    assert sandbox.create(key="k1").json["id"] != first["id"]


def test_foreign_bytes_are_refused_not_fatal(sandbox):
    assert sandbox.create(key="k\xff").status == 400
    assert sandbox.create(expires_at="1" + "é" * 100).error["code"] == "parameter_invalid_integer"
    assert sandbox.control("health")["status"] == "ok"


def test_a_key_has_at_most_255_bytes(sandbox):
    assert sandbox.create(key="k" * 255).status == 200
    assert sandbox.create(key="k" * 256).status == 400


# --- The payment page ----------------------------------------------------------------------


def press(sandbox, session, button):
    return sandbox.request("POST", f"/pay/{session['id']}/{button}")


def test_the_page_shows_the_order_and_escapes_it(sandbox):
    page = sandbox.request("GET", f"/pay/{sandbox.session()['id']}")
    assert page.status == 200
    assert "Order &lt;abc-123&gt; &amp; &quot;more&quot;" in page.text
    assert '<p id="amount">USD 99.99</p>' in page.text
    assert "a sandbox of Stripe" in page.text and "To shop.example<" in page.text
    for element in ("pay", "decline", "three-d-secure", "bank-debit", "leave"):
        assert f'id="{element}"' in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "form-action 'self' https://shop.example" in policy
    assert sandbox.request("GET", "/pay/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("amount, currency, shown", [
    (500, "jpy", "JPY 500"), (5120, "kwd", "KWD 5.120"), (500, "isk", "ISK 5.00"), (100000, "usd", "USD 1,000.00"),
    (99999, "usd", "USD 999.99"), (123456, "jpy", "JPY 123,456"), (99999999, "usd", "USD 999,999.99")])
def test_amounts_are_grouped_and_have_the_decimals_of_their_currency(sandbox, amount, currency, shown):
    session = sandbox.session(amount=amount, currency=currency)
    assert f'id="amount">{shown}<' in sandbox.request("GET", f"/pay/{session['id']}").text


def test_paying_by_card(sandbox):
    session = sandbox.session()
    answer = press(sandbox, session, "pay")
    assert answer.status == 303
    assert answer.headers["Location"] == f"https://shop.example/ok?session={session['id']}"
    paid = sandbox.retrieve(session)
    assert (paid["status"], paid["payment_status"], paid["url"]) == ("complete", "paid", None)
    intent = sandbox.api("GET", "/v1/payment_intents/" + paid["payment_intent"]).json
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 9999)
    assert intent["metadata"] == {"payment_id": "p1"}
    charge = sandbox.api("GET", "/v1/charges/" + intent["latest_charge"]).json
    assert (charge["status"], charge["captured"], charge["amount_captured"]) == \
        ("succeeded", True, 9999)
    sandbox.wait_for_types("payment_intent.created", "charge.succeeded",
                           "payment_intent.succeeded", "checkout.session.completed")
    assert press(sandbox, session, "pay").status == 303
    assert len(sandbox.control("ledger")["charges"]) == 1


def test_a_decline_is_not_final(sandbox):
    session = sandbox.session()
    answer = press(sandbox, session, "decline")
    assert (answer.status, answer.headers["Location"]) == (303, f"/pay/{session['id']}")
    assert "insufficient funds" in sandbox.request("GET", answer.headers["Location"]).text
    declined = sandbox.retrieve(session)
    assert declined["status"] == "open"
    error = sandbox.api("GET", "/v1/payment_intents/" + declined["payment_intent"]) \
        .json["last_payment_error"]
    assert (error["code"], error["decline_code"]) == ("card_declined", "insufficient_funds")
    assert sandbox.control("ledger")["charges"] == []
    press(sandbox, session, "pay")
    assert sandbox.retrieve(session)["payment_status"] == "paid"
    sandbox.wait_for_types("payment_intent.created", "charge.failed",
                           "payment_intent.payment_failed", "charge.succeeded",
                           "payment_intent.succeeded", "checkout.session.completed")


def test_three_d_secure(sandbox):
    session = sandbox.session()
    bank = press(sandbox, session, "three-d-secure").headers["Location"]
    page = sandbox.request("GET", bank).text
    assert 'id="authenticate"' in page and 'id="fail-authentication"' in page
    intent = sandbox.retrieve(session)["payment_intent"]
    waiting = sandbox.api("GET", "/v1/payment_intents/" + intent).json
    assert waiting["status"] == "requires_action"
    assert waiting["next_action"]["redirect_to_url"]["url"] == sandbox.url + bank
    back = press(sandbox, session, "fail-authentication").headers["Location"]
    assert "unable to authenticate" in sandbox.request("GET", back).text
    assert press(sandbox, session, "authenticate").status == 409
    press(sandbox, session, "three-d-secure")
    assert press(sandbox, session, "authenticate").headers["Location"].startswith("https://shop.")
    assert sandbox.retrieve(session)["payment_status"] == "paid"
    sandbox.wait_for_types("payment_intent.created", "payment_intent.requires_action",
                           "payment_intent.payment_failed", "payment_intent.requires_action",
                           "charge.succeeded", "payment_intent.succeeded",
                           "checkout.session.completed")


@pytest.mark.parametrize("end, status, last", [
    ("async_succeed", "paid", ("charge.succeeded", "payment_intent.succeeded",
                               "checkout.session.async_payment_succeeded")),
    ("async_fail", "unpaid", ("charge.failed", "payment_intent.payment_failed",
                              "checkout.session.async_payment_failed"))])
def test_a_bank_debit_ends_later(sandbox, end, status, last):
    session = sandbox.session()
    assert press(sandbox, session, "bank-debit").status == 303
    waiting = sandbox.retrieve(session)
    assert (waiting["status"], waiting["payment_status"]) == ("complete", "unpaid")
    assert sandbox.control("ledger")["charges"] == []
    ended = sandbox.control(f"sessions/{session['id']}/{end}", {})
    assert (ended["status"], ended["payment_status"]) == ("complete", status)
    sandbox.wait_for_types("payment_intent.created", "charge.pending",
                           "payment_intent.processing", "checkout.session.completed", *last)
    assert len(sandbox.control("ledger")["charges"]) == (status == "paid")


def test_leaving_keeps_the_session_open(sandbox):
    session = sandbox.session()
    assert press(sandbox, session, "leave").headers["Location"] == "https://shop.example/cancel"
    assert sandbox.retrieve(session)["status"] == "open"
    without = sandbox.session(cancel_url=None)
    assert 'id="leave"' not in sandbox.request("GET", f"/pay/{without['id']}").text


def test_an_expired_page_takes_no_money(sandbox):
    session = sandbox.session()
    sandbox.control(f"sessions/{session['id']}/expire", {})
    assert sandbox.request("GET", f"/pay/{session['id']}").status == 410
    assert press(sandbox, session, "pay").status == 409
    assert sandbox.control("ledger")["charges"] == []
    assert sandbox.request("GET", "/pay/cs_test_none").status == 404


def test_an_intent_is_canceled_with_its_session(sandbox):
    session = sandbox.control(f"sessions/{sandbox.session()['id']}/decline",
                              {"decline_code": "lost_card"})
    path = f"/v1/payment_intents/{session['payment_intent']}"
    refused = sandbox.api("POST", path + "/cancel")
    assert (refused.status, refused.error["code"]) == (400, "payment_intent_unexpected_state")
    sandbox.control(f"sessions/{session['id']}/expire", {})
    assert sandbox.api("GET", path).json["status"] == "canceled"
    wait_for(lambda: sandbox.receiver.types[-2:] == ["payment_intent.canceled",
                                                     "checkout.session.expired"], "events")


def test_an_intent_whose_debit_failed_can_be_canceled(sandbox):
    session = sandbox.session()
    for act in ("async_pay", "async_fail"):
        session = sandbox.control(f"sessions/{session['id']}/{act}", {})
    answer = sandbox.api("POST", f"/v1/payment_intents/{session['payment_intent']}/cancel",
                         {"cancellation_reason": "abandoned"})
    assert (answer.json["status"], answer.json["cancellation_reason"]) == ("canceled", "abandoned")


# --- Refunds -------------------------------------------------------------------------------


def refund(sandbox, **params):
    return sandbox.api("POST", "/v1/refunds", params)


def test_partial_refunds_up_to_the_charge(sandbox):
    intent = sandbox.paid_intent()
    first = refund(sandbox, payment_intent=intent, amount=2500, reason="requested_by_customer",
                   metadata={"refund_id": "r1"}).json
    assert (first["status"], first["amount"], first["currency"]) == ("succeeded", 2500, "usd")
    assert first["metadata"] == {"refund_id": "r1"}
    assert refund(sandbox, payment_intent=intent, amount=7500).error["code"] == "amount_too_large"
    second = refund(sandbox, charge=first["charge"]).json
    assert second["amount"] == 7499
    assert refund(sandbox, payment_intent=intent).error["code"] == "charge_already_refunded"
    charge = sandbox.api("GET", "/v1/charges/" + first["charge"]).json
    assert (charge["amount_refunded"], charge["refunded"]) == (9999, True)
    listed = sandbox.api("GET", "/v1/refunds", {"payment_intent": intent}).json["data"]
    assert [each["id"] for each in listed] == [second["id"], first["id"]]
    assert sandbox.api("GET", "/v1/refunds/" + first["id"]).json == first
    ledger = sandbox.control("ledger")
    assert ledger["charges"][0]["amount_refunded"] == 9999
    assert [each["amount"] for each in ledger["refunds"]] == [2500, 7499]
    wait_for(lambda: sandbox.receiver.types[-4:] == ["refund.created", "charge.refunded"] * 2,
             "refund events")


def test_what_cannot_be_refunded(sandbox):
    declined = sandbox.control(f"sessions/{sandbox.session()['id']}/decline", {})
    assert refund(sandbox, payment_intent=declined["payment_intent"]).error["code"] == \
        "charge_not_refundable"
    assert refund(sandbox, payment_intent="pi_none").status == 404
    assert refund(sandbox).error["code"] == "parameter_missing"
    assert refund(sandbox, payment_intent="pi_none", amount=0).error["param"] == "amount"
    assert refund(sandbox, payment_intent="pi_none", reason="mood").error["param"] == "reason"


def test_a_pending_refund_is_settled_later(sandbox):
    sandbox.control("settings", {"refund_status": "pending"})
    intent = sandbox.paid_intent()
    pending = refund(sandbox, payment_intent=intent).json
    assert (pending["status"], pending["pending_reason"]) == ("pending", "processing")
    assert sandbox.control(f"refunds/{pending['id']}/succeed", {})["status"] == "succeeded"
    failed = sandbox.control(f"refunds/{pending['id']}/fail", {})
    assert (failed["status"], failed["failure_reason"]) == ("failed", "expired_or_canceled_card")
    sandbox.control(f"refunds/{pending['id']}/succeed", {}, status=409)
    assert sandbox.control("ledger")["charges"][0]["amount_refunded"] == 0
    wait_for(lambda: sandbox.receiver.types[-5:] == [
        "refund.created", "charge.refunded", "refund.updated", "refund.updated", "refund.failed"],
        "refund events")


def test_a_refund_is_canceled_only_while_it_requires_action(sandbox):
    done = refund(sandbox, payment_intent=sandbox.paid_intent()).json
    assert sandbox.api("POST", f"/v1/refunds/{done['id']}/cancel").status == 400
    sandbox.control("settings", {"refund_status": "requires_action"})
    waiting = refund(sandbox, payment_intent=sandbox.paid_intent()).json
    assert waiting["status"] == "requires_action"
    assert sandbox.api("POST", f"/v1/refunds/{waiting['id']}/cancel").json["status"] == "canceled"


def test_a_dashboard_refund_has_no_request_behind_it(sandbox):
    intent = sandbox.paid_intent()
    made = sandbox.control(f"payment_intents/{intent}/refund", {"amount": 100})
    assert (made["amount"], made["metadata"]) == (100, {})
    event = sandbox.api("GET", "/v1/events", {"type": "refund.created"}).json["data"][0]
    assert event["data"]["object"]["id"] == made["id"]
    assert event["request"] == {"id": None, "idempotency_key": None}


# --- Events and webhooks -------------------------------------------------------------------


def test_webhooks_are_signed_over_their_raw_bytes(sandbox):
    sandbox.paid_intent()
    wait_for(lambda: len(sandbox.receiver.received) == 4, "four webhooks")
    assert all(signature_is_right(*each) for each in sandbox.receiver.received)
    envelope = json.loads(sandbox.receiver.received[0][1])
    assert (envelope["object"], envelope["api_version"], envelope["livemode"]) == \
        ("event", "2026-10-28.endive", False)


def test_a_refused_webhook_is_sent_again_and_the_next_one_waits(sandbox):
    sandbox.receiver.statuses[:] = [500, 302]
    sandbox.paid_intent()
    wait_for(lambda: len(sandbox.receiver.received) == 6, "six attempts")
    types = sandbox.receiver.types
    assert types[:4] == ["payment_intent.created"] * 3 + ["charge.succeeded"]
    attempts = {each["type"]: each["attempts"]
                for each in deliveries(sandbox, lambda state: state["pending"] == 0)["deliveries"]}
    assert attempts["payment_intent.created"] == 3 and attempts["charge.succeeded"] == 1


def deliveries(sandbox, condition):
    return wait_for(lambda: (lambda state: state if condition(state) else None)(
        sandbox.control("webhooks/deliveries")), "deliveries")


def test_events_are_listed_with_filters(sandbox):
    intent = sandbox.paid_intent()
    deliveries(sandbox, lambda state: state["pending"] == 0)
    sandbox.control("webhooks/settings", {"delivery": "off"})
    answer = sandbox.api("POST", "/v1/refunds", {"payment_intent": intent}, key="k9")

    def types(**params):
        return [event["type"] for event in
                sandbox.api("GET", "/v1/events", params).json["data"]][::-1]

    assert types(delivery_success="false") == ["refund.created", "charge.refunded"]
    assert types(type="payment_intent.*") == ["payment_intent.created", "payment_intent.succeeded"]
    assert types(types=["refund.created", "charge.succeeded"]) == \
        ["charge.succeeded", "refund.created"]
    assert types(created={"gte": int(time.time()) + 100}) == []
    newest = sandbox.api("GET", "/v1/events", {"type": "refund.created"}).json["data"][0]
    assert newest["request"] == {"id": answer.headers["Request-Id"], "idempotency_key": "k9"}
    assert newest["pending_webhooks"] == 1
    assert sandbox.api("GET", "/v1/events/" + newest["id"]).json == newest
    assert types(ending_before=newest["id"]) == ["charge.refunded"]


def test_held_webhooks_wait_for_the_flush(sandbox):
    sandbox.control("webhooks/settings", {"delivery": "hold"})
    sandbox.paid_intent()
    assert sandbox.control("webhooks/deliveries")["held"] == 4
    assert sandbox.receiver.received == []
    assert sandbox.control("webhooks/flush", {}) == {"flushed": 4}
    wait_for(lambda: len(sandbox.receiver.received) == 4, "four webhooks")


def test_duplicates_and_resends(sandbox):
    sandbox.control("webhooks/settings", {"duplicate": 1})
    sandbox.paid_intent()
    wait_for(lambda: len(sandbox.receiver.received) == 8, "eight webhooks")
    first = sandbox.control("webhooks/deliveries")["deliveries"][0]["event"]
    sandbox.control(f"webhooks/resend/{first}", {})
    wait_for(lambda: len(sandbox.receiver.received) == 9, "the ninth")
    assert json.loads(sandbox.receiver.received[-1][1])["id"] == first
    sandbox.control("webhooks/resend/evt_none", {}, status=404)


def test_shuffled_webhooks_arrive_in_another_order(sandbox):
    sandbox.control("webhooks/settings", {"shuffle": True, "seed": 7})
    for _ in range(5):
        sandbox.paid_intent()
    wait_for(lambda: len(sandbox.receiver.received) == 20, "twenty webhooks")
    made = [each["event"] for each in sandbox.control("webhooks/deliveries")["deliveries"]]
    arrived = [json.loads(body)["id"] for _, body in sandbox.receiver.received]
    assert sorted(made) == sorted(arrived) and made != arrived


def test_dropped_webhooks_never_arrive_yet_can_be_resent(sandbox):
    sandbox.control("webhooks/settings", {"drop_probability": 1})
    sandbox.paid_intent()
    state = sandbox.control("webhooks/deliveries")
    assert state["pending"] == 0 and all(each["dropped"] for each in state["deliveries"])
    sandbox.control("webhooks/resend/" + state["deliveries"][3]["event"], {})
    sandbox.wait_for_types("checkout.session.completed")


# --- Faults --------------------------------------------------------------------------------


def test_a_status_before_the_work_does_nothing(sandbox):
    sandbox.fault("status", path=SESSIONS, status=503, headers={"Stripe-Should-Retry": "true"})
    answer = sandbox.create()
    assert (answer.status, answer.error["type"]) == (503, "api_error")
    assert answer.headers["Stripe-Should-Retry"] == "true"
    assert sandbox.sessions_made() == 0
    assert sandbox.create().status == 200


def test_a_lost_answer_leaves_the_work_done(sandbox):
    sandbox.fault("lose_answer")
    with pytest.raises(http.client.RemoteDisconnected):
        sandbox.create(key="k1")
    assert sandbox.sessions_made() == 1
    assert sandbox.create(key="k1").headers["Idempotent-Replayed"] == "true"
    assert sandbox.sessions_made() == 1


def test_a_reset_comes_before_the_work(sandbox):
    sandbox.fault("reset")
    with pytest.raises(ConnectionResetError):
        sandbox.create()
    assert sandbox.sessions_made() == 0


def test_a_cut_head_and_a_cut_body(sandbox):
    sandbox.fault("cut_body")
    with pytest.raises(http.client.IncompleteRead) as cut:
        sandbox.create()
    assert cut.value.partial.startswith(b"{") and cut.value.expected > 0
    sandbox.fault("cut_headers")
    assert sandbox.create().body == b""
    assert sandbox.sessions_made() == 2


def test_a_malformed_body(sandbox):
    sandbox.fault("malformed")
    answer = sandbox.create()
    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json


def test_a_page_instead_of_json(sandbox):
    sandbox.fault("html", status=502)
    answer = sandbox.create()
    assert (answer.status, answer.headers["Content-Type"]) == (502, "text/html")
    assert sandbox.sessions_made() == 0
    sandbox.fault("html", after_work=True)
    assert sandbox.create().status == 502
    assert sandbox.sessions_made() == 1


def test_a_huge_body(sandbox):
    sandbox.fault("huge")
    assert len(sandbox.create().body) == 10 * 1024 * 1024


def test_wrong_amount_and_currency(sandbox):
    sandbox.fault("wrong_amount")
    assert sandbox.session()["amount_total"] == 10000
    sandbox.fault("wrong_currency")
    assert sandbox.session()["currency"] == "eur"


def test_latency_holds_nobody_else_up(sandbox):
    sandbox.fault("latency", path=SESSIONS, times=-1, latency_ms=500)
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(128) as pool:
        answers = [pool.submit(sandbox.create) for _ in range(128)]
        for answer in answers:
            assert answer.result().status == 200
    assert 0.5 <= time.monotonic() - begun < 10
    assert sandbox.sessions_made() == 128


def test_a_hang_after_the_work(sandbox):
    sandbox.fault("hang", path=SESSIONS, seconds=60, after_work=True)
    with pytest.raises(TimeoutError):
        sandbox.api("POST", SESSIONS, order(), timeout=0.5)
    assert sandbox.sessions_made() == 1
    sandbox.control("faults", method="DELETE")


def test_faults_strike_as_often_as_they_say(sandbox):
    sandbox.fault("status", path=SESSIONS, times=2)
    assert [sandbox.create().status for _ in range(3)] == [500, 500, 200]
    sandbox.control("faults", {"action": "status", "match": {"contains": "unlucky"}})
    assert sandbox.create().status == 200
    assert sandbox.create(client_reference_id="unlucky").status == 500


def test_a_probability_is_repeatable(sandbox):
    def run():
        sandbox.control("faults", method="DELETE")
        sandbox.fault("status", path="/v1/balance", probability=0.5, seed=42)
        return [sandbox.api("GET", "/v1/balance").status for _ in range(40)]

    first = run()
    assert run() == first and set(first) == {200, 500}


@pytest.mark.parametrize("fault", [
    {}, {"action": "explode"}, {"action": "status", "statsu": 500},
    {"action": "status", "status": 99}, {"action": "reset", "after_work": True},
    {"action": "status", "probability": 2}, {"action": "latency", "latency_ms": -1},
    {"action": "status", "headers": {f"X-{number}": "1" for number in range(5)}},
    {"action": "status", "headers": {"Retry-After": 5}}])
def test_a_misspelt_fault_is_refused(sandbox, fault):
    assert sandbox.control("faults", fault, status=400)["error"]
    assert sandbox.control("faults")["faults"] == []


# --- What a test can see -------------------------------------------------------------------


def test_requests_are_kept(sandbox):
    sandbox.api("POST", SESSIONS, order(), "k1", Stripe_Version="2023-08-16")
    sandbox.api("GET", "/v1/balance")
    last, first = sandbox.control("requests?limit=2")["requests"]
    assert (last["method"], last["status"]) == ("GET", 200)
    assert (first["idempotency_key"], first["stripe_version"]) == ("k1", "2023-08-16")
    assert "client_reference_id=abc-123" in first["body"]
    assert SECRET_KEY not in json.dumps(first)
    counts = {(each["method"], each["path"]): each["count"]
              for each in sandbox.control("ledger")["requests"]}
    assert counts == {("POST", SESSIONS): 1, ("GET", "/v1/balance"): 1}


def test_control_refuses_what_it_does_not_know(sandbox):
    sandbox.control("nonsense", status=404)
    sandbox.control("clock", {"advance": 1}, status=400)
    sandbox.control("settings", {"refund_status": "maybe"}, status=400)
    sandbox.control("sessions/cs_none/pay", {}, status=404)
    assert sandbox.request("POST", "/_sandbox/clock", "{").status == 400
    assert sandbox.control("health")["status"] == "ok"


def test_a_body_beyond_the_limit_is_refused(sandbox):
    assert sandbox.api("POST", SESSIONS, body="a=" + "x" * (1024 * 1024)).status == 413


# --- The program ---------------------------------------------------------------------------


def run(sandbox, *arguments):
    return subprocess.run([sandbox.process.args[0], *arguments], capture_output=True, text=True,
                          timeout=20, env={})


def test_the_command_line(sandbox):
    assert run(sandbox, "--help").stdout.startswith("Usage: payapi-sandbox")
    assert run(sandbox, "--version").stdout.startswith("payapi-sandbox ")
    missing = run(sandbox, "--listen", "127.0.0.1:0")
    assert missing.returncode == 78
    assert missing.stderr == "payapi-sandbox: --webhook-secret (STRIPE_WEBHOOK_SECRET): is missing\n"
    refused = run(sandbox, "--listen", "0.0.0.0:0", "--webhook-secret", "w", "--secret-key", "s")
    assert refused.returncode == 78 and "loopback" in refused.stderr


def test_it_stops_cleanly_while_a_request_hangs_and_webhooks_wait():
    receiver = Receiver()
    receiver.statuses[:] = [500] * 100
    sandbox = Sandbox(receiver)
    sandbox.paid_intent()
    wait_for(lambda: receiver.received, "an attempt")
    sandbox.fault("hang", seconds=60)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        hanging = pool.submit(sandbox.create)
        wait_for(lambda: sandbox.control("faults")["faults"][0]["hits"] == 1, "the hang")
        sandbox.stop()
        hanging.exception()
    receiver.shutdown()


# --- Who comes without knowing ---------------------------------------------------------------


def test_the_first_page_explains_every_control(sandbox):
    answer = sandbox.request("GET", "/")
    assert answer.status == 200 and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    lines = [html.unescape(line) for line in re.findall(r"<pre>(curl[^<]*)</pre>", answer.text)]
    assert len(lines) == len(set(lines)) > 40
    assert f"curl -X POST {sandbox.url}/_sandbox/clock -d '{{\"advance_s\":86400}}'" in lines
    assert SECRET_KEY not in answer.text and "whsec_" not in answer.text
    assert sandbox.request("GET", "/guide.css").headers["Content-Type"].startswith("text/css")


def test_the_examples_of_the_first_page_are_understood(sandbox):
    lines = re.findall(r"<pre>(curl[^<]*)</pre>", sandbox.request("GET", "/").text)
    for line in lines:
        words = shlex.split(html.unescape(line))
        body = words[words.index("-d") + 1] if "-d" in words else None
        method = words[words.index("-X") + 1] if "-X" in words else "GET"
        url = next(word for word in words if word.startswith("http"))
        answer = sandbox.request(method, url[len(sandbox.url):].replace(":id", "1"), body)
        assert answer.status in (200, 404), (line, answer.body)
        assert answer.json.get("error") != "There is no such control operation."


@pytest.mark.parametrize("path", ["/v1/nothing", "/v2/core/nothing"])
def test_an_unknown_path_of_stripe_is_its_error(sandbox, path):
    answer = sandbox.api("GET", path)
    assert answer.status == 404 and answer.headers["Content-Type"] == "application/json"
    assert answer.error["type"] == "invalid_request_error"
    assert "Unrecognized request URL (GET: " + path in answer.error["message"]


@pytest.mark.parametrize("path", ["/nothing", "/settlement", "/transaction/a/b/c", "/favicon.ico"])
def test_any_other_unknown_path_is_paystacks_error(sandbox, path):
    answer = sandbox.paystack("GET", path)
    assert answer.status == 404 and answer.headers["Content-Type"] == "application/json"
    assert answer.json == {"status": False, "message": "Not found"}
