"""A provider that does not answer: calls are refused at once, /health says so, and work catches up afterwards."""
import pytest

from payapi_instance import Instance, lives, wait_until

FAILURES = 5


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("health", PROVIDER_BREAKER_FAILURES=str(FAILURES))
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def everything_answers(payapi):
    yield
    payapi.clear_faults()
    wait_until(lambda: stripe_health(payapi)["status"] == "ok", 90, "the provider to be back")
    # Waiting calls could fail in the next test too, and open its circuit before it begins.
    wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.provider_calls WHERE finished_at IS NULL") == (0,),
               90, "what was begun to be settled")


def stripe_health(payapi):
    return payapi.get("/health", sub=None).json["providers"]["stripe"]


def break_provider(payapi, path="/v1/checkout/sessions"):
    """Answers are lost; probes fail as well."""
    payapi.fault("lose_answer", path=path, times=100000)
    payapi.fault("status", method="GET", path="/v1/checkout/sessions", times=100000, status=503)


def order_for_stripe(payapi):
    """An order without an e-mail address: Paystack requires one, so it cannot step in."""
    return payapi.create_order(customerEmail=None)


def open_circuit(payapi):
    """Returns the orders whose payment was begun; an open circuit refuses every call but the probing one."""
    begun = []

    def is_open():
        order = order_for_stripe(payapi)
        status = payapi.checkout(order).status
        begun.extend([order] if status == 202 else [])
        return begun and status == 502
    wait_until(is_open, 30, "the circuit to open")
    return begun


def test_all_is_well_and_the_probe_is_remembered(payapi):
    wait_until(lambda: stripe_health(payapi)["lastAnswerAt"], 15, "a probe")
    health = payapi.get("/health", sub=None)
    assert health.json["database"]["status"] == "ok"
    assert stripe_health(payapi)["answered"] >= 1


def test_a_silent_provider_is_not_waited_for(payapi):
    break_provider(payapi)
    waiting = open_circuit(payapi)

    health = payapi.get("/health", sub=None)
    assert health.status == 200 and health.json["status"] == "degraded", health
    assert stripe_health(payapi)["failed"] >= FAILURES

    order = order_for_stripe(payapi)
    refused = payapi.checkout(order, headers={"Idempotency-Key": "while-silent"})
    while refused.status == 202:                # this was the call that probes the provider
        order = order_for_stripe(payapi)
        refused = payapi.checkout(order, headers={"Idempotency-Key": "while-silent-" + order})
    assert refused.status == 502, refused
    assert refused.json["type"].endswith("/provider-unavailable")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert requests_about(payapi, order) == []
    assert payapi.row("SELECT count(*) FROM payapi.payments WHERE order_id = %s", order) == (0,)

    reads = payapi.get(f"/api/v1/orders/{waiting[0]}")
    assert reads.status == 200
    assert payapi.payment_of(waiting[0])["status"] == "pending"

    payapi.clear_faults()
    wait_until(lambda: stripe_health(payapi)["status"] == "ok", 60, "the provider to be back")
    for waiter in waiting:                      # at once, not after their back-off
        payapi.wait_for_status(waiter, "processing", seconds=30)
    assert payapi.checkout(order).status == 201
    for paid in [*waiting, order]:
        payapi.sandbox_do(payapi.payment_of(paid)["externalId"], "pay")
        payapi.wait_for_status(paid, "completed")
        assert len([c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == paid]) == 1


def requests_about(payapi, order):
    requests = payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]
    return [request for request in requests if order in request["body"]]


def test_all_pools_know_what_one_found(payapi):
    """The fast pool serves /health, the provider pool makes the calls, payapi-jobs makes the probes."""
    break_provider(payapi)
    open_circuit(payapi)
    answers = {payapi.get("/health", sub=None).json["status"] for _ in range(30)}
    assert answers == {"degraded"}


