"""Webhooks that never came: the provider's own list has the events, and nothing happens twice.

PAYAPI_LOSS_PAYMENTS makes the test with losses longer (./dev losses); PAYAPI_GOOD_EVENTS and
PAYAPI_POISON_EVENTS change the test with poison.
"""
import collections
import concurrent.futures
import itertools
import json
import os
import random
import time
import uuid

import pytest

import customers
import unkind
from cross_invariants import contradictions
from lost_rows import hours_pass, hurry
from payapi_instance import Instance, metadata_of, wait_until

PAYMENTS = int(os.environ.get("PAYAPI_LOSS_PAYMENTS", "60"))
GOOD_EVENTS = int(os.environ.get("PAYAPI_GOOD_EVENTS", "2000"))
POISON_EVENTS = int(os.environ.get("PAYAPI_POISON_EVENTS", "100"))
MISCHIEF = ["lose_answer", "cut_headers", "cut_body", "malformed", "html", "reset"]
INTERVAL_S = 2


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("missed", EVENTS_PULL_INTERVAL_S=str(INTERVAL_S), RECOVERY_FIRST_DELAY_MS="500",
                        PROVIDER_TIMEOUT_MS="3000",
                        CHECKOUT_TTL_MIN="1439")
    try:
        yield instance.up()
        instance.clear_faults()
        heal(instance)
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def no_faults_left(payapi):
    yield
    payapi.clear_faults()
    payapi.webhook_settings(delivery="on", drop_probability=0.0, duplicate=0)


def report(line):
    print(line)
    if os.environ.get("PAYAPI_LOSS_REPORT"):
        with open(os.environ["PAYAPI_LOSS_REPORT"], "a") as file:
            file.write(line + "\n")


# --- small stories ----------------------------------------------------------------------------
def open_payment(payapi, **options):
    order = payapi.create_order(**options)
    return order, payapi.checkout(order).data


def intent_of(payapi, order):
    return payapi.row("SELECT provider_intent FROM payapi.payments WHERE order_id = %s AND captured_minor > 0",
                      order)[0]


def unsettled(payapi):
    """How much still waits, not counting what waits for a human."""
    return payapi.row(
        "SELECT (SELECT count(*) FROM payapi.provider_calls WHERE finished_at IS NULL)"
        "     + (SELECT count(*) FROM payapi.webhook_events WHERE status = 'received')")[0]


def pulls(payapi):
    return payapi.row("SELECT fence FROM payapi.provider_cursors WHERE provider = 'stripe'")[0]


def a_whole_pull(payapi):
    """Waits until a reading that began after this call has ended."""
    before = pulls(payapi)
    wait_until(lambda: pulls(payapi) >= before + 2, 60, "two more readings of the list")


def no_pull_for_an_hour(payapi):
    """Postpones the next reading; must be between two, as one under way sets the next time when it ends."""
    wait_until(lambda: payapi.rows("UPDATE payapi.provider_cursors SET next_at = now() + interval '1 hour'"
                                   " WHERE provider = 'stripe' AND (lease_until IS NULL OR lease_until <= now())"
                                   " RETURNING 1"), 60, "the end of a reading")


def heal(payapi, seconds=60):
    def settled():
        hours_pass(payapi)
        return unsettled(payapi) == 0
    a_whole_pull(payapi)
    wait_until(settled, seconds, "everything to be settled")


def sources(payapi, payment):
    return {r[0] for r in payapi.rows("SELECT actor FROM payapi.audit_log WHERE payment_id = %s"
                                      " AND action IN ('status', 'facts')", payment)}


# --- pulled -----------------------------------------------------------------------------------
def test_events_that_were_never_delivered_are_pulled_and_applied(payapi):
    payapi.webhook_settings(delivery="off")
    pairs = [open_payment(payapi) for _ in range(10)]
    for order, payment in pairs[:8]:
        payapi.sandbox_do(payment["externalId"], "pay")
    payapi.sandbox_do(pairs[8][1]["externalId"], "expire")
    payapi.sandbox_do(pairs[9][1]["externalId"], "decline")
    for order, payment in pairs[:8]:
        payapi.wait_for_status(order, "completed")
        assert "pull:stripe" in sources(payapi, payment["id"])
    payapi.wait_for_status(pairs[8][0], "expired")
    payapi.wait_for_status(pairs[9][0], "failed")
    assert payapi.payment_of(pairs[9][0])["checkoutUrl"], "a soft failure: the page is still open"


