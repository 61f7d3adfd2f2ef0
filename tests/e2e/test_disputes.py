"""A payer's bank contests a payment: in any order of events, one end and one set of ledger rows."""
import itertools
import json
import time
import uuid

import pytest
from payapi_instance import Connection, wait_until


@pytest.fixture(scope="module")
def quiet(payapi):
    """The sandbox does not send its events; this suite delivers them, in the order it wants."""
    payapi.webhook_settings(delivery="off")
    yield payapi
    payapi.webhook_settings(delivery="on")


def unpaid(payapi, amount="99.99"):
    order = payapi.create_order(amount)
    return payapi.checkout(order).data


def stripe(payapi, path):
    connection = Connection(payapi.sandbox_port, payapi.settings["STRIPE_SECRET_KEY"])
    try:
        return connection.request("GET", path).json
    finally:
        connection.close()


def pay_at_stripe(payapi, payment):
    """The payer pays; no event reaches us yet."""
    payapi.sandbox_do(payment["externalId"], "pay")
    return stripe(payapi, f"/v1/checkout/sessions/{payment['externalId']}")["payment_intent"]


def events_of(payapi, intent, kind):
    """Stripe's events about the intent, oldest first."""
    listed = stripe(payapi, "/v1/events?limit=100")["data"][::-1]
    return [event for event in listed if event["type"].startswith(kind)
            and intent in (event["data"]["object"].get("payment_intent"), event["data"]["object"]["id"])]


def paid(payapi, amount="99.99"):
    payment = unpaid(payapi, amount)
    payment["intent"] = pay_at_stripe(payapi, payment)
    for event in events_of(payapi, payment["intent"], "payment_intent.succeeded"):
        assert payapi.deliver(event).status == 200
    assert state_of(payapi, payment)["status"] == "completed"
    return payment


def dispute(payapi, payment, **options):
    answer = payapi.sandbox("POST", f"/_sandbox/payment_intents/{payment['intent']}/dispute", options)
    assert answer.status == 200, answer
    return answer.json["id"]


def bank_says(payapi, dispute_id, *statuses):
    for status in statuses:
        act = {"under_review": "review", "warning_under_review": "review", "needs_response": "escalate"}.get(status)
        answer = payapi.sandbox("POST", f"/_sandbox/disputes/{dispute_id}/{act or 'close'}",
                                {} if act else {"status": status})
        assert answer.status == 200, answer


def dispute_events(payapi, payment):
    return events_of(payapi, payment["intent"], "charge.dispute.")


def deliver_all(payapi, events):
    for event in events:
        assert payapi.deliver(event).status == 200


def again(event):
    """Another event with the same content, as Stripe sometimes sends."""
    return {**event, "id": "evt_" + uuid.uuid4().hex}


def later(event, seconds, **members):
    """An event about the same dispute, from another second."""
    told = json.loads(json.dumps(again(event)))
    told["created"] += seconds
    told["data"]["object"].update(members)
    return told


def state_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}").data


def disputes_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}/disputes").data


def ledger(payapi, payment):
    rows = payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                       " AND kind LIKE 'dispute%%' ORDER BY kind, amount_minor", payment["id"])
    return [tuple(row) for row in rows]


def announced(payapi, payment):
    rows = payapi.rows("SELECT event_type FROM payapi.audit_log WHERE payment_id = %s AND event_type LIKE 'dispute.%%'"
                       " ORDER BY event_type", payment["id"])
    return [kind for (kind,) in rows]


def refund(payapi, payment, body=None):
    return payapi.post(f"/api/v1/payments/{payment['id']}/refund", body or {}, sub="boss", role="admin",
                       headers={"Idempotency-Key": uuid.uuid4().hex})


def sync(payapi, payment):
    return payapi.post(f"/api/v1/payments/{payment['id']}/sync", {})


def wait_for_dispute(payapi, payment, overlay):
    return wait_until(lambda: state_of(payapi, payment)["dispute"] == overlay, 30, f"dispute {overlay}")


def all_processed(payapi, payment):
    return wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE payment_id = %s"
                                         " AND status = 'received'", payment["id"]) == (0,), 30, "the inbox")


TAKEN = [("dispute", -9999)]
GIVEN_BACK = [("dispute", -9999), ("dispute_reversal", 9999)]


