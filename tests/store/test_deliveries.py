"""Deliveries of events in the database: planned exactly once, leased fairly, in order, finished behind their fence."""
import json
import random

import pytest

from conftest import PAYMENT, given_shop, other

FIRST, SECOND, THIRD = other("wep", 1), other("wep", 2), other("wep", 3)
LEASE_MS = 30000


def endpoint(db, endpoint_id=FIRST, events=("*",)):
    db.run("INSERT INTO webhook_endpoints (endpoint_id, url, events, description, created_at, created_by, updated_at)"
           " VALUES (%s, 'https://shop.example/' || %s, %s, '', clock_timestamp(), 'a', clock_timestamp())",
           endpoint_id, endpoint_id, list(events))


@pytest.fixture
def shop(own_database):
    """A database of its own: transactions of the tests end."""
    given_shop(own_database)
    plan_all(own_database)
    return own_database


class Events:
    """Writes domain events, each with an id of its own."""
    made = 100

    def __init__(self, db):
        self.db = db

    def tell(self, event_type="payment.completed", payment=None, order="o1", db=None):
        Events.made += 1
        event_id = other("evt", Events.made)
        (db or self.db).run(
            "INSERT INTO audit_log (order_id, payment_id, actor, action, body, trace_id, event_id, event_type,"
            " event_payload) VALUES (%s, %s, 'a', 'status', '{}', 't', %s, %s, '{\"id\":1}')",
            order, payment, event_id, event_type)
        return event_id


@pytest.fixture
def events(shop):
    return Events(shop)


def plan(db, at_most=1000):
    return db.value("SELECT plan_deliveries(%s)", at_most, role="payapi_deliver")


def plan_all(db, at_most=1000):
    while plan(db, at_most) > 0:
        pass


def claim(db, at_most=100):
    return db.run("SELECT delivery_id, endpoint_id, attempt, event_id FROM claim_deliveries(%s, %s)", at_most, LEASE_MS,
                  role="payapi_deliver")


def finish(db, *results):
    """Each: (delivery, attempt, error), with the next attempt at once for those that failed."""
    now_ms = db.value("SELECT ms(clock_timestamp())")
    document = json.dumps([{"deliveryId": delivery, "attempt": attempt, "atMs": now_ms, "durationMs": 5,
                            "httpStatus": 500 if error else 200, "error": error, "answer": "said",
                            "nextMs": now_ms if error and error != "last" else None}
                           for delivery, attempt, error in results])
    return db.run("SELECT endpoint_id, failures, failing_since FROM finish_deliveries(%s)", document,
                  role="payapi_deliver")


def told(db, endpoint_id=FIRST):
    return sorted(row[0] for row in db.run("SELECT a.event_id FROM webhook_deliveries AS d JOIN audit_log AS a"
                                           " USING (audit_id) WHERE endpoint_id = %s", endpoint_id))


def statuses(db):
    return dict(db.run("SELECT a.event_id, d.status FROM webhook_deliveries AS d JOIN audit_log AS a USING (audit_id)"))


def second_connection(db):
    other_one = type(db)(db.server, db.name)
    return other_one


# --- Planning ---------------------------------------------------------------------------------------

def test_each_event_is_planned_once_for_each_endpoint_that_asks_for_it(shop, events):
    endpoint(shop)
    endpoint(shop, SECOND, ["payment.failed", "refund.failed"])
    endpoint(shop, THIRD)
    shop.run("UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'asked' WHERE endpoint_id = %s", THIRD)
    paid, failed = events.tell(), events.tell("payment.failed")
    plan_all(shop)
    plan_all(shop)
    assert told(shop) == sorted([paid, failed]) and told(shop, SECOND) == [failed] and told(shop, THIRD) == []


def test_what_no_endpoint_existed_for_is_not_sent_later(shop, events):
    events.tell()
    endpoint(shop)
    after = events.tell()
    plan_all(shop)
    assert told(shop) == [after]


def test_a_test_event_is_not_planned(shop, events):
    endpoint(shop)
    events.tell("webhook_endpoint.test", order=None)
    plan_all(shop)
    assert told(shop) == []