def test_a_refund_of_the_dashboard_and_its_end_are_pulled(payapi):
    payapi.webhook_settings(delivery="off")
    order, payment = open_payment(payapi)
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    payapi.sandbox("POST", "/_sandbox/settings", {"refund_status": "pending"})
    try:
        made = payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent_of(payapi, order)}/refund",
                              {"amount": 1000}).json
    finally:
        payapi.sandbox("POST", "/_sandbox/settings", {"refund_status": "succeeded"})
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.refunds WHERE provider_ref = %s AND status = 'pending'",
                                   made["id"]), 15, "the refund")
    payapi.sandbox("POST", f"/_sandbox/refunds/{made['id']}/succeed", {})
    payapi.wait_for_status(order, "partially_refunded")


def test_what_is_pulled_and_delivered_at_once_happens_once(payapi):
    payapi.webhook_settings(delivery="on", duplicate=3)
    pairs = [open_payment(payapi) for _ in range(30)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: payapi.sandbox_do(pair[1]["externalId"], "pay"), pairs))
    for order, payment in pairs:
        payapi.wait_for_status(order, "completed")
    a_whole_pull(payapi)
    for order, payment in pairs:
        assert payapi.row("SELECT count(*), sum(amount_minor) FROM payapi.transactions WHERE order_id = %s",
                          order) == (1, 9999)
        assert payapi.row("SELECT count(*) FROM payapi.audit_log WHERE order_id = %s AND event_type = 'payment.completed'",
                          order) == (1,)


def test_a_list_longer_than_a_page_is_read_to_its_end(payapi):
    """Each payment has two events, listed newest first, so the first payment is on the last page."""
    payapi.webhook_settings(delivery="off")
    no_pull_for_an_hour(payapi)
    pairs = [open_payment(payapi) for _ in range(75)]
    for order, payment in pairs:
        payapi.sandbox_do(payment["externalId"], "pay")
    assert payapi.payment_of(pairs[0][0])["status"] == "processing"
    payapi.rows("UPDATE payapi.provider_cursors SET next_at = now()")
    for order, payment in pairs:
        payapi.wait_for_status(order, "completed", seconds=30)
    assert payapi.row("SELECT page_after FROM payapi.provider_cursors WHERE provider = 'stripe'")[0] == ""


def test_a_reading_without_an_answer_is_repeated_and_the_cursor_stays(payapi):
    payapi.webhook_settings(delivery="off")
    a_whole_pull(payapi)
    payapi.fault("status", method="GET", path="/v1/events", times=-1, status=503)
    before = payapi.row("SELECT pulled_to_s FROM payapi.provider_cursors WHERE provider = 'stripe'")
    order, payment = open_payment(payapi)
    payapi.sandbox_do(payment["externalId"], "pay")
    a_whole_pull(payapi)
    assert payapi.payment_of(order)["status"] == "processing"
    assert payapi.row("SELECT pulled_to_s FROM payapi.provider_cursors WHERE provider = 'stripe'") == before
    payapi.clear_faults()
    payapi.wait_for_status(order, "completed")


def test_jobs_that_start_look_an_hour_back(payapi):
    """Even if nothing is due: the database may have been restored, with the cursor or without it."""
    payapi.webhook_settings(delivery="off")
    a_whole_pull(payapi)
    order, payment = open_payment(payapi)
    payapi.kill_jobs()
    payapi.sandbox_do(payment["externalId"], "pay")
    before = payapi.row("UPDATE payapi.provider_cursors SET page_after = '', next_at = now() + interval '1 hour',"
                        " lease_until = NULL WHERE provider = 'stripe' RETURNING pulled_to_s")[0]
    payapi.up()
    payapi.wait_for_status(order, "completed")
    asked = [request["path"] for request in payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]]
    assert [path for path in asked if f"created[gte]={before - 3600}&" in path], asked


