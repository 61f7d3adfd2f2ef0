"""The inbox for admins: the list, one event with masked body and history, replay and its dry run."""
import json
import time

import pytest

from payapi_instance import metadata_of


def an_event(payapi, payment=None, kind="payment_intent.succeeded", **members):
    event_id = f"evt_inbox_{time.monotonic_ns()}"
    members.setdefault("metadata", metadata_of(payment) if payment else {})
    return {"id": event_id, "object": "event", "api_version": "2026-10-28.endive",
            "created": int(time.time()), "livemode": False, "type": kind,
            "data": {"object": {"id": f"pi_{event_id}", "object": "payment_intent",
                                "status": "succeeded", "amount": 9999, "amount_received": 9999,
                                "currency": "usd", "receipt_email": "payer@example.com", **members}}}


def delivered(payapi, event):
    answer = payapi.deliver(event)
    assert answer.status == 200, answer
    return payapi.row("SELECT inbox_id FROM payapi.webhook_events WHERE event_id = %s", event["id"])[0]


def admin_get(payapi, path):
    return payapi.get("/api/v1/webhook-events" + path, sub="root", role="admin")


def replay(payapi, inbox_id, query=""):
    return payapi.post(f"/api/v1/webhook-events/{inbox_id}/replay{query}", {}, sub="root", role="admin")


def checked_out(payapi):
    order = payapi.create_order()
    return order, payapi.checkout(order).data["id"]


def buried(payapi, payment_id):
    """An event that is dead for a cause that has gone: it named no payment, but now its intent leads to one."""
    event = an_event(payapi)
    inbox_id = delivered(payapi, event)
    payapi.rows("UPDATE payapi.webhook_events SET status = 'dead', attempts = 10, finished_at = now(),"
                " lease_until = NULL WHERE inbox_id = %s", inbox_id)
    payapi.rows("UPDATE payapi.payments SET provider_intent = %s WHERE payment_id = %s",
                event["data"]["object"]["id"], payment_id)
    return inbox_id


@pytest.fixture
def processed(payapi):
    order, payment_id = checked_out(payapi)
    return delivered(payapi, an_event(payapi, payapi.payment_of(order))), payment_id, order


def test_an_event_is_listed_by_each_filter(payapi, processed):
    inbox_id, payment_id, _ = processed
    for query in (f"paymentId={payment_id}", f"paymentId={payment_id}&status=processed",
                  f"paymentId={payment_id}&provider=stripe&type=payment_intent.succeeded",
                  f"paymentId={payment_id}&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"):
        page = admin_get(payapi, "?" + query)
        assert page.status == 200 and inbox_id in [event["id"] for event in page.data], (query, page)
    for query in (f"paymentId={payment_id}&status=dead", f"paymentId={payment_id}&provider=paystack",
                  f"paymentId={payment_id}&type=charge.refunded",
                  f"paymentId={payment_id}&to=2020-01-01T00:00:00Z"):
        assert admin_get(payapi, "?" + query).data == [], query


def test_the_list_is_paged_by_cursor(payapi):
    ids = [delivered(payapi, an_event(payapi, kind="unknown.kind.paged")) for _ in range(5)]
    seen, query = [], "?type=unknown.kind.paged&limit=2"
    page = admin_get(payapi, query)
    while True:
        seen += [event["id"] for event in page.data]
        if page.json["meta"]["nextCursor"] is None:
            break
        page = admin_get(payapi, query + "&cursor=" + page.json["meta"]["nextCursor"])
    assert seen == sorted(ids, reverse=True)
    assert {event["status"] for event in admin_get(payapi, query).data} == {"ignored"}


def test_one_event_is_shown_with_its_history_and_masked(payapi, processed):
    inbox_id, payment_id, _ = processed
    event = admin_get(payapi, "/" + inbox_id)
    assert event.status == 200
    assert event.data["status"] == "processed" and event.data["paymentId"] == payment_id
    assert event.data["body"]["data"]["object"]["amount"] == 9999
    assert event.data["body"]["data"]["object"]["receipt_email"] == "***"
    assert b"payer@example.com" not in event.body
    assert [(try_["by"], try_["outcome"]) for try_ in event.data["attempts"]] == [("stripe", "processed")]


def test_waiting_is_told_with_its_reason_and_every_try(payapi):
    inbox_id = delivered(payapi, an_event(payapi))
    event = admin_get(payapi, "/" + inbox_id).data
    assert event["attempts"][0]["by"] == "stripe" and event["attempts"][0]["outcome"] == "received"
    assert event["attempts"][0]["reason"] == "no payment of ours is named"
    for _ in range(60):                         # payapi-jobs was woken
        event = admin_get(payapi, "/" + inbox_id).data
        if len(event["attempts"]) > 1:
            break
        time.sleep(0.25)
    assert event["attempts"][1]["by"] == "jobs", event


def changes_in_log(payapi, payment_id):
    return sum(line["payment_id"] == payment_id
               for line in payapi.events("payment_changed", "fast", "provider"))


def test_a_dry_run_shows_the_effect_and_makes_none(payapi):
    order, payment_id = checked_out(payapi)
    inbox_id = buried(payapi, payment_id)
    told = changes_in_log(payapi, payment_id)
    trial = replay(payapi, inbox_id, "?dryRun=true")
    assert trial.status == 200, trial
    assert trial.data["outcome"] == "applied" and trial.data["paymentId"] == payment_id
    assert (trial.data["before"]["status"], trial.data["after"]["status"]) == ("processing", "completed")
    assert trial.data["transactions"] == [{"type": "charge", "amount": 99.99, "amountMinor": 9999,
                                           "currency": "USD"}]
    assert trial.data["domainEvents"] == ["payment.completed"]

    assert payapi.payment_of(order)["status"] == "processing"
    assert admin_get(payapi, "/" + inbox_id).data["status"] == "dead"
    assert payapi.row("SELECT count(*) FROM payapi.transactions WHERE payment_id = %s", payment_id) == (0,)
    assert changes_in_log(payapi, payment_id) == told
    assert replay(payapi, inbox_id).status == 200
    assert changes_in_log(payapi, payment_id) == told + 1


