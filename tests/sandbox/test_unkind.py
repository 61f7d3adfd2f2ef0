"""What the real providers do on a bad day, and other programs on the same account: each by a control."""
import datetime
import http.client
import json
import re
import urllib.parse

import pytest

from conftest import order, wait_for
from paystack_calls import act, opened, paid, refund, refunds_of, settings, verify, wait_for_events

SESSIONS = "/v1/checkout/sessions"
ODD = "A\0B\ud83dC\u202e\u0645\u0631\u062d\u0628\u0627 \U0001f600\U0001f469\u200d\U0001f4bb\uffff'\"\\<>"


def fault(sandbox, action, path=None, method=None, provider=None, contains=None, **more):
    match = {"path": path, "method": method, "provider": provider, "contains": contains}
    return sandbox.control("faults", {
        "action": action, "match": {name: value for name, value in match.items() if value}, **more})


def moods(sandbox, **probabilities):
    return sandbox.control("moods", probabilities)["moods"]


def now(sandbox):
    return sandbox.control("health")["now"]


# --- Reads that lag --------------------------------------------------------------------------


def test_verify_answers_ongoing_once_after_the_success(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "stale", path="/transaction/verify/*")
    old, new = verify(sandbox, transaction["reference"]), verify(sandbox, transaction["reference"])
    assert (old["status"], old["paid_at"], old["fees"], old["authorization"]) == \
        ("ongoing", None, None, {})
    assert (new["status"], new["id"], new["amount"]) == ("success", old["id"], old["amount"])


def test_stripes_reads_are_old_for_n_times(sandbox):
    session = sandbox.session()
    paid_session = sandbox.control(f"sessions/{session['id']}/pay", {})
    fault(sandbox, "stale", path="/v1/*", times=3)
    old = sandbox.retrieve(session)
    assert (old["status"], old["payment_status"], old["payment_intent"]) == ("open", "unpaid", None)
    intent = sandbox.api("GET", "/v1/payment_intents/" + paid_session["payment_intent"]).json
    assert (intent["status"], intent["amount_received"], intent["latest_charge"]) == \
        ("requires_payment_method", 0, None)
    charge, = sandbox.api("GET", "/v1/charges").json["data"]
    assert (charge["status"], charge["paid"], charge["amount_captured"]) == ("pending", False, 0)
    assert sandbox.retrieve(session) == paid_session


def test_only_reads_are_stale_and_those_of_one_payment_if_so_wanted(sandbox):
    first, second = paid(sandbox), paid(sandbox)
    fault(sandbox, "stale", contains=second["reference"], times=-1)
    assert verify(sandbox, first["reference"])["status"] == "success"
    assert [verify(sandbox, second["reference"])["status"] for _ in range(3)] == ["ongoing"] * 3
    assert refund(sandbox, second["reference"], amount=100).json["data"]["transaction"]["status"] == \
        "success"


def test_a_refund_and_a_dispute_are_old_news_too(sandbox):
    transaction = paid(sandbox)
    refund(sandbox, transaction["id"], amount=1000)
    dispute = act(sandbox, transaction["reference"], "dispute", {"refund_amount": 500})
    sandbox.control(f"paystack/disputes/{dispute['id']}/resolve", {"resolution": "declined"})
    fault(sandbox, "stale", provider="paystack", times=2)
    assert refunds_of(sandbox, transaction["id"])["data"][0]["status"] == "pending"
    old = sandbox.paystack("GET", f"/dispute/{dispute['id']}").json["data"]
    assert (old["status"], old["resolution"]) == ("awaiting-merchant-feedback", None)
    assert refunds_of(sandbox, transaction["id"])["data"][0]["status"] == "processed"


@pytest.mark.parametrize("seconds, seen", [(30, 1), (0, 2)])
def test_a_list_lags_behind(sandbox, seconds, seen):
    transaction = paid(sandbox)
    intent = sandbox.paid_intent()
    refund(sandbox, transaction["id"], amount=100)
    sandbox.control(f"payment_intents/{intent}/refund", {"amount": 100})
    sandbox.control("clock", {"advance_s": 31})
    refund(sandbox, transaction["id"], amount=200)
    sandbox.control(f"payment_intents/{intent}/refund", {"amount": 200})
    fault(sandbox, "lag", seconds=seconds, times=2)
    assert len(refunds_of(sandbox, transaction["id"])["data"]) == seen
    assert len(sandbox.api("GET", "/v1/refunds").json["data"]) == seen
    assert len(refunds_of(sandbox, transaction["id"])["data"]) == 2