def test_the_other_provider_steps_in_for_what_was_not_begun(payapi):
    break_provider(payapi)
    begun = open_circuit(payapi)[0]
    answer = payapi.checkout(payapi.create_order())
    while answer.status == 202:                 # this was the call that probes the provider
        answer = payapi.checkout(payapi.create_order())
    assert answer.status == 201 and answer.data["provider"] == "paystack", answer
    assert payapi.checkout(begun).status in (202, 502)              # begun at Stripe: it stays there
    assert payapi.payment_of(begun)["provider"] == "stripe"
    named = payapi.post(f"/api/v1/orders/{payapi.create_order()}/checkout", {"provider": "stripe"})
    assert named.status in (202, 502), named                        # 202: this was the probing call


def parts_lost(payapi):
    return {(line["part"], line["cause"]) for line in payapi.events("health_lost", "jobs", "fast")
            if line["level"] == "error"}


@pytest.mark.parametrize("status, reason", [
    (503, "it answers HTTP 503 to checkouts and refunds"),
    (401, "it refuses our key (HTTP 401) for checkouts and refunds"),
])
def test_orders_that_fail_are_told_although_questions_are_answered(payapi, status, reason):
    payapi.fault("status", times=100000, status=status)
    payapi.checkout(order_for_stripe(payapi))
    wait_until(lambda: stripe_health(payapi).get("reason") == reason, 30, "the reason")
    assert payapi.get("/health", sub=None).json["status"] == "degraded"
    wait_until(lambda: ("stripe", reason) in parts_lost(payapi), 30, "the line in the log")
    levels = {line["level"] for line in payapi.events("provider_fails", "provider", "jobs")
              if line["status"] == status}
    assert levels == ({"error"} if status == 401 else {"warn"})


def test_jobs_that_are_gone_are_missed(payapi):
    wait_until(lambda: payapi.get("/health", sub=None).json["jobs"]["status"] == "ok", 60, "a round of theirs")
    payapi.kill_jobs()
    gone = wait_until(lambda: (lambda jobs: jobs if jobs["status"] == "degraded" else None)(
        payapi.get("/health", sub=None).json["jobs"]), 60, "their absence to be noticed")
    assert gone["reason"].startswith("payapi-jobs has got nothing done for ")
    assert "jobs" in {part for part, _ in parts_lost(payapi)}
    assert payapi.dev("up", "--no-demo", check=False).returncode == 0
    wait_until(lambda: payapi.get("/health", sub=None).json["jobs"]["status"] == "ok", 60, "new jobs")


def test_jobs_that_cannot_find_work_end(payapi):
    """As after a migration that they do not know. They must not look alive from outside."""
    pid = payapi.master_pid("jobs")
    payapi.row("ALTER TABLE payapi.webhook_events RENAME TO gone; SELECT 1")
    try:
        wait_until(lambda: not lives(pid), 60, "their end")
    finally:
        payapi.row("ALTER TABLE payapi.gone RENAME TO webhook_events; SELECT 1")
    assert "webhook_events" in payapi.events("jobs_failed", "jobs")[-1]["cause"]
    assert payapi.dev("up", "--no-demo", check=False).returncode == 0
    wait_until(lambda: payapi.get("/health", sub=None).json["jobs"]["status"] == "ok", 60, "new jobs")


def test_each_provider_has_a_deadline_of_its_own():
    instance = Instance("deadlines", STRIPE_TIMEOUT_MS="300", PROVIDER_TIMEOUT_MS="20000")
    try:
        instance.up()
        instance.fault("hang", path="/v1/checkout/sessions", seconds=5)
        order = instance.create_order()
        answer = instance.checkout(order)
        assert answer.status == 202, answer
        waited = instance.row("SELECT duration_ms FROM payapi.provider_calls c JOIN payapi.payments p"
                              " USING (payment_id) WHERE p.order_id = %s", order)[0]
        assert 250 <= waited < 5000, waited
        instance.clear_faults()
        instance.wait_for_status(order, "processing", seconds=30)
        instance.assert_invariants()
    finally:
        instance.down()
