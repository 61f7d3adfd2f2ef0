"""Contested payments at Paystack: its events are only hints; the list of disputes counts."""
import itertools
import json

import pytest

from cross_invariants import contradictions
from paystack_play import act, deliver, paid, reference, refund, requests, sync
from payapi_instance import Connection, Instance, wait_until


@pytest.fixture(scope="module")
def quiet():
    """The sandbox does not send its events of disputes: this suite delivers them as it wants."""
    instance = Instance("paystack-disputes", RECOVERY_FIRST_DELAY_MS="500", PROVIDER_BREAKER_FAILURES="0")
    try:
        yield instance.up()
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def nothing_left(quiet):
    yield
    quiet.clear_faults()


def paid_quietly(payapi):
    payapi.webhook_settings(delivery="on")
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    return payment


def dispute(payapi, payment, **options):
    return act(payapi, payment, "dispute", options)["id"]


def control(payapi, made, name, **body):
    answer = payapi.sandbox("POST", f"/_sandbox/paystack/disputes/{made}/{name}", body)
    assert answer.status == 200, answer


def resolve(payapi, made, resolution, **body):
    control(payapi, made, "resolve", resolution=resolution, **body)


def at_paystack(payapi, made):
    """The dispute as Paystack's API shows it now."""
    connection = Connection(payapi.sandbox_port, payapi.settings["PAYSTACK_SECRET_KEY"].split(",")[0])
    try:
        return connection.request("GET", f"/dispute/{made}").json["data"]
    finally:
        connection.close()


def event(payapi, made, kind, **members):
    """The event that Paystack would send about the dispute at this moment."""
    data = at_paystack(payapi, made) | members
    return json.dumps({"event": f"charge.dispute.{kind}", "data": data}).encode()


def tell(payapi, *bodies):
    for body in bodies:
        assert deliver(payapi, body).status == 200


def all_processed(payapi, payment):
    wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'"
                                  " AND (payment_id = %s OR payment_id IS NULL)", payment["id"]) == (0,), 30,
               "the inbox")


def state_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}").data


def disputes_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}/disputes").data


def ledger(payapi, payment):
    return payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                       " AND kind LIKE 'dispute%%' ORDER BY kind, amount_minor", payment["id"])


def announced(payapi, payment):
    return [kind for (kind,) in payapi.rows("SELECT event_type FROM payapi.audit_log WHERE event_id IS NOT NULL AND payment_id = %s"
                                            " AND event_type LIKE 'dispute.%%' ORDER BY event_type", payment["id"])]


def wait_for_dispute(payapi, payment, overlay):
    wait_until(lambda: state_of(payapi, payment)["dispute"] == overlay, 30, f"dispute {overlay}")


TAKEN = [("dispute", -10000)]