# --- Answers without our note ------------------------------------------------------------------


def test_a_refund_answers_without_our_note(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "no_note", path="/refund", times=2)
    made = refund(sandbox, transaction["id"], amount=1000, merchant_note="ref_1").json["data"]
    listed, = refunds_of(sandbox, transaction["id"])["data"]
    for each in (made, listed):
        assert (each["amount"], each["merchant_note"]) == (1000, "Refund of a transaction")
    assert made["transaction"]["id"] == transaction["id"] == listed["transaction"]
    assert refunds_of(sandbox, transaction["id"])["data"][0]["merchant_note"] == "ref_1"


def test_stripes_refund_answers_without_our_metadata(sandbox):
    intent = sandbox.paid_intent()
    fault(sandbox, "no_note", path="/v1/refunds")
    made = sandbox.api("POST", "/v1/refunds", {"payment_intent": intent,
                                               "metadata": {"refund_id": "ref_1"}}).json
    assert (made["metadata"], made["payment_intent"]) == ({}, intent)
    assert sandbox.api("GET", "/v1/refunds/" + made["id"]).json["metadata"] == {"refund_id": "ref_1"}


# --- Late execution ------------------------------------------------------------------------------


def test_a_refund_is_carried_out_long_after_its_time_out(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "late", path="/refund", method="POST")
    with pytest.raises(http.client.RemoteDisconnected):
        refund(sandbox, transaction["id"], amount=1000, merchant_note="ref_1")
    sandbox.control("clock", {"advance_s": 140})
    assert refunds_of(sandbox, transaction["id"])["data"] == []
    sandbox.control("clock", {"advance_s": 20})
    done, = refunds_of(sandbox, transaction["id"])["data"]
    assert (done["amount"], done["merchant_note"], done["status"]) == (1000, "ref_1", "processed")
    log = [each for each in sandbox.control("requests")["requests"] if each["method"] == "POST"
           and each["path"] == "/refund"]
    assert [each["fault"] for each in log] == ["none", "late"]


def test_a_gateway_may_answer_for_it(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "late", path="/refund", method="POST", status=504, seconds=5)
    answer = refund(sandbox, transaction["id"], amount=1000)
    assert answer.status == 504 and answer.headers["Content-Type"] == "text/html"
    sandbox.control("clock", {"advance_s": 6})
    assert len(refunds_of(sandbox, transaction["id"])["data"]) == 1


def test_at_stripe_the_key_keeps_a_late_request_from_doing_it_twice(sandbox):
    fault(sandbox, "late", path=SESSIONS, method="POST")
    with pytest.raises(http.client.RemoteDisconnected):
        sandbox.create(key="k1")
    again = sandbox.create(key="k1")
    sandbox.control("clock", {"advance_s": 200})
    assert sandbox.sessions_made() == 1 and again.status == 200
    with pytest.raises(http.client.RemoteDisconnected):
        fault(sandbox, "late", path=SESSIONS, method="POST")
        sandbox.create(key="k2")
    sandbox.control("clock", {"advance_s": 200})
    assert sandbox.sessions_made() == 2
    assert sandbox.create(key="k2").headers["Idempotent-Replayed"] == "true"


# --- Other amounts -----------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [6000, 20000])
def test_another_amount_than_asked_for_comes_in(sandbox, amount):
    session = sandbox.session(line_items=[dict(order()["line_items"][0],
                                               price_data={"currency": "usd", "unit_amount": 10000,
                                                           "product_data": {"name": "x"}})])
    session = sandbox.control(f"sessions/{session['id']}/pay", {"amount": amount})
    intent = sandbox.api("GET", "/v1/payment_intents/" + session["payment_intent"],
                         {"expand": ["latest_charge"]}).json
    assert session["amount_total"] == intent["amount_received"] == amount
    assert intent["latest_charge"]["amount_captured"] == amount
    transaction = act(sandbox, opened(sandbox)["reference"], "pay", {"amount": amount})
    assert (transaction["amount"], transaction["requested_amount"]) == (amount, 10000)
    assert [each["amount"] for each in sandbox.control("ledger")["movements"]] == [amount, amount]