# --- One dispute --------------------------------------------------------------------------------
def test_a_dispute_from_its_beginning_to_its_end(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment, reason="product_not_received")
    deliver_all(quiet, dispute_events(quiet, payment))
    assert state_of(quiet, payment)["dispute"] == "open"
    assert state_of(quiet, payment)["status"] == "completed"
    [shown] = disputes_of(quiet, payment)
    assert shown["status"] == "open" and shown["providerStatus"] == "needs_response"
    assert shown["reason"] == "product_not_received" and shown["externalId"] == made
    assert (shown["amountMinor"], shown["withdrawnAmountMinor"], shown["reinstatedAmountMinor"]) == (9999, 9999, 0)
    assert shown["dueAt"] > shown["createdAt"] and shown["paymentId"] == payment["id"]
    bank_says(quiet, made, "under_review", "won")
    deliver_all(quiet, dispute_events(quiet, payment)[2:])
    assert state_of(quiet, payment)["dispute"] == "won"
    assert disputes_of(quiet, payment)[0]["reinstatedAmountMinor"] == 9999
    assert ledger(quiet, payment) == GIVEN_BACK
    assert announced(quiet, payment) == ["dispute.closed", "dispute.opened"]


def test_every_order_of_opened_withdrawn_won_and_reinstated_ends_the_same(quiet):
    """24 orders, each event twice under its own id and once more under another."""
    ends = set()
    for order in itertools.permutations(range(4)):
        payment = paid(quiet)
        bank_says(quiet, dispute(quiet, payment), "won")
        events = dispute_events(quiet, payment)
        assert [event["type"][15:] for event in events] == ["created", "funds_withdrawn", "closed", "funds_reinstated"]
        for at in order:
            deliver_all(quiet, [events[at], events[at], again(events[at])])
        all_processed(quiet, payment)
        [shown] = disputes_of(quiet, payment)
        ends.add((state_of(quiet, payment)["dispute"], tuple(ledger(quiet, payment)),
                  tuple(announced(quiet, payment)), shown["status"], shown["providerStatus"],
                  shown["withdrawnAmountMinor"], shown["reinstatedAmountMinor"]))
    assert ends == {("won", tuple(GIVEN_BACK), ("dispute.closed", "dispute.opened"), "won", "won", 9999, 9999)}


def test_every_order_of_opened_withdrawn_and_lost_ends_the_same(quiet):
    ends = set()
    for order in itertools.permutations(range(3)):
        payment = paid(quiet)
        bank_says(quiet, dispute(quiet, payment), "lost")
        events = dispute_events(quiet, payment)
        for at in order:
            deliver_all(quiet, [events[at], again(events[at])])
        all_processed(quiet, payment)
        ends.add((state_of(quiet, payment)["dispute"], tuple(ledger(quiet, payment)),
                  tuple(announced(quiet, payment))))
        assert refund(quiet, payment).status == 409
    assert ends == {("lost", tuple(TAKEN), ("dispute.closed", "dispute.opened"))}


def test_an_inquiry_moves_no_money_and_leaves_nothing_behind(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment, inquiry=True)
    deliver_all(quiet, dispute_events(quiet, payment))
    assert state_of(quiet, payment)["dispute"] == "none"
    assert [d["status"] for d in disputes_of(quiet, payment)] == ["inquiry"]
    assert refund(quiet, payment, {"amount": 1.00}).status == 201
    bank_says(quiet, made, "warning_under_review", "warning_closed")
    deliver_all(quiet, dispute_events(quiet, payment)[1:][::-1])
    assert [d["status"] for d in disputes_of(quiet, payment)] == ["closed"]
    assert ledger(quiet, payment) == []


def test_an_inquiry_that_becomes_a_dispute_takes_the_money(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment, inquiry=True)
    bank_says(quiet, made, "needs_response")
    deliver_all(quiet, dispute_events(quiet, payment)[::-1])
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == "open"
    assert ledger(quiet, payment) == TAKEN


def movement(amount):
    return {"id": "txn_" + uuid.uuid4().hex, "amount": amount, "currency": "usd"}