def test_bodies_and_keys_beyond_their_time_go(payapi):
    order, payment = open_payment(payapi)
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    payapi.rows("UPDATE payapi.webhook_events SET finished_at = now() - interval '91 days'"
                " WHERE payment_id = %s", payment["id"])
    payapi.post(f"/api/v1/orders/{order}/checkout", {}, headers={"Idempotency-Key": '"to-be-purged"'})
    payapi.rows("UPDATE payapi.idempotency_keys SET created_at = now() - interval '73 hours'"
                " WHERE key = 'to-be-purged'")
    # More than one round purges: the purge must keep up with many.
    payapi.rows("INSERT INTO payapi.idempotency_keys (principal, route, key, fingerprint, holder, locked_until, created_at)"
                " SELECT 'alice', 'POST /', 'old-' || n, repeat('0', 64), '', now(), now() - interval '73 hours'"
                " FROM generate_series(1, 2500) AS n")
    payapi.kill_jobs()
    payapi.up()                         # payapi-jobs purges at its start, and goes on while there is more
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.webhook_events WHERE payment_id = %s"
                                   " AND body = '' AND body_purged_at IS NOT NULL", payment["id"]), 15, "the bodies")
    wait_until(lambda: not payapi.rows("SELECT 1 FROM payapi.idempotency_keys WHERE key = 'to-be-purged'"
                                       " OR key LIKE 'old-%%'"), 15, "the keys")
    assert payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE body_purged_at IS NOT NULL"
                      " AND payment_id IS DISTINCT FROM %s", payment["id"]) == (0,)


# --- an hour without the provider ---------------------------------------------------------------
def test_after_an_hour_without_the_provider_everything_converges(payapi):
    pairs = [open_payment(payapi) for _ in range(10)]
    paid = [open_payment(payapi) for _ in range(5)]
    for order, payment in paid:
        payapi.sandbox_do(payment["externalId"], "pay")
        payapi.wait_for_status(order, "completed")
    payapi.webhook_settings(delivery="off")
    payapi.fault("reset", times=-1, match={"path": "/v1/*"})
    orders = [payapi.create_order() for _ in range(10)]
    assert {payapi.checkout(order).status for order in orders} <= {202, 502, 503}
    refunds = [payapi.post(f"/api/v1/payments/{payment['id']}/refund", '{"amount":10.00}', sub="root",
                           role="admin", headers={"Idempotency-Key": f'"{uuid.uuid4().hex}"'})
               for order, payment in paid]
    assert {answer.status for answer in refunds} <= {202, 502, 503}
    for order, payment in pairs[:8]:
        payapi.sandbox_do(payment["externalId"], "pay")
    payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": 1800})
    hours_pass(payapi)
    time.sleep(2 * INTERVAL_S)          # tried in vain meanwhile
    payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": 1800})
    hours_pass(payapi)
    assert payapi.payment_of(pairs[0][0])["status"] == "processing"
    payapi.clear_faults()
    healed = time.monotonic()           # from here on neither clients nor a moved clock help
    for order, payment in pairs[:8]:
        payapi.wait_for_status(order, "completed", seconds=60)
    for (order, payment), refund in zip(paid, refunds):
        wait_until(lambda: "data" not in refund.json or payapi.payment_of(order)["status"] == "partially_refunded",
                   60, "the refund")
    wait_until(lambda: unsettled(payapi) == 0, 60, "every call to have an outcome")
    took_s = time.monotonic() - healed
    noted = sum("data" in answer.json for answer in refunds)
    report(f"after an hour's outage: 8 payments, {noted} refunds and 10 checkouts settled in {took_s:.1f} s")
    assert took_s < 60


# --- a fifth of everything is lost ----------------------------------------------------------------
PATIENCE_S = 10         # of a customer meanwhile, who then waits until everything is healed