def test_a_transaction_that_ends_late_is_not_missed(shop, events):
    """Its rows were written before others that are planned already."""
    endpoint(shop)
    late = second_connection(shop)
    late.begin()
    missed = events.tell(db=late)
    early = events.tell()
    plan_all(shop)
    assert told(shop) == [early]
    late.run("COMMIT")
    plan_all(shop)
    assert told(shop) == sorted([missed, early])


def test_an_endpoint_gets_what_had_not_ended_when_it_was_made(shop, events):
    late = second_connection(shop)
    late.begin()
    under_way = events.tell(db=late)
    before = events.tell()
    endpoint(shop)
    late.run("COMMIT")
    plan_all(shop)
    assert told(shop) == [under_way] and before not in told(shop)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_order_transactions_end_in(shop, events, seed):
    """Random transactions, some rolled back, with plannings of any size in between: each event once, none lost."""
    dice = random.Random(seed)
    endpoint(shop)
    connections = [second_connection(shop) for _ in range(4)]
    open_ones, committed = {}, []
    for _ in range(150):
        at = dice.randrange(len(connections))
        if at not in open_ones:
            connections[at].begin()
            open_ones[at] = []
        step = dice.random()
        if step < 0.5:
            open_ones[at].append(events.tell(db=connections[at]))
        elif step < 0.7:
            connections[at].run("COMMIT")
            committed += open_ones.pop(at)
        elif step < 0.8:
            connections[at].run("ROLLBACK")
            open_ones.pop(at)
        else:
            plan(shop, dice.choice([1, 2, 5, 1000]))
            assert set(told(shop)) <= set(committed)
    for at in list(open_ones):
        connections[at].run("COMMIT")
        committed += open_ones.pop(at)
    plan_all(shop, 3)
    assert told(shop) == sorted(committed)
    for connection in connections:
        connection.close()


def test_a_planning_that_is_rolled_back_changes_nothing(shop, events):
    endpoint(shop)
    event = events.tell()
    shop.begin()
    assert plan(shop) == 1
    shop.rollback()
    assert told(shop) == []
    plan_all(shop)
    assert told(shop) == [event]


def test_a_second_planner_passes_by(shop, events):
    endpoint(shop)
    events.tell()
    rival = second_connection(shop)
    rival.begin()
    rival.run("SELECT FROM webhook_planning FOR UPDATE")
    assert plan(shop) == 0 and told(shop) == []
    rival.rollback()
    assert plan(shop) == 1


def test_a_large_transaction_is_planned_whole(shop, events):
    endpoint(shop)
    shop.begin()
    many = [events.tell() for _ in range(20)]
    shop.run("COMMIT")
    one = events.tell()
    assert plan(shop, 5) == 20
    plan_all(shop, 5)
    assert told(shop) == sorted([*many, one])


def test_a_restore_into_another_cluster_misses_nothing(shop, events):
    """There transaction ids start anew, far below those that the dump remembers."""
    endpoint(shop)
    before = events.tell()
    plan_all(shop)
    shop.run("UPDATE webhook_planning SET system_id = 1, planned_to = '900000000:900000000:'")
    shop.run("UPDATE webhook_endpoints SET after_events = '800000000:800000000:'")
    after = events.tell()
    plan_all(shop)
    assert told(shop) == sorted([before, after])
    later = events.tell()
    plan_all(shop)
    assert told(shop) == sorted([before, after, later])


def test_a_restored_cluster_never_sends_old_events_as_its_own_transaction_ids_grow(shop, events):
    old = events.tell()
    endpoint(shop)
    plan_all(shop)
    shop.run("UPDATE webhook_endpoints SET after_events = '3:3:'")
    here = shop.value("SELECT max(audit_id) FROM audit_log WHERE event_id = %s", old)
    shop.run("UPDATE webhook_planning SET planned_to = '3:3:', restored_id = %s", here)    # the ids begin below the old
    plan_all(shop)
    assert told(shop) == []


@pytest.mark.parametrize("at_most", [1, 2, 3])
def test_a_long_transaction_does_not_make_a_piece_larger(shop, events, at_most):
    endpoint(shop)
    long = second_connection(shop)
    long.begin()
    missed = events.tell(db=long)
    rest = [events.tell() for _ in range(9)]
    assert 0 < plan(shop, at_most) <= at_most
    plan_all(shop, at_most)
    assert told(shop) == sorted(rest)
    long.run("COMMIT")
    plan_all(shop, at_most)
    assert told(shop) == sorted([missed, *rest])