def test_an_appeal_opens_what_was_won_and_its_end_counts(quiet):
    payment = paid(quiet)
    bank_says(quiet, dispute(quiet, payment), "won")
    events = dispute_events(quiet, payment)
    deliver_all(quiet, events)
    taken_again = [movement(-9999), movement(9999), movement(-9999)]
    deliver_all(quiet, [later(events[-1], 5, status="appeal_needs_response", balance_transactions=taken_again)])
    assert state_of(quiet, payment)["dispute"] == "open"
    assert ledger(quiet, payment) == [("dispute", -9999), ("dispute", -9999), ("dispute_reversal", 9999)]
    deliver_all(quiet, [later(events[-1], 9, status="lost", balance_transactions=taken_again)])
    assert state_of(quiet, payment)["dispute"] == "lost"
    assert announced(quiet, payment) == ["dispute.closed"] * 2 + ["dispute.opened"] * 2
    assert refund(quiet, payment).status == 409


# --- Refunds (A20) ------------------------------------------------------------------------------
def test_a_refund_is_refused_while_a_dispute_is_open_and_allowed_after_it_is_won(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment)
    deliver_all(quiet, dispute_events(quiet, payment))
    refused = refund(quiet, payment, {"amount": 1})
    assert (refused.status, refused.json["type"].rsplit("/", 1)[1]) == (409, "invalid-payment-state")
    assert "open dispute" in refused.json["detail"]
    assert [r for r in quiet.ledger["refunds"] if r["session"] == payment["externalId"]] == []
    bank_says(quiet, made, "won")
    deliver_all(quiet, dispute_events(quiet, payment)[2:])
    assert refund(quiet, payment).status == 201
    assert state_of(quiet, payment)["status"] == "refunded"


def test_a_lost_partial_dispute_leaves_the_rest_to_refund(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment, amount=2500)
    bank_says(quiet, made, "lost")
    deliver_all(quiet, dispute_events(quiet, payment))
    assert ledger(quiet, payment) == [("dispute", -2500)]
    assert refund(quiet, payment, {"amount": 75.00}).status == 422
    # Stripe itself refuses all refunds of such a charge; its error is passed on.
    assert refund(quiet, payment, {"amount": 74.99}).status == 409
    assert [r for r in quiet.ledger["refunds"] if r["session"] == payment["externalId"]] == []


# --- Several ------------------------------------------------------------------------------------
def test_two_disputes_on_one_payment_are_two(quiet):
    payment = paid(quiet)
    first = dispute(quiet, payment, amount=2500)
    bank_says(quiet, first, "lost")
    second = dispute(quiet, payment, amount=1000)
    deliver_all(quiet, dispute_events(quiet, payment)[::-1])
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == "open"
    bank_says(quiet, second, "won")
    deliver_all(quiet, dispute_events(quiet, payment)[-2:])
    assert state_of(quiet, payment)["dispute"] == "lost"
    assert ledger(quiet, payment) == [("dispute", -2500), ("dispute", -1000), ("dispute_reversal", 1000)]
    assert sorted(d["externalId"] for d in disputes_of(quiet, payment)) == sorted([first, second])
    assert len(announced(quiet, payment)) == 4


# --- What is asked for ----------------------------------------------------------------------------
def test_a_dispute_before_its_charge_waits_until_the_provider_was_asked(quiet):
    payment = unpaid(quiet)
    payment["intent"] = pay_at_stripe(quiet, payment)
    dispute(quiet, payment)
    # The first event names an intent that we do not know yet; the session's own event would bring it.
    deliver_all(quiet, events_of(quiet, payment["intent"], "payment_intent.created"))
    quiet.rows("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s",
               payment["intent"], payment["id"])
    deliver_all(quiet, dispute_events(quiet, payment))
    wait_for_dispute(quiet, payment, "open")
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["status"] == "completed"
    assert ledger(quiet, payment) == TAKEN


@pytest.mark.parametrize("truth", ["won", "lost"])
@pytest.mark.parametrize("first", ["won", "lost"])
def test_of_two_contradictory_ends_the_provider_says_which(quiet, truth, first):
    payment = paid(quiet)
    bank_says(quiet, dispute(quiet, payment), truth)
    closed = [e for e in dispute_events(quiet, payment) if e["type"].endswith(".closed")][0]
    other = "lost" if first == "won" else "won"
    deliver_all(quiet, [later(closed, 0, status=first, balance_transactions=[])])
    deliver_all(quiet, [later(closed, 0, status=other, balance_transactions=[])])
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == truth
    assert ledger(quiet, payment) == (GIVEN_BACK if truth == "won" else TAKEN)


