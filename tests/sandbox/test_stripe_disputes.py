"""payapi-sandbox: a payer of the played Stripe disputes; and the events that tell what was missed."""
import json
import time

import pytest

from conftest import wait_for

CREATED = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
           "checkout.session.completed"]


def disputed(sandbox, **members):
    intent = sandbox.paid_intent()
    return sandbox.control(f"payment_intents/{intent}/dispute", members)


def retrieve(sandbox, dispute):
    return sandbox.api("GET", "/v1/disputes/" + dispute["id"]).json


def bank(sandbox, dispute, word, body=None, status=200):
    return sandbox.control(f"disputes/{dispute['id']}/{word}", body or {}, status=status)


def events_since_paid(sandbox, *types):
    wanted = CREATED + ["charge.dispute." + each for each in types]
    wait_for(lambda: sandbox.receiver.types == wanted, f"{wanted}, have {sandbox.receiver.types}")
    return [json.loads(body)["data"] for _, body in sandbox.receiver.received[len(CREATED):]]


def charge_of(sandbox, dispute):
    return sandbox.api("GET", "/v1/charges/" + dispute["charge"]).json


# --- Disputes ------------------------------------------------------------------------------


def test_a_dispute_withdraws_the_money(sandbox):
    dispute = disputed(sandbox, reason="product_not_received")
    assert retrieve(sandbox, dispute) == dispute
    assert (dispute["object"], dispute["status"], dispute["reason"], dispute["amount"]) == \
        ("dispute", "needs_response", "product_not_received", 9999)
    assert dispute["is_charge_refundable"] is False
    assert dispute["evidence_details"]["due_by"] == dispute["created"] + 14 * 24 * 3600
    moved, = dispute["balance_transactions"]
    assert (moved["amount"], moved["fee"], moved["net"]) == (-9999, 1500, -11499)
    assert charge_of(sandbox, dispute)["disputed"] is True
    created, withdrawn = events_since_paid(sandbox, "created", "funds_withdrawn")
    assert created["object"]["balance_transactions"] == []
    assert withdrawn["object"] == dispute
    row, = sandbox.control("ledger")["disputes"]
    assert (row["provider"], row["amount"], row["withdrawn"], row["reinstated"]) == \
        ("stripe", 9999, True, False)
    assert row["metadata"]["payment_id"] == "p1"


def test_what_is_won_comes_back(sandbox):
    dispute = disputed(sandbox, amount=5000)
    won = bank(sandbox, dispute, "close", {"status": "won"})
    assert won["status"] == "won"
    assert [each["amount"] for each in won["balance_transactions"]] == [-5000, 5000]
    _, _, closed, reinstated = events_since_paid(sandbox, "created", "funds_withdrawn", "closed",
                                                 "funds_reinstated")
    assert closed["object"]["status"] == "won" and reinstated["object"] == won
    bank(sandbox, dispute, "close", {"status": "lost"}, 409)
    assert sandbox.api("POST", "/v1/refunds", {"charge": dispute["charge"]}).status == 200


def test_what_is_lost_is_gone(sandbox):
    dispute = disputed(sandbox)
    bank(sandbox, dispute, "review")
    assert bank(sandbox, dispute, "close", {"status": "lost"})["status"] == "lost"
    _, _, updated, closed = events_since_paid(sandbox, "created", "funds_withdrawn", "updated",
                                              "closed")
    assert updated["object"]["status"] == "under_review"
    assert updated["previous_attributes"] == {"status": "needs_response"}
    assert closed["object"]["status"] == "lost"
    refused = sandbox.api("POST", "/v1/refunds", {"charge": dispute["charge"]})
    assert (refused.status, refused.error["code"]) == (400, "charge_disputed")