def test_an_idle_system_is_only_looked_at(shop, events):
    endpoint(shop)
    shop.run("UPDATE webhook_planning SET planned_at = clock_timestamp() + interval '1 hour'")
    before = shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
    for _ in range(20):
        assert plan(shop) == 0
    assert shop.value("SELECT pg_snapshot_xmax(pg_current_snapshot())::text") == before
    one = events.tell()
    plan_all(shop)
    assert told(shop) == [one]


# --- Order ------------------------------------------------------------------------------------------

def test_the_end_of_a_piece_never_parts_the_events_of_a_payment(shop, events):
    """The later event has the lower transaction id: its transaction waited, e.g. for the payment's lock."""
    endpoint(shop)
    late, early = second_connection(shop), second_connection(shop)
    events.tell()
    late.begin()
    late.value("SELECT pg_current_xact_id()::text")
    early.begin()
    first = events.tell("payment.processing", PAYMENT, db=early)
    early.run("COMMIT")
    second = events.tell(payment=PAYMENT, db=late)
    late.run("COMMIT")
    while second not in statuses(shop):
        assert plan(shop, 1) > 0
    assert statuses(shop).get(first) == "pending" and statuses(shop)[second] == "waiting"
    plan_all(shop, 1)
    assert statuses(shop)[first] == "pending" and statuses(shop)[second] == "waiting"



def test_later_events_of_a_payment_wait_for_earlier_ones(shop, events):
    endpoint(shop)
    first, second, third = (events.tell(payment=PAYMENT) for _ in range(3))
    free = events.tell()
    plan_all(shop)
    assert statuses(shop) == {first: "pending", second: "waiting", third: "waiting", free: "pending"}
    claimed = {event: (delivery, attempt) for delivery, _, attempt, event in claim(shop)}
    assert set(claimed) == {first, free}
    finish(shop, (*claimed[first], ""))
    assert statuses(shop)[second] == "pending" and statuses(shop)[third] == "waiting"


def test_after_its_third_attempt_an_event_holds_nobody_up(shop, events):
    endpoint(shop)
    first, second = events.tell(payment=PAYMENT), events.tell(payment=PAYMENT)
    plan_all(shop)
    for attempt in (1, 2, 3):
        assert statuses(shop)[second] == "waiting"
        (delivery, _, number, event), = claim(shop)
        assert (event, number) == (first, attempt)
        finish(shop, (delivery, attempt, "timeout"))
    assert statuses(shop) == {first: "pending", second: "pending"}


def test_attempts_that_a_crash_cut_short_hold_nobody_up_for_ever(shop, events):
    endpoint(shop)
    first, second = events.tell(payment=PAYMENT), events.tell(payment=PAYMENT)
    plan_all(shop)
    for number in (1, 2, 3):
        assert [(row[3], row[2]) for row in claim(shop)] == [(first, number)] and statuses(shop)[second] == "waiting"
        shop.run("UPDATE webhook_deliveries SET next_at = now() - interval '1 second' WHERE status = 'sending'")
    claim(shop)
    assert statuses(shop) == {first: "sending", second: "pending"}


def test_what_waits_for_a_delivery_that_is_purged_waits_no_more(shop, events):
    endpoint(shop)
    first, second, third = (events.tell(payment=PAYMENT) for _ in range(3))
    plan_all(shop)
    shop.run("UPDATE webhook_deliveries SET event_at = now() - interval '31 days' WHERE audit_id IN"
             " (SELECT audit_id FROM audit_log WHERE event_id IN (%s, %s))", first, second)
    assert shop.value("SELECT purge_deliveries(30, 1000)", role="payapi_app") == 2
    assert statuses(shop) == {third: "pending"}


def test_an_event_that_is_planned_later_waits_too(shop, events):
    endpoint(shop)
    first = events.tell(payment=PAYMENT)
    plan_all(shop)
    second = events.tell(payment=PAYMENT)
    plan_all(shop)
    assert statuses(shop) == {first: "pending", second: "waiting"}
    (delivery, _, attempt, _), = claim(shop)
    finish(shop, (delivery, attempt, "last"))
    assert statuses(shop) == {first: "failed", second: "pending"}