def test_fees_may_be_passed_on_to_the_payer(sandbox):
    settings(sandbox, fees_passed_on=True)
    transaction = paid(sandbox)
    assert (transaction["amount"], transaction["requested_amount"], transaction["fees"]) == \
        (10150, 10000, 150)


# --- Other programs ------------------------------------------------------------------------------


def test_another_program_makes_a_payment_for_the_same_order_at_stripe(sandbox):
    ours = sandbox.session(metadata={"order_id": "abc-123", "payment_id": "pay_01AB34567890",
                                     "payapi_proof": "x.y"},
                           payment_intent_data={"metadata": {"payment_id": "pay_01AB34567890"}})
    theirs = sandbox.control("foreign", {"like": ours["id"]})
    assert theirs["id"] != ours["id"] and theirs["payment_status"] == "paid"
    assert (theirs["amount_total"], theirs["currency"], theirs["client_reference_id"]) == \
        (ours["amount_total"], ours["currency"], ours["client_reference_id"])
    assert theirs["metadata"]["order_id"] == "abc-123" and "payapi_proof" not in theirs["metadata"]
    assert re.fullmatch(r"pay_01AB\d{8}", theirs["metadata"]["payment_id"])
    assert theirs["metadata"]["payment_id"] != "pay_01AB34567890"
    intent = sandbox.api("GET", "/v1/payment_intents/" + theirs["payment_intent"]).json
    assert intent["metadata"]["payment_id"] == theirs["metadata"]["payment_id"]
    assert "checkout.session.completed" in sandbox.wait_for_types(
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.completed")
    assert sandbox.retrieve(ours) == ours
    sandbox.control(f"sessions/{ours['id']}/pay", {})
    ledger = sandbox.control("ledger")
    assert [each["foreign"] for each in ledger["charges"]] == [True, False]
    assert [each["foreign"] for each in ledger["movements"]] == [True, False]


def test_another_program_makes_a_payment_for_the_same_order_at_paystack(sandbox):
    ours = opened(sandbox, reference="pay-ours")
    theirs = sandbox.control("foreign", {"like": ours["reference"], "amount": 7000, "metadata": {
        "payapi_proof": "forged", "cancel_action": None, "payment_id": "p9"}})
    assert theirs["reference"] != ours["reference"] and theirs["status"] == "success"
    assert theirs["amount"] == 7000
    assert theirs["metadata"] == {"payment_id": "p9", "order_id": "abc-123",
                                  "payapi_proof": "forged"}
    wait_for_events(sandbox, "charge.success")
    assert verify(sandbox, ours["reference"])["status"] == "abandoned"
    charge, = sandbox.control("ledger")["charges"]
    assert charge["foreign"] is True
    unpaid = sandbox.control("foreign", {"like": ours["reference"], "pay": False})
    assert unpaid["status"] == "abandoned"
    assert sandbox.control("foreign", {"like": "none"}, status=404)["error"]


# --- What banks do -------------------------------------------------------------------------------


def test_an_inquiry_moves_no_money_lets_refunds_through_and_ends_with_a_full_one(sandbox):
    intent = sandbox.paid_intent()
    inquiry = sandbox.control(f"payment_intents/{intent}/dispute", {"inquiry": True})
    assert inquiry["status"] == "warning_needs_response" and inquiry["is_charge_refundable"]
    first = sandbox.api("POST", "/v1/refunds", {"payment_intent": intent, "amount": 9000})
    assert first.json["status"] == "succeeded"
    assert sandbox.api("GET", "/v1/disputes/" + inquiry["id"]).json["status"] == \
        "warning_needs_response"
    sandbox.api("POST", "/v1/refunds", {"payment_intent": intent})
    assert sandbox.api("GET", "/v1/disputes/" + inquiry["id"]).json["status"] == "warning_closed"
    assert [each["kind"] for each in sandbox.control("ledger")["movements"]] == \
        ["charge", "refund", "refund"]


def test_paystack_says_reversed_without_a_refund_or_a_dispute(sandbox):
    transaction = paid(sandbox)
    refund(sandbox, transaction["id"], amount=1000)
    act(sandbox, transaction["reference"], "reverse")
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"
    assert len(refunds_of(sandbox, transaction["id"])["data"]) == 1
    assert sandbox.paystack("GET", "/dispute").json["data"] == []
    assert [(each["kind"], each["amount"]) for each in sandbox.control("ledger")["movements"]] == \
        [("charge", 10000), ("reversal", -9000), ("refund", -1000)]
    assert refund(sandbox, transaction["id"]).status == 400
    act(sandbox, transaction["reference"], "reverse", status=409)
    act(sandbox, opened(sandbox)["reference"], "reverse", status=409)


def test_paystack_says_ongoing_for_ever(sandbox):
    transaction = opened(sandbox)
    act(sandbox, transaction["reference"], "stick")
    for name in ("pay", "authenticate", "abandon", "fail_authentication", "expire"):
        act(sandbox, transaction["reference"], name, status=409)
    sandbox.control("clock", {"advance_s": 30 * 86400})
    assert verify(sandbox, transaction["reference"])["status"] == "ongoing"


def test_refunds_fail_days_later(sandbox):
    sandbox.control("settings", {"refund_fails_after_s": 3 * 86400})
    settings(sandbox, refund_fails_after_s=3 * 86400)
    intent, transaction = sandbox.paid_intent(), paid(sandbox)
    sandbox.control(f"payment_intents/{intent}/refund", {})
    refund(sandbox, transaction["id"])
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"
    sandbox.control("clock", {"advance_s": 3 * 86400 + 1})
    stripe_refund, = sandbox.api("GET", "/v1/refunds").json["data"]
    paystack_refund, = refunds_of(sandbox, transaction["id"])["data"]
    assert (stripe_refund["status"], paystack_refund["status"]) == ("failed", "failed")
    assert verify(sandbox, transaction["reference"])["status"] == "success"
    wait_for(lambda: "refund.failed" in sandbox.receiver.types and
             "refund.failed" in sandbox.paystack_receiver.events, "the events")
    assert [(each["kind"], each["amount"]) for each in sandbox.control("ledger")["movements"]] == \
        [("charge", 9999), ("refund", -9999), ("refund_failure", 9999),
         ("charge", 10000), ("refund", -10000), ("refund_failure", 10000)]


def test_one_refund_alone_may_fail_later(sandbox):
    settings(sandbox, refund_status="processing")
    intent, transaction = sandbox.paid_intent(), paid(sandbox)
    both = [sandbox.control(f"payment_intents/{intent}/refund", {"amount": n}) for n in (1, 2)]
    sandbox.control(f"refunds/{both[0]['id']}/fail", {"after_s": 100})
    made = refund(sandbox, transaction["id"], amount=5).json["data"]
    sandbox.control(f"paystack/refunds/{made['id']}/fail", {"after_s": 100})
    sandbox.control("clock", {"advance_s": 101})
    assert [sandbox.api("GET", "/v1/refunds/" + each["id"]).json["status"] for each in both] == \
        ["failed", "succeeded"]
    assert refunds_of(sandbox, transaction["id"])["data"][0]["status"] == "failed"


# --- Texts and nulls -------------------------------------------------------------------------------


def test_every_free_text_of_an_answer_may_be_odd(sandbox):
    session = sandbox.session(customer_email="a@b.example")
    sandbox.control(f"sessions/{session['id']}/pay", {})
    fault(sandbox, "odd_text", method="GET", times=3)
    seen = sandbox.retrieve(session)
    assert seen["customer_details"]["name"] == ODD and seen["metadata"]["remark"] == ODD
    assert seen["metadata"]["order_id"] == "abc-123" and seen["id"] == session["id"]
    charge, = sandbox.api("GET", "/v1/charges").json["data"]
    assert charge["description"] == charge["outcome"]["seller_message"] == ODD
    assert charge["status"] == "succeeded"
    transaction = paid(sandbox)
    seen = verify(sandbox, transaction["reference"])
    assert seen["customer"]["first_name"] == seen["gateway_response"] == ODD
    assert seen["authorization"]["bank"] == seen["metadata"]["remark"] == ODD
    assert (seen["reference"], seen["status"], seen["customer"]["email"]) == \
        (transaction["reference"], "success", "a@b.example")


@pytest.mark.parametrize("text, escape", [("nul", rb"A\u0000B"), ("surrogate", rb"A\ud83dB"),
                                          ("rtl", "A\u202e\u0645".encode()),
                                          ("emoji", "A\U0001f600".encode())])
def test_one_oddity_at_a_time(sandbox, text, escape):
    transaction = paid(sandbox)
    fault(sandbox, "odd_text", path="/transaction/verify/*", text=text)
    answer = sandbox.paystack("GET", "/transaction/verify/" + transaction["reference"])
    assert b'"first_name": "' + escape in answer.body
    assert sandbox.control("faults", {"action": "odd_text", "text": "x"}, status=400)["error"]


def test_events_have_odd_texts_and_are_signed_as_they_are(sandbox):
    fault(sandbox, "odd_text", method="EVENT", times=-1)
    sandbox.paid_intent()
    paid(sandbox)
    wait_for(lambda: "checkout.session.completed" in sandbox.receiver.types
             and sandbox.paystack_receiver.events == ["charge.success"], "the events")
    with sandbox.receiver.lock:
        header, body = sandbox.receiver.received[1]
    charge = json.loads(body)["data"]["object"]
    assert charge["outcome"]["seller_message"] == ODD and rb"\u0000" in body and rb"\ud83d" in body
    listed = sandbox.api("GET", "/v1/events", {"type": "charge.succeeded"}).json["data"]
    assert listed[0]["data"]["object"] == charge
    with sandbox.paystack_receiver.lock:
        _, body = sandbox.paystack_receiver.received[0]
    assert json.loads(body)["data"]["customer"]["first_name"] == ODD
    assert sandbox.control("faults", {"action": "status", "match": {"method": "EVENT"}}, status=400)


def test_one_event_of_one_payment_may_be_odd(sandbox):
    fault(sandbox, "odd_text", method="EVENT", contains="wanted")
    paid(sandbox)
    paid(sandbox, reference="wanted")
    wait_for_events(sandbox, "charge.success", "charge.success")
    with sandbox.paystack_receiver.lock:
        bodies = [body for _, body in sandbox.paystack_receiver.received]
    assert [rb"\u0000" in body for body in bodies] == [b'"wanted"' in body for body in bodies]


def test_null_stands_where_the_documents_allow_it(sandbox):
    transaction = paid(sandbox)
    act(sandbox, transaction["reference"], "dispute")
    fault(sandbox, "nulls", method="GET", times=3)
    seen = verify(sandbox, transaction["reference"])
    assert [seen[name] for name in ("customer", "authorization", "metadata", "fees", "paid_at")] == \
        [None] * 5
    assert (seen["status"], seen["amount"], seen["currency"]) == ("success", 10000, "NGN")
    dispute, = sandbox.paystack("GET", "/dispute").json["data"]
    assert [dispute[name] for name in ("refund_amount", "customer", "dueAt", "evidence")] == [None] * 4
    assert dispute["id"] and dispute["status"] == "awaiting-merchant-feedback"
    session = sandbox.session(customer_email="a@b.example")
    seen = sandbox.retrieve(session)
    assert seen["customer_email"] is seen["client_reference_id"] is None
    assert seen["metadata"] == session["metadata"] and seen["amount_total"] == 9999


def test_an_event_has_nulls(sandbox):
    fault(sandbox, "nulls", method="EVENT", path="charge.success")
    paid(sandbox)
    data, = wait_for_events(sandbox, "charge.success")
    assert data["customer"] is data["metadata"] is None and data["status"] == "success"


# --- Times ---------------------------------------------------------------------------------------


def test_money_is_told_long_after_it_came(sandbox):
    session = sandbox.session()
    sandbox.control("webhooks/settings", {"delivery": "hold"})
    session = sandbox.control(f"sessions/{session['id']}/pay", {"ago_s": 20 * 86400})
    intent = sandbox.api("GET", "/v1/payment_intents/" + session["payment_intent"],
                         {"expand": ["latest_charge"]}).json
    transaction = act(sandbox, opened(sandbox)["reference"], "pay", {"ago_s": 20 * 86400})
    act(sandbox, transaction["reference"], "refund", {"amount": 500, "ago_s": 19 * 86400})
    then = now(sandbox) - 20 * 86400
    assert abs(intent["latest_charge"]["created"] - then) < 60
    paid_at = datetime.datetime.fromisoformat(transaction["paid_at"].replace("Z", "+00:00"))
    assert abs(paid_at.timestamp() - then) < 60 and transaction["created_at"] <= transaction["paid_at"]
    events = sandbox.api("GET", "/v1/events", {"limit": 100}).json["data"]
    assert all(abs(event["created"] - then) < 60 for event in events) and events
    days = [each["day"] for each in sandbox.control("ledger")["movements"]]
    expected = [datetime.datetime.fromtimestamp(then + more, datetime.timezone.utc).date().isoformat()
                for more in (0, 0, 86400)]
    assert days == expected
    sandbox.control(f"sessions/{session['id']}/expire", {"ago_s": 1}, status=400)


@pytest.mark.parametrize("value", ["220838400", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_retry_after_is_years(sandbox, value):
    fault(sandbox, "status", status=429, headers={"Retry-After": value}, times=2)
    answers = [sandbox.api("GET", "/v1/balance"), sandbox.paystack("GET", "/balance")]
    assert [(each.status, each.headers["Retry-After"]) for each in answers] == [(429, value)] * 2


# --- Lists that shift ------------------------------------------------------------------------------


@pytest.mark.parametrize("by, first_of_second", [(-1, 1), (1, 3)])
def test_a_later_page_of_paystack_shifts(sandbox, by, first_of_second):
    ids = [paid(sandbox)["id"] for _ in range(6)][::-1]
    fault(sandbox, "shift", path="/transaction", by=by, times=-1)

    def page(number):
        return [each["id"] for each in sandbox.paystack(
            "GET", "/transaction?" + urllib.parse.urlencode({"perPage": 2, "page": number})).json["data"]]

    assert page(1) == ids[:2]
    assert page(2) == ids[first_of_second:first_of_second + 2]


def test_a_later_page_of_stripe_gives_an_item_again(sandbox):
    ids = [sandbox.session()["id"] for _ in range(4)][::-1]
    fault(sandbox, "shift", path=SESSIONS, times=-1)
    after = sandbox.api("GET", SESSIONS, {"limit": 2, "starting_after": ids[1]}).json["data"]
    assert [each["id"] for each in after] == ids[1:3]
    assert sandbox.control("faults", {"action": "shift", "by": 0}, status=400)["error"]


# --- Answers that do not tell what was done ------------------------------------------------------------


def test_a_stored_500_is_replayed_for_a_day(sandbox):
    fault(sandbox, "status", path=SESSIONS, status=500, after_work=True)
    assert sandbox.create(key="k1").status == 500
    sandbox.control("clock", {"advance_s": 23 * 3600})
    again = sandbox.create(key="k1")
    assert (again.status, again.headers["Idempotent-Replayed"]) == (500, "true")
    assert sandbox.sessions_made() == 1
    sandbox.control("clock", {"advance_s": 2 * 3600})
    assert sandbox.create(key="k1").status == 200 and sandbox.sessions_made() == 2


def test_a_503_at_the_door_is_kept_for_no_key(sandbox):
    fault(sandbox, "status", path=SESSIONS, status=503)
    assert sandbox.create(key="k1").status == 503
    again = sandbox.create(key="k1")
    assert (again.status, again.headers["Idempotent-Replayed"]) == (200, None)


def test_404_after_the_work_was_done(sandbox):
    fault(sandbox, "status", path=SESSIONS, status=404, after_work=True)
    assert sandbox.create(key="k1").error["code"] == "resource_missing"
    assert sandbox.create(key="k1").status == 404 and sandbox.sessions_made() == 1
    transaction = paid(sandbox)
    fault(sandbox, "status", path="/refund", status=404, after_work=True)
    assert refund(sandbox, transaction["id"], amount=100).json["code"] == "not_found"
    assert len(refunds_of(sandbox, transaction["id"])["data"]) == 1


# --- All at once -----------------------------------------------------------------------------------


def test_distortions_come_together(sandbox):
    transaction = paid(sandbox)
    for action in ("stale", "nulls", "odd_text"):
        fault(sandbox, action)
    seen = verify(sandbox, transaction["reference"])
    assert (seen["status"], seen["customer"], seen["gateway_response"]) == ("ongoing", None, ODD)
    assert verify(sandbox, transaction["reference"])["status"] == "success"


def test_moods_strike_with_their_probability_and_seed(sandbox):
    def run():
        moods(sandbox, reversed=0.5, seed=3)
        references = [opened(sandbox)["reference"] for _ in range(30)]
        return [act(sandbox, each, "pay")["status"] for each in references]

    first = run()
    assert set(first) == {"success", "reversed"} and run() == first
    hits = {each["mood"]: each["hits"] for each in sandbox.control("moods")["moods"]}
    assert hits["reversed"] == 2 * first.count("reversed") and hits["foreign"] == 0
    sandbox.control("faults", method="DELETE")
    assert {each["probability"] for each in sandbox.control("moods")["moods"]} == {0}
    for wrong in ({"kindness": 1}, {"foreign": 2}, {"seed": "x"}):
        sandbox.control("moods", wrong, status=400)


def test_each_mood_does_what_it_says(sandbox):
    moods(sandbox, foreign=1, other_amount=1, inquiry=1, refund_fails=1)
    intent = sandbox.paid_intent()
    assert len(sandbox.api("GET", "/v1/charges").json["data"]) == 2
    assert sandbox.api("GET", "/v1/payment_intents/" + intent).json["amount_received"] in (5999, 19998)
    dispute, = sandbox.api("GET", "/v1/disputes").json["data"]
    assert dispute["status"] == "warning_needs_response" and dispute["payment_intent"] == intent
    made = sandbox.api("POST", "/v1/refunds", {"payment_intent": intent, "amount": 5}).json
    transaction = paid(sandbox)
    assert transaction["amount"] in (6000, 20000)
    refund(sandbox, transaction["id"], amount=5)
    sandbox.control("clock", {"advance_s": 3 * 86400 + 1})
    assert sandbox.api("GET", "/v1/refunds/" + made["id"]).json["status"] == "failed"
    assert refunds_of(sandbox, transaction["id"])["data"][0]["status"] == "failed"
    moods(sandbox, stuck=1)
    assert paid(sandbox)["status"] == "ongoing"


def test_all_of_it_is_planned_by_one_word(sandbox):
    everything = sandbox.control("unkind", {"seed": 5})["planned"]
    assert {"stale", "lag", "shift", "no_note", "odd_text", "nulls", "late", "lost", "retry_after",
            "stored_500", "done_500", "missing", "other_amount", "foreign", "refund_fails", "inquiry", "stuck",
            "reversed"} == set(everything)
    sandbox.control("faults", method="DELETE")
    some = sandbox.control("unkind", {"only": ["stale", "foreign"], "factor": 100})["planned"]
    assert some == ["stale", "foreign"]
    assert [each["action"] for each in sandbox.control("faults")["faults"]] == ["stale"]
    transaction = paid(sandbox)
    assert verify(sandbox, transaction["reference"])["status"] == "ongoing"
    assert len(sandbox.control("ledger")["charges"]) == 2
    sandbox.control("faults", method="DELETE")
    rest = sandbox.control("unkind", {"but": ["late", "lost"]})["planned"]
    assert set(everything) - set(rest) == {"late", "lost"}
    sandbox.control("unkind", {"but": ["everything"]}, status=400)


def test_the_pages_stay_as_they_are(sandbox):
    sandbox.control("unkind", {"factor": 100, "only": ["lost", "late"]})
    with pytest.raises(http.client.RemoteDisconnected):
        sandbox.paystack("GET", "/balance")
    sandbox.control("faults", method="DELETE")
    session = sandbox.session()
    sandbox.control("unkind", {"factor": 100, "only": ["lost", "late"]})
    assert sandbox.request("GET", "/pay/" + session["id"]).status == 200
