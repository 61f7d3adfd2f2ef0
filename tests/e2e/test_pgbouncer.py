"""The workers behind PgBouncer: more workers than connections, PgBouncer killed, and a role without its settings."""
import concurrent.futures
import contextlib
import time

import customers
import pytest
from cross_invariants import contradictions
from lost_rows import hours_pass
from payapi_instance import Instance, wait_until
from pgbouncer import PgBouncer

STORIES = 16
CONNECTIONS = 3                 # to PostgreSQL; there are more workers
PATIENCE_S = 8                  # of a customer, before PgBouncer is healed


@pytest.fixture(name="payapi", scope="module")
def behind_pgbouncer(tmp_path_factory):
    instance = Instance("pooler", FAST_WORKERS="4", PROVIDER_WORKERS="8")
    try:
        instance.up()
        instance.pgbouncer = PgBouncer(instance, tmp_path_factory.mktemp("pgbouncer"), CONNECTIONS)
        instance.pgbouncer.start()
        instance.pgbouncer.reload_the_workers()
        yield instance
        instance.pgbouncer.kill()
    finally:
        instance.down()


def tell(story):
    """Advances the story as far as it gets within the customer's patience."""
    deadline = time.monotonic() + PATIENCE_S
    while not story.done and time.monotonic() < deadline:
        if not story.advance():
            time.sleep(0.2)


def test_no_money_goes_astray_behind_a_pooler_that_is_killed(payapi):
    payapi.answers = []
    stories = [customers.MixedStory(payapi, f"pooled {number}") for number in range(STORIES)]
    with concurrent.futures.ThreadPoolExecutor(STORIES) as pool:
        told = [pool.submit(tell, story) for story in stories]
        wait_until(lambda: sum(story.payment is not None for story in stories) > STORIES // 2, 30, "payments")
        payapi.pgbouncer.kill()
        payapi.pgbouncer.start()
        for each in told:
            each.result()
    left = customers.Operator(payapi).settle(stories, 90)
    hours_pass(payapi)
    customers.all_is_told(payapi)
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == []
    assert contradictions(payapi, payapi.answers) == []
    payapi.assert_invariants()


def test_the_workers_share_the_connections(payapi):
    """In transaction mode; all of them have come through PgBouncer in either."""
    ours, direct = payapi.row("SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity b"
                              " WHERE b.pid = a.pid AND b.usename = 'payapi')) FROM pg_stat_activity a"
                              " WHERE usename = 'payapi'")
    workers = len(payapi.worker_pids("fast")) + len(payapi.worker_pids("provider"))
    assert direct == 0 and 0 < ours <= (CONNECTIONS if payapi.pgbouncer.shares else workers) < workers + 1


def test_a_reload_needs_no_room_in_postgresql(payapi):
    """Less than the pool's two generations; enough for them where each client keeps its connection."""
    left = len(payapi.worker_pids("provider")) if payapi.pgbouncer.shares else 40
    limit = int(payapi.row("SHOW max_connections")[0])
    used = payapi.row("SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL")[0]
    with contextlib.ExitStack() as others:
        for _ in range(limit - used - left):
            others.enter_context(contextlib.closing(payapi.database()))
        payapi.pgbouncer.reload_the_workers()


def test_a_role_without_a_setting_is_refused_and_the_log_says_what_to_do(payapi):
    payapi.rows("ALTER ROLE payapi RESET statement_timeout")
    payapi.pgbouncer.kill()             # its connections still have the setting
    payapi.pgbouncer.start()
    said = "drops the settings of our connections: set it up as docs/production.md says"
    wait_until(lambda: payapi.get("/api/v1/orders").status >= 500 and said in payapi.log("fast"), 20, "the refusal")
    payapi.rows("ALTER ROLE payapi SET statement_timeout = '3s'")
    payapi.pgbouncer.kill()
    payapi.pgbouncer.start()
    wait_until(lambda: payapi.request("GET", "/health/ready").status == 200, 20, "the workers")