# --- Leases -----------------------------------------------------------------------------------------

def test_no_more_is_on_its_way_than_an_endpoint_takes(shop, events):
    endpoint(shop)
    endpoint(shop, SECOND)
    for _ in range(10):
        events.tell()
    plan_all(shop)
    claimed = claim(shop)
    assert sorted(row[1] for row in claimed) == [FIRST] * 4 + [SECOND] * 4
    assert claim(shop) == []
    finish(shop, (claimed[0][0], 1, ""))
    assert [row[1] for row in claim(shop)] == [claimed[0][1]]


def test_room_is_shared_fairly(shop, events):
    """One endpoint has a long queue; another's only delivery is among the first."""
    endpoint(shop, FIRST, ["payment.completed"])
    endpoint(shop, SECOND, ["payment.failed"])
    for _ in range(50):
        events.tell()
    events.tell("payment.failed")
    plan_all(shop)
    assert SECOND in {row[1] for row in claim(shop, 2)}


def test_an_endpoint_that_fails_gets_one_at_a_time_and_recovers_in_steps(shop, events):
    endpoint(shop)
    for _ in range(20):
        events.tell()
    plan_all(shop)
    for _ in range(2):
        claimed = claim(shop)
        assert len(claimed) == 4
        fare = finish(shop, *[(row[0], row[2], "timeout") for row in claimed])
    assert fare[0][1] == 8 and fare[0][2] is not None
    for at_a_time in (1, 2, 4, 4):
        claimed = claim(shop)
        assert len(claimed) == at_a_time
        finish(shop, *[(row[0], row[2], "") for row in claimed])
    assert shop.run("SELECT failures, failing_since FROM webhook_endpoints") == [(0, None)]


def test_a_lease_that_ended_was_an_attempt(shop, events):
    endpoint(shop)
    events.tell()
    plan_all(shop)
    (delivery, _, attempt, _), = claim(shop)
    assert claim(shop) == []
    shop.run("UPDATE webhook_deliveries SET next_at = now() - interval '1 second'")
    assert [(row[0], row[2]) for row in claim(shop)] == [(delivery, attempt + 1)]
    assert shop.run("SELECT attempt, error FROM webhook_delivery_attempts") == [(1, "interrupted")]
    finish(shop, (delivery, 1, "timeout"))                  # too late: another has the lease
    assert shop.run("SELECT status, attempts FROM webhook_deliveries") == [("sending", 2)]
    finish(shop, (delivery, 2, ""))
    finish(shop, (delivery, 2, ""))
    assert shop.run("SELECT attempt, error FROM webhook_delivery_attempts ORDER BY 1") == [(1, "interrupted"), (2, "")]


def test_outcomes_of_two_attempts_of_one_delivery_in_one_call(shop, events):
    """The first one's lease was lost; its outcome changes nothing, and the other one's is recorded."""
    endpoint(shop)
    events.tell()
    plan_all(shop)
    (delivery, *_), = claim(shop)
    shop.run("UPDATE webhook_deliveries SET next_at = now() - interval '1 second'")
    claim(shop)
    finish(shop, (delivery, 1, "timeout"), (delivery, 2, ""), (delivery, 2, ""))
    assert shop.run("SELECT attempt, error FROM webhook_delivery_attempts ORDER BY 1") == [(1, "interrupted"), (2, "")]
    assert shop.run("SELECT status FROM webhook_deliveries") == [("delivered",)]


def test_nothing_is_claimed_of_an_endpoint_that_is_disabled(shop, events):
    endpoint(shop)
    events.tell()
    plan_all(shop)
    shop.run("UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'asked'")
    assert claim(shop) == []


def test_two_claimers_never_exceed_the_limit(shop, events):
    endpoint(shop)
    for _ in range(10):
        events.tell()
    plan_all(shop)
    rival = second_connection(shop)
    rival.begin()
    assert len(claim(rival)) == 4
    assert claim(shop) == []                                # the endpoint is locked: no wait, and no more
    rival.run("COMMIT")
    assert claim(shop) == []


