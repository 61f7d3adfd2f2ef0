"""PostgreSQL crashes, blocks, times out and is full: 503 with Retry-After, and no wrong state."""
import contextlib
import math
import os
import signal
import threading
import time

import psycopg2
import pytest

from cross_invariants import contradictions
from payapi_instance import lives, wait_until
from stories import Story, converge

RECOVER_S = 10          # from the moment when PostgreSQL accepts connections again
WRITERS = 4
RESTARTS = int(os.environ.get("PAYAPI_RESTARTS", "3"))


@pytest.fixture(autouse=True)
def sound_afterwards(payapi):
    yield
    payapi.clear_faults()
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []


def is_refused_politely(answer):
    return answer.status == 503 and int(answer.headers["Retry-After"]) > 0 \
        and answer.json["type"].endswith("/database-unavailable")


# --- Restarts --------------------------------------------------------------------------------

class Writers:
    """Clients that pay order after order, each at its own pace, with patience_s for each order."""

    def __init__(self, payapi, story=Story, patience_s=math.inf):
        self.payapi, self.story, self.stories, self.stop = payapi, story, [], threading.Event()
        self.patience_s = patience_s
        self.threads = [threading.Thread(target=self.write) for _ in range(WRITERS)]

    def write(self):
        while not self.stop.is_set():
            story = self.story(self.payapi, "writer")
            self.stories.append(story)
            enough = time.monotonic() + self.patience_s
            while not story.done and not self.stop.is_set() and time.monotonic() < enough:
                with contextlib.suppress(psycopg2.Error):       # from the test's own query, not the product
                    if not story.advance():
                        time.sleep(0.02)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


def restart_at_once(payapi):
    """SIGQUIT: the server ends at once without a checkpoint and replays its log at the next start."""
    pid = payapi.master_pid("postgres")
    os.kill(pid, signal.SIGQUIT)
    wait_until(lambda: not lives(pid), 20, "the server's end")
    started = payapi.dev("up", "--database", check=False)
    assert started.returncode == 0, started.stdout


def crash_a_backend(payapi):
    """The server ends every session and recovers, under the same postmaster.

    It has to notice first: until then the other sessions still work, which would look like a recovery.
    """
    before = recoveries(payapi)
    [pid] = payapi.row("SELECT pid FROM pg_stat_activity WHERE usename = 'payapi' LIMIT 1")
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: recoveries(payapi) > before, 20, "the server to notice the crash")
    wait_until(lambda: takes_connections(payapi), 60, "the server's recovery")


def recoveries(payapi):
    return payapi.log("postgres").count("all server processes terminated; reinitializing")


def takes_connections(payapi):
    with contextlib.suppress(psycopg2.OperationalError):
        return payapi.rows("SELECT 1") != []
    return False


def accepts_writes(payapi):
    answer = payapi.post("/api/v1/orders", '{"amount":1,"currency":"EUR"}')
    assert answer.status == 201 or is_refused_politely(answer), answer
    return answer.status == 201


@pytest.mark.parametrize("crash", [restart_at_once, crash_a_backend])
def test_nothing_acknowledged_is_lost_when_the_server_crashes_under_load(payapi, crash):
    with Writers(payapi) as writers:
        for _ in range(RESTARTS):
            known = sum(story.done for story in writers.stories)
            wait_until(lambda: sum(s.done for s in writers.stories) > known + 3, 40, "load")
            crash(payapi)
            wait_until(lambda: accepts_writes(payapi), RECOVER_S, "the next write")
    left = converge(writers.stories)
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == []
    heard = {what for story in writers.stories for what in story.heard}
    strange = {what for what in heard if what.split()[-1] not in ("200", "201", "202", "409", "503")}
    assert strange == set()
    assert len(writers.stories) > RESTARTS * 3


def test_a_change_whose_commit_had_no_answer_is_told_once(payapi):
    """The connection is lost just after the outcome's COMMIT; the repeat finds everything done."""
    order = payapi.create_order()
    payapi.arm("commit.reply_lost:2:drop_db")
    payment = payapi.checkout(order)
    assert payment.status == 201 and payapi.armed == []
    assert [line["to"] for line in payapi.events("payment_changed", "provider")
            if line["payment_id"] == payment.data["id"]] == ["processing"]


# --- Rivals ----------------------------------------------------------------------------------

@contextlib.contextmanager
def rival(payapi):
    session = payapi.database()
    try:
        yield session.cursor()
        session.rollback()
    finally:
        session.close()


def waits_for_a_lock(payapi):
    return payapi.rows("SELECT 1 FROM pg_stat_activity"
                       " WHERE usename = 'payapi' AND wait_event_type = 'Lock'")


def in_background(function, *arguments):
    box = []
    thread = threading.Thread(target=lambda: box.append(function(*arguments)))
    thread.start()
    return thread, box


def test_a_lock_that_a_rival_keeps_ends_in_503_and_the_repeat_succeeds(payapi):
    order = payapi.create_order()
    with rival(payapi) as cursor:
        cursor.execute("SELECT 1 FROM payapi.orders WHERE order_id = %s FOR UPDATE", (order,))
        assert is_refused_politely(payapi.checkout(order))
    assert payapi.checkout(order).status == 201