def test_an_inquiry_moves_no_money_until_it_becomes_a_dispute(sandbox):
    dispute = disputed(sandbox, inquiry=True)
    assert (dispute["status"], dispute["balance_transactions"]) == ("warning_needs_response", [])
    assert dispute["is_charge_refundable"] is True
    assert bank(sandbox, dispute, "review")["status"] == "warning_under_review"
    bank(sandbox, dispute, "close", {"status": "won"}, 409)
    escalated = bank(sandbox, dispute, "escalate")
    assert escalated["status"] == "needs_response" and len(escalated["balance_transactions"]) == 1
    events_since_paid(sandbox, "created", "updated", "updated", "funds_withdrawn")


def test_an_inquiry_may_just_end(sandbox):
    dispute = disputed(sandbox, inquiry=True)
    assert bank(sandbox, dispute, "close", {"status": "warning_closed"})["status"] == \
        "warning_closed"
    events_since_paid(sandbox, "created", "closed")
    again = sandbox.control(f"payment_intents/{dispute['payment_intent']}/dispute", {})
    assert again["status"] == "needs_response"
    sandbox.control(f"payment_intents/{dispute['payment_intent']}/dispute", {}, status=409)


def test_evidence_is_staged_and_submitted_once(sandbox):
    dispute = disputed(sandbox)
    path = "/v1/disputes/" + dispute["id"]
    staged = sandbox.api("POST", path, {"evidence": {"product_description": "Two tickets"},
                                        "submit": "false", "metadata": {"case": "7"}}).json
    assert (staged["status"], staged["metadata"]) == ("needs_response", {"case": "7"})
    assert (staged["evidence_details"]["has_evidence"],
            staged["evidence_details"]["submission_count"]) == (True, 0)
    done = sandbox.api("POST", path, {"evidence": {"uncategorized_text": "They came"}}).json
    assert done["status"] == "under_review"
    assert done["evidence"] == {"product_description": "Two tickets",
                                "uncategorized_text": "They came"}
    assert done["evidence_details"]["submission_count"] == 1
    assert sandbox.api("POST", path, {"evidence": {"receipt": "file_1"}}).error["param"] == \
        "evidence"
    assert sandbox.api("POST", path, {"evidence": {"mood": "good"}}).error["code"] == \
        "parameter_unknown"
    events_since_paid(sandbox, "created", "funds_withdrawn", "updated", "updated")


def test_giving_up_loses(sandbox):
    dispute = disputed(sandbox)
    path = f"/v1/disputes/{dispute['id']}/close"
    assert sandbox.api("POST", path).json["status"] == "lost"
    assert sandbox.api("POST", path).status == 400
    assert sandbox.api("POST", "/v1/disputes/" + dispute["id"], {"submit": "true"}).status == 400
    inquiry = disputed(sandbox, inquiry=True)
    assert sandbox.api("POST", f"/v1/disputes/{inquiry['id']}/close").json["status"] == \
        "warning_closed"


def test_disputes_are_listed(sandbox):
    first, second = disputed(sandbox), disputed(sandbox)

    def ids(**params):
        return [each["id"] for each in sandbox.api("GET", "/v1/disputes", params).json["data"]]

    assert ids() == [second["id"], first["id"]]
    assert ids(payment_intent=first["payment_intent"]) == [first["id"]]
    assert ids(charge=second["charge"]) == [second["id"]]
    assert ids(payment_intent="pi_none") == [] and ids(limit=1) == [second["id"]]
    assert ids(starting_after=second["id"]) == [first["id"]]
    expanded = sandbox.api("GET", "/v1/disputes/" + first["id"], {"expand": ["charge"]}).json
    assert expanded["charge"]["object"] == "charge"
    assert sandbox.api("GET", "/v1/disputes/dp_none").error["code"] == "resource_missing"