# --- Ends -------------------------------------------------------------------------------------------

def test_failures_since_the_last_success_are_counted(shop, events):
    endpoint(shop)
    for _ in range(4):
        events.tell()
    plan_all(shop)
    claimed = [(row[0], row[2]) for row in claim(shop)]
    fare = finish(shop, (*claimed[0], "timeout"), (*claimed[1], ""), (*claimed[2], "tls"), (*claimed[3], "tls"))
    assert fare[0][:2] == (FIRST, 2) and fare[0][2] is not None


@pytest.mark.parametrize("answer", ['"', "\\", "'; DROP TABLE orders; --", "é€😀", "\\u0000", "x" * 4096, "\t\n"])
def test_odd_answers_are_kept_as_they_are(shop, events, answer):
    endpoint(shop)
    events.tell()
    plan_all(shop)
    (delivery, _, attempt, _), = claim(shop)
    document = json.dumps([{"deliveryId": delivery, "attempt": attempt, "atMs": 1, "durationMs": 5, "httpStatus": 200,
                            "error": "", "answer": answer, "nextMs": None}])
    shop.run("SELECT * FROM finish_deliveries(%s)", document, role="payapi_deliver")
    assert shop.run("SELECT answer FROM webhook_delivery_attempts") == [(answer,)]


def test_an_endpoint_is_disabled_once_and_the_others_are_told(shop, events):
    endpoint(shop)
    endpoint(shop, SECOND)
    disable = "SELECT disable_endpoint(%s, 'gone', %s, '{\"id\":1}', 't')"
    assert shop.value(disable, FIRST, other("evt", 9001), role="payapi_deliver") is True
    assert shop.value(disable, FIRST, other("evt", 9002), role="payapi_deliver") is False
    plan_all(shop)
    assert told(shop, SECOND) == [other("evt", 9001)] and told(shop) == []


def test_old_deliveries_go_with_their_attempts(shop, events):
    endpoint(shop)
    old, new = events.tell(), events.tell()
    plan_all(shop)
    finish(shop, *[(row[0], row[2], "") for row in claim(shop)])
    shop.run("UPDATE webhook_deliveries SET event_at = now() - interval '31 days' WHERE audit_id = "
             "(SELECT audit_id FROM audit_log WHERE event_id = %s)", old)
    assert shop.value("SELECT purge_deliveries(30, 1000)", role="payapi_app") == 1
    assert told(shop) == [new] and shop.value("SELECT count(*) FROM webhook_delivery_attempts") == 1
    assert shop.value("SELECT purge_deliveries(1, 1000)", role="payapi_app") == 0      # never below 15 days


# --- Rights -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("statement", [
    "INSERT INTO audit_log (actor, action, body, trace_id) VALUES ('a', 'b', '{}', 't')",
    "SELECT * FROM audit_log", "SELECT * FROM payments", "SELECT * FROM orders", "SELECT * FROM api_keys",
    "SELECT * FROM webhook_deliveries", "DELETE FROM webhook_deliveries", "UPDATE webhook_endpoints SET url = 'https://evil/'",
    "UPDATE webhook_planning SET planned_id = 1", "SELECT purge_deliveries(15, 1)", "SELECT audit_floor()",
    "INSERT INTO webhook_endpoints DEFAULT VALUES"])
def test_payapi_deliver_may_do_nothing_else(shop, statement):
    shop.begin()
    refusal = shop.refusal(statement, role="payapi_deliver")
    shop.rollback()
    assert refusal is not None and refusal.pgcode == "42501"


@pytest.mark.parametrize("statement", ["SELECT plan_deliveries(1)", "SELECT * FROM claim_deliveries(1, 1)",
                                       "SELECT * FROM finish_deliveries('[]')",
                                       "UPDATE webhook_deliveries SET delivered_at = now()",
                                       "INSERT INTO webhook_delivery_attempts DEFAULT VALUES"])
def test_workers_record_no_outcome(shop, statement):
    shop.begin()
    refusal = shop.refusal(statement, role="payapi_app")
    shop.rollback()
    assert refusal is not None and refusal.pgcode == "42501"