def test_a_lock_that_a_rival_releases_in_time_is_not_noticed(payapi):
    order = payapi.create_order()
    with rival(payapi) as cursor:
        cursor.execute("SELECT 1 FROM payapi.orders WHERE order_id = %s FOR UPDATE", (order,))
        thread, box = in_background(payapi.checkout, order)
        wait_until(lambda: waits_for_a_lock(payapi), 5, "the worker to wait")
    thread.join()
    assert box[0].status == 201


@contextlib.contextmanager
def deadlocks_noticed_soon(payapi):
    """Deadlocks are noticed before our lock_timeout of 1 s. Sessions are ended, so that new ones have the setting."""
    payapi.rows("ALTER ROLE payapi SET deadlock_timeout = '700ms'")
    payapi.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'payapi'")
    try:
        yield
    finally:
        payapi.rows("ALTER ROLE payapi RESET deadlock_timeout")


def refund_against_the_order(payapi):
    """The rival locks the payment before the order, we the other way; our session loses, as it checks first."""
    order = payapi.create_order()
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payment = payapi.wait_for_status(order, "completed")["id"]
    with rival(payapi) as cursor:
        cursor.execute("SET deadlock_timeout = '20s'")
        cursor.execute("SELECT 1 FROM payapi.payments WHERE order_id = %s FOR UPDATE", (order,))
        thread, box = in_background(lambda: payapi.post(
            f"/api/v1/payments/{payment}/refund", {}, sub="boss", role="admin", headers={"Idempotency-Key": payment}))
        wait_until(lambda: waits_for_a_lock(payapi), 5, "the worker to wait")
        cursor.execute("SELECT 1 FROM payapi.orders WHERE order_id = %s FOR UPDATE", (order,))
    thread.join()
    return box[0]


def test_the_loser_of_a_deadlock_repeats_and_the_client_does_not_notice(payapi):
    """A worker checks for a deadlock once. If the rival is late there is none: try again."""
    before = deadlocks(payapi)
    with deadlocks_noticed_soon(payapi):
        answers = []
        while deadlocks(payapi) == before and len(answers) < 10:
            answers.append(refund_against_the_order(payapi))
    assert deadlocks(payapi) > before
    assert {answer.status for answer in answers} == {201}, answers


def deadlocks(payapi):
    return payapi.log("postgres").count("ERROR:  deadlock detected")


def conflicts(payapi):
    return payapi.log("postgres").count("deadlock detected") \
        + payapi.log("postgres").count("due to lock timeout")


@pytest.mark.parametrize("point", ["checkout.in_outcome", "refund.in_outcome"])
def test_a_repeat_during_the_outcome_waits_in_line(payapi, point):
    """Locks are taken on key, then order, then payment; in another order they would deadlock with the repeat."""
    story = Story(payapi, point)
    step = story.checkout if point.startswith("checkout") else story.refund
    wait_until(lambda: story.steps[0] == step or (story.advance() and False), 10, point)
    before = conflicts(payapi)
    payapi.arm(f"{point}:1:delay_ms=400")
    thread, _ = in_background(step)
    wait_until(lambda: not payapi.armed, 5, "the outcome to be under way")
    step()
    thread.join()
    assert conflicts(payapi) == before
    assert converge([story]) == []


# --- Statements that the server ends ---------------------------------------------------------

@contextlib.contextmanager
def events_that(payapi, do):
    """In this block, each new row of the outbox first executes the statement."""
    connection = payapi.database()
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("CREATE FUNCTION public.mischief() RETURNS trigger LANGUAGE plpgsql AS"
                   f" $$ BEGIN {do}; RETURN NEW; END $$")
    cursor.execute("CREATE TRIGGER mischief BEFORE INSERT ON payapi.outbox"
                   " FOR EACH ROW EXECUTE FUNCTION public.mischief()")
    try:
        yield
    finally:
        cursor.execute("DROP FUNCTION public.mischief CASCADE")
        connection.close()


SLOW = "PERFORM pg_sleep(5)"
FULL = "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'"


@pytest.mark.parametrize("mischief", [SLOW, FULL], ids=["statement_timeout", "disk_full"])
def test_what_the_server_ends_is_refused_and_the_repeat_pays(payapi, mischief):
    order = payapi.create_order()
    story = Story(payapi, mischief)
    with events_that(payapi, mischief):
        assert is_refused_politely(payapi.checkout(order))
        assert not story.advance() and story.heard == ["create 503"]
    assert payapi.checkout(order).status == 201
    assert converge([story]) == []


@pytest.mark.parametrize("mischief", [SLOW, FULL], ids=["statement_timeout", "disk_full"])
def test_a_webhook_that_cannot_be_stored_is_not_accepted(payapi, mischief):
    story = Story(payapi, mischief)
    while story.steps[0] != story.pay:
        story.advance()
    with events_that(payapi, mischief):
        story.advance()
        wait_until(lambda: refused_deliveries(payapi, story.session), 10, "a refused delivery")
        assert not story.completed()
    assert converge([story]) == []


def refused_deliveries(payapi, session):
    deliveries = payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json["deliveries"]
    return [d for d in deliveries if d["last_status"] == 503 and not d["delivered"]]