def test_what_cannot_be_disputed(sandbox):
    declined = sandbox.control(f"sessions/{sandbox.session()['id']}/decline", {})
    sandbox.control(f"payment_intents/{declined['payment_intent']}/dispute", {}, status=409)
    sandbox.control("payment_intents/pi_none/dispute", {}, status=404)
    intent = sandbox.paid_intent()
    sandbox.control(f"payment_intents/{intent}/dispute", {"amount": 10000}, status=409)
    sandbox.control(f"payment_intents/{intent}/dispute", {"amount": -1}, status=400)
    sandbox.control("disputes/dp_none/escalate", {}, status=404)
    dispute = disputed(sandbox)
    bank(sandbox, dispute, "escalate", status=409)
    bank(sandbox, dispute, "close", {"status": "under_review"}, 400)


# --- Events that were missed ---------------------------------------------------------------


def listed(sandbox, **params):
    answer = sandbox.api("GET", "/v1/events", params)
    assert answer.status == 200, answer.body
    return [event["id"] for event in answer.json["data"]], answer.json["has_more"]


def all_events(sandbox):
    return [each["event"] for each in sandbox.control("webhooks/deliveries")["deliveries"]]


def test_missed_events_are_pulled_page_by_page_from_where_one_was(sandbox):
    sandbox.control("webhooks/settings", {"delivery": "off"})
    for _ in range(3):
        sandbox.paid_intent()
    events = all_events(sandbox)
    cursor, pulled = events[0], []
    while True:
        page, has_more = listed(sandbox, ending_before=cursor, limit=4, delivery_success="false")
        pulled += page[::-1]            # a page is newest first, also on the way up
        if not has_more:
            break
        cursor = page[0]
    assert pulled == events[1:]
    assert listed(sandbox, ending_before=events[-1]) == ([], False)
    assert listed(sandbox, starting_after=events[4], limit=2) == ([events[3], events[2]], True)


def test_what_was_delivered_is_not_missed(sandbox):
    sandbox.control("webhooks/settings", {"drop_probability": 0.5, "seed": 3})
    for _ in range(4):
        sandbox.paid_intent()
    state = wait_for(lambda: (lambda s: s if s["pending"] == 0 else None)(
        sandbox.control("webhooks/deliveries")), "the deliveries")["deliveries"]
    dropped = [each["event"] for each in state if each["dropped"]]
    arrived = [each["event"] for each in state if each["delivered"]]
    assert dropped and arrived and len(dropped) + len(arrived) == 16
    assert listed(sandbox, delivery_success="false", limit=100)[0] == dropped[::-1]
    assert listed(sandbox, delivery_success="true", limit=100)[0] == arrived[::-1]


def test_pages_count_what_the_types_let_through(sandbox):
    for _ in range(3):
        sandbox.paid_intent()
    types = ["checkout.session.completed", "charge.succeeded"]
    newest, has_more = listed(sandbox, types=types, limit=4)
    rest, no_more = listed(sandbox, types=types, limit=4, starting_after=newest[-1])
    assert (len(newest), has_more, len(rest), no_more) == (4, True, 2, False)
    assert listed(sandbox, types=types, limit=6)[1] is False
    both = sandbox.api("GET", "/v1/events", {"type": "charge.*", "types": types})
    assert both.status == 400


def test_events_are_found_by_the_time_they_were_made(sandbox):
    sandbox.paid_intent()
    sandbox.control("clock", {"advance_s": 1000})
    later = int(time.time()) + 500
    sandbox.paid_intent()
    events = all_events(sandbox)
    assert listed(sandbox, created={"gte": later})[0] == events[:3:-1]
    assert listed(sandbox, created={"lt": later})[0] == events[3::-1]


@pytest.mark.parametrize("days, is_kept", [(29, True), (31, False)])
def test_events_are_kept_for_30_days(sandbox, days, is_kept):
    sandbox.paid_intent()
    event = all_events(sandbox)[0]
    sandbox.control("clock", {"advance_s": days * 24 * 3600})
    assert listed(sandbox)[0] == (all_events(sandbox)[::-1] if is_kept else [])
    assert sandbox.api("GET", "/v1/events/" + event).status == (200 if is_kept else 404)