class LossStory(customers.MixedStory):
    """Paid at once; every third one is partly refunded."""

    def __init__(self, payapi, title):
        super().__init__(payapi, title)
        kept = {"create", "checkout", "pay", "completed"} | ({"refund", "refunded"} if self.number % 3 == 0 else set())
        self.steps = collections.deque(step for step in self.steps if step.__name__ in kept)

    def tell(self):
        """Advances the story as far as it gets within the customer's patience."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.done and time.monotonic() < deadline:
            if not self.advance():
                time.sleep(0.3)


class PaystackLossStory(LossStory, customers.MixedPaystackStory):
    """The same at Paystack."""


def lose_a_fifth(payapi, seed):
    for number, (provider, action) in enumerate(itertools.product(("stripe", "paystack"), MISCHIEF)):
        answer = payapi.sandbox("POST", "/_sandbox/faults", {
            "action": action, "match": {"provider": provider, "api": True}, "times": -1,
            "probability": 0.2 / len(MISCHIEF), "seed": seed + number})
        assert answer.status < 300, answer
    payapi.webhook_settings(delivery="on", drop_probability=0.2, seed=seed)
    unkind.be_unkind(payapi, seed, but=["no_note"])
    unkind.leave_out_notes(payapi, seed)


def test_a_fifth_of_all_answers_and_webhooks_lost_leaves_no_difference(payapi):
    seed = int(os.environ.get("PAYAPI_LOSS_SEED", "1"))
    payapi.answers = []
    lose_a_fifth(payapi, seed)
    stories = [(LossStory, PaystackLossStory)[number // 3 % 2](payapi, f"loss {number}") for number in range(PAYMENTS)]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        list(pool.map(LossStory.tell, stories))
    payapi.clear_faults()
    payapi.webhook_settings(drop_probability=0)
    hours_pass(payapi)          # a Retry-After of years is cut to an hour, which passes now
    healed, operator = time.monotonic(), customers.Operator(payapi)
    left = operator.settle(stories, 60 + PAYMENTS / 2)
    heal(payapi)
    took_s = time.monotonic() - healed
    customers.all_is_told(payapi)
    differences = contradictions(payapi, payapi.answers)
    report(f"a fifth lost: {PAYMENTS} payments, seed {seed}, healed in {took_s:.1f} s,"
           f" verdicts {dict(operator.verdicts)}, {len(differences)} differences")
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == []
    assert differences == []
    payapi.assert_invariants()


# --- poison -----------------------------------------------------------------------------------
def put_into_inbox(payapi, bodies):
    """Inserts them as if applying had failed when they came; all are due at once, in this order."""
    connection = payapi.database()
    ids = []
    try:
        with connection, connection.cursor() as cursor:
            for number, (event_id, body) in enumerate(bodies):
                ids.append("whe_01KE" + f"{random.getrandbits(88):022X}")
                cursor.execute(
                    "INSERT INTO payapi.webhook_events (provider, event_id, inbox_id, type, livemode, body,"
                    " event_created_at, received_at, trace_id, next_at)"
                    " VALUES ('stripe', %s, %s, 'x', false, %s, now(), now(), 'poison',"
                    "         now() + %s * interval '1 microsecond')", (event_id, ids[-1], body, number))
    finally:
        connection.close()
    return ids


def body_of(event_id, kind, obj):
    return json.dumps({"id": event_id, "object": "event", "created": int(time.time()), "livemode": False,
                       "type": kind, "data": {"object": obj}}).encode()


def intent(payment, **changed):
    return {"id": "pi_good_" + payment["id"][4:], "object": "payment_intent", "status": "processing",
            "amount": payment["amountMinor"], "currency": payment["currency"].lower(),
            "metadata": metadata_of(payment), **changed}


def alerts_of(payapi, ids):
    alerts = [line["inbox_id"] for line in payapi.events("webhook_dead", "jobs")]
    return sorted(each for each in alerts if each in ids)


def test_poison_holds_nobody_up_dies_once_and_lives_again_when_its_cause_is_gone(payapi):
    payments = [open_payment(payapi)[1] for _ in range(20)]
    good = [(f"evt_good_{uuid.uuid4().hex}", payments[2 + number % 18]) for number in range(GOOD_EVENTS)]
    good = [(name, body_of(name, "payment_intent.processing", intent(payment))) for name, payment in good]
    poison, cure = [], {}
    for number in range(POISON_EVENTS):
        name = f"evt_poison_{uuid.uuid4().hex}"
        cure[name] = body_of(name, "payment_intent.processing", intent(payments[0], id="pi_of_the_first"))
        # Either it cannot be parsed, or applying it violates a constraint: the intent of another payment.
        poison.append((name, b"{" if number % 2 == 0 else body_of(name, "checkout.session.completed", {
            "id": payments[1]["externalId"], "object": "checkout.session", "status": "complete",
            "payment_status": "unpaid", "payment_intent": "pi_of_the_first",
            "amount_total": payments[1]["amountMinor"], "currency": payments[1]["currency"].lower()})))
    first = f"evt_first_{uuid.uuid4().hex}"
    put_into_inbox(payapi, [(first, body_of(first, "payment_intent.processing",
                                            intent(payments[0], id="pi_of_the_first")))])
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.webhook_events WHERE event_id = %s"
                                   " AND status = 'processed'", first), 20, "the first")
    ids = put_into_inbox(payapi, poison + good)[:len(poison)]
    begun = time.monotonic()

    def left():
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'"
                          " AND event_id LIKE 'evt_good_%%'")[0]

    wait_until(lambda: left() == 0, 60 + GOOD_EVENTS / 50, "the good ones")
    good_s = time.monotonic() - begun

    def all_dead():
        hurry(payapi)
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE inbox_id = ANY(%s)"
                          " AND status = 'dead' AND attempts = 10", ids) == (len(ids),)

    begun = time.monotonic()
    wait_until(all_dead, 60 + GOOD_EVENTS / 50, "the poison to be dead")
    dead_s = time.monotonic() - begun
    assert alerts_of(payapi, ids) == sorted(ids)
    begun = time.monotonic()
    for (name, _), inbox_id in zip(poison, ids):
        payapi.rows("UPDATE payapi.webhook_events SET body = %s WHERE inbox_id = %s", cure[name], inbox_id)
        answer = payapi.post(f"/api/v1/webhook-events/{inbox_id}/replay", {}, sub="root", role="admin")
        assert answer.status == 200 and answer.data["status"] == "processed", answer
    replay_s = time.monotonic() - begun
    assert alerts_of(payapi, ids) == sorted(ids)
    report(f"poison: {len(good)} good events done in {good_s:.1f} s beside {len(ids)} poison ones, each of these dead"
           f" once with one alert after another {dead_s:.1f} s, and applied by a replay in {replay_s:.1f} s")


def test_a_new_event_does_not_wait_for_forty_slow_ones(payapi):
    """Each try of a slow one asks a provider that hangs; the new event needs no provider."""
    payapi.webhook_settings(delivery="off")
    payment = open_payment(payapi)[1]
    payapi.fault("hang", method="GET", path="/v1/checkout/sessions*", times=-1, seconds=10)
    slow = [f"evt_slow_{uuid.uuid4().hex}" for _ in range(40)]
    ids = put_into_inbox(payapi, [(name, body_of(name, "payment_intent.succeeded", {
        "id": f"pi_{name}", "object": "payment_intent", "status": "succeeded", "amount_received": 1,
        "currency": "usd"})) for name in slow])
    payapi.rows("UPDATE payapi.webhook_events SET attempts = 1, next_at = now() - interval '1 hour'"
                " WHERE inbox_id = ANY(%s) AND status = 'received'", ids)
    name = f"evt_new_{uuid.uuid4().hex}"
    begun = time.monotonic()
    put_into_inbox(payapi, [(name, body_of(name, "payment_intent.processing", intent(payment)))])
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.webhook_events WHERE event_id = %s"
                                   " AND status = 'processed'", name), 30, "the new event")
    took_s = time.monotonic() - begun
    payapi.clear_faults()
    report(f"a new event beside 40 slow ones: {took_s:.1f} s")
    payapi.rows("UPDATE payapi.webhook_events SET status = 'ignored', finished_at = now(), reason = 'of this test'"
                " WHERE inbox_id = ANY(%s)", ids)