def test_what_a_dispute_without_amounts_took_too_much_comes_back_when_one_is_told(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    resolve(quiet, made, "merchant-accepted", refund_amount=4000)
    quiet.fault("nulls", match={"method": "GET", "path": "/dispute"}, times=-1)
    sync(quiet, payment)
    assert ledger(quiet, payment) == TAKEN
    assert refund(quiet, payment).status == 409
    quiet.clear_faults()
    sync(quiet, payment)
    assert ledger(quiet, payment) == [("dispute", -10000), ("dispute_reversal", 6000)]
    assert [shown["amountMinor"] for shown in disputes_of(quiet, payment)] == [4000]


# --- One dispute --------------------------------------------------------------------------------
def test_a_declined_dispute_is_won_and_moves_no_money(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment, category="fraud")
    tell(quiet, event(quiet, made, "create"))
    [shown] = disputes_of(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == shown["status"] == "open"
    assert (shown["externalId"], shown["reason"], shown["amountMinor"]) == (str(made), "fraud", 10000)
    assert shown["dueAt"] > shown["createdAt"]
    resolve(quiet, made, "declined")
    tell(quiet, event(quiet, made, "resolve"))
    wait_for_dispute(quiet, payment, "won")
    assert ledger(quiet, payment) == []
    assert announced(quiet, payment) == ["dispute.closed", "dispute.opened"]
    assert refund(quiet, payment).status == 201
    assert sync(quiet, payment).data["status"] == "refunded"


@pytest.mark.parametrize("resolution", ["merchant-accepted", "auto-accepted"])
def test_an_accepted_dispute_is_lost_and_takes_the_amount(quiet, resolution):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    tell(quiet, event(quiet, made, "create"))
    resolve(quiet, made, resolution)
    tell(quiet, event(quiet, made, "resolve"))
    wait_for_dispute(quiet, payment, "lost")
    assert ledger(quiet, payment) == TAKEN
    assert disputes_of(quiet, payment)[0]["providerStatus"] == resolution
    assert refund(quiet, payment).status == 409


def test_of_a_part_that_is_accepted_only_the_part_is_taken(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment, refund_amount=4000)
    resolve(quiet, made, "merchant-accepted", refund_amount=2500)
    tell(quiet, event(quiet, made, "resolve"))
    wait_for_dispute(quiet, payment, "lost")
    assert ledger(quiet, payment) == [("dispute", -2500)]


def test_a_reminder_changes_nothing(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    tell(quiet, event(quiet, made, "create"))
    before = disputes_of(quiet, payment)
    control(quiet, made, "remind")
    tell(quiet, *[event(quiet, made, "remind")] * 2)
    all_processed(quiet, payment)
    assert disputes_of(quiet, payment) == before
    assert announced(quiet, payment) == ["dispute.opened"] and ledger(quiet, payment) == []


def test_every_order_with_duplicates_ends_the_same(quiet):
    ends = set()
    for resolution, order in itertools.product(["declined", "merchant-accepted"], itertools.permutations(range(3))):
        payment = paid_quietly(quiet)
        made = dispute(quiet, payment)
        bodies = [event(quiet, made, "create"), event(quiet, made, "remind")]
        resolve(quiet, made, resolution)
        bodies.append(event(quiet, made, "resolve"))
        for at in order:
            # The same bytes are the same event; with one more blank they are another event with the same content.
            tell(quiet, bodies[at], bodies[at], bodies[at] + b" ")
        all_processed(quiet, payment)
        [shown] = disputes_of(quiet, payment)
        ends.add((resolution, shown["status"], state_of(quiet, payment)["dispute"], shown["providerStatus"],
                  tuple(ledger(quiet, payment))))
        assert announced(quiet, payment).count("dispute.closed") == 1
    assert ends == {("declined", "won", "won", "declined", ()),
                    ("merchant-accepted", "lost", "lost", "merchant-accepted", tuple(TAKEN))}


@pytest.mark.parametrize("truth, overlay, taken", [("declined", "won", []), ("merchant-accepted", "lost", TAKEN)])
@pytest.mark.parametrize("first", ["declined", "merchant-accepted"])
def test_of_two_contradictory_ends_the_list_says_which(quiet, truth, overlay, taken, first):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    resolve(quiet, made, truth)
    ends = ["declined", "merchant-accepted"]
    for resolution in ends if first == ends[0] else ends[::-1]:
        tell(quiet, event(quiet, made, "resolve", resolution=resolution))
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == overlay
    assert ledger(quiet, payment) == taken


# --- Refunds (A20) ------------------------------------------------------------------------------
def test_a_refund_is_refused_while_a_dispute_is_open(quiet):
    payment = paid_quietly(quiet)
    tell(quiet, event(quiet, dispute(quiet, payment), "create"))
    refused = refund(quiet, payment, {"amountMinor": 1})
    assert (refused.status, refused.json["type"].rsplit("/", 1)[1]) == (409, "invalid-payment-state")
    assert "open dispute" in refused.json["detail"]
    assert requests(quiet, "POST", "/refund", reference(payment)) == []


# --- What was lost --------------------------------------------------------------------------------
def test_missed_events_are_healed_by_a_sync(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    assert sync(quiet, payment).data["dispute"] == "open"
    resolve(quiet, made, "merchant-accepted")
    answer = sync(quiet, payment)
    assert (answer.status, answer.data["dispute"]) == (200, "lost")
    assert ledger(quiet, payment) == TAKEN
    assert announced(quiet, payment) == ["dispute.closed", "dispute.opened"]
    # Events that still arrive late change nothing.
    tell(quiet, event(quiet, made, "create", status="awaiting-merchant-feedback", resolution=None))
    tell(quiet, event(quiet, made, "resolve"))
    all_processed(quiet, payment)
    assert state_of(quiet, payment)["dispute"] == "lost"
    assert ledger(quiet, payment) == TAKEN


def test_two_disputes_of_two_payments_are_not_mixed_up(quiet):
    one, other = paid_quietly(quiet), paid_quietly(quiet)
    resolve(quiet, dispute(quiet, one), "merchant-accepted")
    assert sync(quiet, other).data["dispute"] == "none"
    assert sync(quiet, one).data["dispute"] == "lost"
    assert ledger(quiet, one) == TAKEN and ledger(quiet, other) == []


def test_without_the_list_an_end_waits_and_a_sync_says_that_it_does_not_know(quiet):
    payment = paid_quietly(quiet)
    made = dispute(quiet, payment)
    tell(quiet, event(quiet, made, "create"))
    resolve(quiet, made, "merchant-accepted")
    quiet.fault("status", method="GET", path="/dispute", status=503, times=-1)
    tell(quiet, event(quiet, made, "resolve"))
    assert sync(quiet, payment).status == 202
    assert state_of(quiet, payment)["dispute"] == "open" and ledger(quiet, payment) == []
    quiet.clear_faults()
    assert sync(quiet, payment).status == 200
    assert ledger(quiet, payment) == TAKEN
    all_processed(quiet, payment)