def test_a_dry_run_that_the_database_refuses_says_that_it_would_wait(payapi):
    """The replay itself would end the same: the event waits, and the log names the constraint."""
    _, payment_id = checked_out(payapi)
    inbox_id = buried(payapi, payment_id)
    payapi.rows("ALTER TABLE payapi.transactions ADD CONSTRAINT never_this_one CHECK (payment_id <> %s) NOT VALID",
                payment_id)
    try:
        trial = replay(payapi, inbox_id, "?dryRun=true")
    finally:
        payapi.rows("ALTER TABLE payapi.transactions DROP CONSTRAINT never_this_one")
    assert trial.status == 200 and trial.data["outcome"] == "waiting" and trial.data["reason"], trial
    assert trial.data["before"] == trial.data["after"] and trial.data["transactions"] == []
    refusal = payapi.events("dry_run_refused", "fast", "provider")[-1]
    assert "never_this_one" in refusal["cause"]
    assert replay(payapi, inbox_id, "?dryRun=true").data["outcome"] == "applied"


def test_a_replay_applies_what_was_dead_and_is_audited(payapi):
    order, payment_id = checked_out(payapi)
    inbox_id = buried(payapi, payment_id)
    answer = replay(payapi, inbox_id)
    assert answer.status == 200 and answer.data["status"] == "processed", answer
    assert answer.data["attempts"][-1]["by"] == "root"
    assert payapi.payment_of(order)["status"] == "completed"
    actor, body = payapi.row("SELECT actor, body FROM payapi.audit_log WHERE action = 'webhook.replayed'"
                             " ORDER BY audit_id DESC LIMIT 1")
    assert actor.endswith("root") and json.loads(body)["inboxId"] == inbox_id


def test_replaying_again_changes_nothing(payapi, processed):
    inbox_id, payment_id, order = processed
    for _ in range(3):
        assert replay(payapi, inbox_id).data["status"] == "processed"
    assert payapi.row("SELECT count(*) FROM payapi.transactions WHERE payment_id = %s", payment_id) == (1,)
    assert payapi.payment_of(order)["status"] == "completed"


def test_an_event_that_is_being_applied_is_left_alone(payapi, processed):
    inbox_id = processed[0]
    payapi.rows("UPDATE payapi.webhook_events SET status = 'received', finished_at = NULL,"
                " next_at = now() + interval '1 minute', lease_until = now() + interval '1 minute'"
                " WHERE inbox_id = %s", inbox_id)
    for query in ("", "?dryRun=true"):
        answer = replay(payapi, inbox_id, query)
        assert answer.status == 409 and answer.json["type"].endswith("/request-in-progress"), answer
    payapi.rows("UPDATE payapi.webhook_events SET lease_until = NULL WHERE inbox_id = %s", inbox_id)
    assert replay(payapi, inbox_id).data["status"] == "processed"


def test_what_is_not_there_is_not_found(payapi):
    for inbox_id in ("whe_01ARZ3NDEKTSV4RRFFQ69G5FAV", "evt_1"):
        assert admin_get(payapi, "/" + inbox_id).status == 404
        assert replay(payapi, inbox_id).status == 404
        assert replay(payapi, inbox_id, "?dryRun=true").status == 404


def test_users_do_not_see_the_inbox(payapi, processed):
    inbox_id = processed[0]
    assert payapi.get("/api/v1/webhook-events").status == 403
    assert payapi.get("/api/v1/webhook-events/" + inbox_id).status == 403
    assert payapi.post(f"/api/v1/webhook-events/{inbox_id}/replay", {}).status == 403
    assert payapi.get("/api/v1/webhook-events", sub=None).status == 401


# --- The same from the command line ----------------------------------------------------------

def printed(done):
    """The program's JSON output, which comes after its log lines."""
    return json.loads(done.stdout.splitlines()[-1])


def test_the_command_line_does_the_same(payapi):
    order, payment_id = checked_out(payapi)
    inbox_id = buried(payapi, payment_id)
    dead = [json.loads(line) for line in payapi.admin("webhook", "list", "--status", "dead").stdout.splitlines()]
    assert inbox_id in [event["id"] for event in dead]
    assert printed(payapi.admin("webhook", "show", inbox_id))["reason"] is not None

    trial = printed(payapi.admin("webhook", "replay", "--dry-run", inbox_id))
    assert trial["after"]["status"] == "completed" and payapi.payment_of(order)["status"] == "processing"

    done = payapi.admin("webhook", "replay", inbox_id)
    assert done.returncode == 0, done.stdout
    assert printed(done)["attempts"][-1]["by"].startswith("cli.")
    assert payapi.payment_of(order)["status"] == "completed"
    missing = payapi.admin("webhook", "replay", "whe_01ARZ3NDEKTSV4RRFFQ69G5FAV")
    assert missing.returncode == 1 and "no such webhook event" in missing.stdout


def test_the_command_line_asks_the_provider(payapi):
    order, payment_id = checked_out(payapi)
    payapi.webhook_settings(delivery="off")
    payapi.sandbox_do(payapi.payment_of(order)["externalId"], "pay")
    payapi.webhook_settings(delivery="on")
    synced = payapi.admin("payment", "sync", "--id", payment_id)
    assert synced.returncode == 0, synced.stdout
    assert printed(synced)["data"]["status"] == "completed"