def test_a_dispute_that_cannot_be_read_is_asked_for(quiet):
    payment = paid(quiet)
    dispute(quiet, payment)
    created = dispute_events(quiet, payment)[0]
    deliver_all(quiet, [later(created, 0, amount="much")])
    wait_for_dispute(quiet, payment, "open")
    all_processed(quiet, payment)
    assert ledger(quiet, payment) == TAKEN


def test_missed_events_are_healed_by_a_sync(quiet):
    payment = paid(quiet)
    first = dispute(quiet, payment, amount=2500)
    assert sync(quiet, payment).data["dispute"] == "open"
    bank_says(quiet, first, "won")
    answer = sync(quiet, payment)
    assert (answer.status, answer.data["dispute"]) == (200, "won")
    assert ledger(quiet, payment) == [("dispute", -2500), ("dispute_reversal", 2500)]
    assert announced(quiet, payment) == ["dispute.closed", "dispute.opened"]
    # Events that still arrive late change nothing.
    deliver_all(quiet, dispute_events(quiet, payment))
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == "won"
    assert announced(quiet, payment) == ["dispute.closed", "dispute.opened"]


def test_a_sync_without_the_list_of_disputes_says_that_it_does_not_know(quiet):
    payment = paid(quiet)
    quiet.fault("status", method="GET", path="/v1/disputes", status=503)
    assert sync(quiet, payment).status == 202
    assert sync(quiet, payment).status == 200


# --- What the API shows ---------------------------------------------------------------------------
def test_disputes_are_shown_to_the_owner_and_to_admins_only(quiet):
    payment = paid(quiet)
    dispute(quiet, payment)
    deliver_all(quiet, dispute_events(quiet, payment))
    path = f"/api/v1/payments/{payment['id']}/disputes"
    assert quiet.get(path, sub="boss", role="admin").data == quiet.get(path).data
    assert quiet.get(path, sub="mallory").status == 404
    assert quiet.get(path, sub=None).status == 401


def test_the_movements_are_listed_filtered_and_exported(quiet):
    payment = paid(quiet)
    bank_says(quiet, dispute(quiet, payment), "won")
    deliver_all(quiet, dispute_events(quiet, payment))

    def listed(query, **headers):
        answer = quiet.get(f"/api/v1/transactions?paymentId={payment['id']}{query}", sub="boss", role="admin",
                           headers=headers)
        assert answer.status == 200, answer
        return answer

    assert [t["type"] for t in listed("").data] == ["dispute_reversal", "dispute", "charge"]
    [taken] = listed("&type=dispute").data
    assert (taken["amountMinor"], taken["externalId"][:3]) == (-9999, "dp_")
    assert [t["amountMinor"] for t in listed("&type=dispute_reversal").data] == [9999]
    assert b"dispute_reversal" in listed("", Accept="text/csv").body
    lines = [json.loads(line) for line in listed("", Accept="application/x-ndjson").body.splitlines()]
    assert [line["type"] for line in lines] == ["dispute_reversal", "dispute", "charge"]


def test_the_timeline_tells_of_the_dispute(quiet):
    payment = paid(quiet)
    bank_says(quiet, dispute(quiet, payment), "lost")
    deliver_all(quiet, dispute_events(quiet, payment))
    answer = quiet.get(f"/api/v1/payments/{payment['id']}/timeline")
    assert answer.status == 200
    items = answer.data["items"] if isinstance(answer.data, dict) else answer.data
    kinds = [item["kind"] for item in items]
    assert kinds.count("dispute") == 1
    assert [item["summary"] for item in items if item["kind"] == "dispute"] == ["dispute over 99.99 USD: lost"]
    assert any(item["summary"].startswith("dispute.created") for item in items)
    assert {"dispute.opened announced", "dispute.closed announced"} <= {item["summary"] for item in items}


def test_the_alert_stands_in_the_log_with_its_due_date(quiet):
    payment = paid(quiet)
    made = dispute(quiet, payment)
    deliver_all(quiet, dispute_events(quiet, payment))
    [shown] = disputes_of(quiet, payment)
    lines = [json.loads(line) for path in quiet.log_dir.glob("*.log")
             for line in path.read_text(errors="replace").splitlines() if shown["id"] in line]
    alerts = [line for line in lines if line["event"] == "dispute_open"]
    assert alerts and all(line["level"] == "warn" for line in alerts)
    assert alerts[0]["due_at_s"] > time.time() and made.startswith("dp_")
