"""Mixed load while everything is taken away in turn; then heal, converge, and both sides agree.

A worker is killed each second, nginx reloaded every 10 s, payapi-jobs killed every 20 s, PostgreSQL
crashed every minute; both providers misbehave in 5 % of their answers, and 5 % of their webhooks are
lost or come twice; payers and banks have their moods (support/unkind.py). In the end an operator decides
what only a human can. PAYAPI_SOAK_MINUTES (default 2); ./dev soak [MINUTES].
"""
import collections
import concurrent.futures
import http.client
import os
import pathlib
import random
import signal
import threading
import time


from cross_invariants import contradictions
from customers import Operator, all_is_told, mixed_story
from load import POOLS, Load, reload_nginx
from lost_rows import hours_pass
from stories import converge
from test_postgres import Writers, restart_at_once
from unkind import be_unkind, leave_out_notes

MINUTES = float(os.environ.get("PAYAPI_SOAK_MINUTES", "2"))
SEED = int(os.environ.get("PAYAPI_SOAK_SEED", "1"))
MISCHIEF = ["lose_answer", "cut_headers", "cut_body", "malformed", "html", "reset"]
HONEST = {200, 201, 202, 409, 502, 503, 504}    # the answers that a client may get meanwhile: never 500 or 404
PROVIDERS = ("stripe", "paystack")
PATIENCE_S = 20                                 # of a client for each order; some orders wait for the operator
SETTLE_S = 400                                  # for the operator and the customers, after everything is healed
SOON_S = 30                                     # orders left after this wait for the timetable, or for a human
GROWTH_MAX_KIB = 4096                           # memory growth of a worker that is never killed


class Troubles:
    """Causes each trouble at its own interval, in its own thread, until the time is up."""

    def __init__(self, payapi):
        self.payapi, self.random, self.counts = payapi, random.Random(SEED), collections.Counter()
        self.spared = {payapi.worker_pids(pool)[0] for pool in POOLS}   # how they grow is measured
        self.over, self.turn = threading.Event(), threading.Lock()
        self.early_kib = {}
        # (seconds until the first time, then between times, what to do)
        self.rhythms = [(1, 1, self.kill_worker), (5, 10, self.reload), (2, 2, self.repeat_webhooks),
                        (12, 20, self.kill_jobs), (25, 60, self.crash_database),
                        (MINUTES * 20, MINUTES * 60, self.measure)]

    def last(self, seconds):
        with concurrent.futures.ThreadPoolExecutor(len(self.rhythms)) as threads:
            running = [threads.submit(self.keep, *rhythm) for rhythm in self.rhythms]
            self.over.wait(seconds)
            self.over.set()
        for each in running:
            each.result()

    def keep(self, first, every, do):
        wait = first
        while not self.over.wait(wait):
            do()
            wait = every

    def kill_worker(self):
        pids = set(self.payapi.worker_pids(self.random.choice(POOLS))) - self.spared
        if pids:
            self.payapi.kill(self.random.choice(sorted(pids)))
            self.counts["workers killed"] += 1

    def measure(self):
        self.early_kib = {pid: private_kib(pid) for pid in self.spared}

    def reload(self):
        reload_nginx(self.payapi)
        self.counts["nginx reloads"] += 1

    def repeat_webhooks(self):
        """Sends all webhooks twice for 0.1 s in every 2 s: 5 %."""
        for copies in (1, 0):
            for provider in PROVIDERS:
                self.payapi.webhook_settings(provider=provider, duplicate=copies)
            time.sleep(0.1)

    def kill_jobs(self):
        with self.turn:                         # ./dev starts it again, and needs the database
            self.payapi.kill_jobs()
            self.payapi.start_daemons()
            self.counts["jobs killed"] += 1

    def crash_database(self):
        with self.turn:
            restart_at_once(self.payapi)
            self.counts["database crashes"] += 1


def spoil_providers(payapi):
    for number, action in enumerate(MISCHIEF):
        for provider in PROVIDERS:
            answer = payapi.sandbox("POST", "/_sandbox/faults", {
                "action": action, "match": {"provider": provider}, "times": -1,
                "probability": 0.05 / len(MISCHIEF), "seed": SEED + number})
            assert answer.status < 300, answer
    for provider in PROVIDERS:
        payapi.webhook_settings(provider=provider, drop_probability=0.05, seed=SEED)
    be_unkind(payapi, SEED, but=["no_note"])
    leave_out_notes(payapi, SEED)


def spare_webhooks(payapi):
    for provider in PROVIDERS:
        payapi.webhook_settings(provider=provider, drop_probability=0, duplicate=0)


def readers(payapi):
    """Reads beside the writes: lists, and objects that a client was told about."""
    dice = random.Random(SEED)

    def one():
        told = [f"{kind}s/{identity}" for kind, identity in payapi.answers[-200:] if kind != "refund"]
        return payapi.get("/api/v1/" + dice.choice(["orders?limit=20"] + told))
    return Load(one, clients=1, pause_s=0.02)


def count_answers(payapi, monkeypatch):
    told, send = collections.Counter(), payapi.request

    def request(*arguments, **options):
        try:
            answer = send(*arguments, **options)
        except (OSError, http.client.HTTPException) as error:
            told[type(error).__name__] += 1
            raise
        told[answer.status] += 1
        return answer
    monkeypatch.setattr(payapi, "request", request)
    return told


def private_kib(pid):
    """The worker's private memory: anonymous pages, which no file backs."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def deaths_of_their_own(payapi):
    """Workers that ended neither by our SIGKILL nor on purpose."""
    return [end for end in payapi.events("worker_ended", *POOLS)
            if end["signal"] not in (0, signal.SIGKILL) or end["status"] > 0]


def tell(report):
    print("\n# " + report)
    if os.environ.get("PAYAPI_CRASH_REPORT"):
        pathlib.Path(os.environ["PAYAPI_CRASH_REPORT"]).write_text(report + "\n")


def rows_of(payapi, story):
    """What the database says of a story that has not ended."""
    tables = {"payments": "order_id = %s", "provider_calls": "payment_id IN (SELECT payment_id FROM payapi.payments WHERE order_id = %s)",
              "refunds": "payment_id IN (SELECT payment_id FROM payapi.payments WHERE order_id = %s)",
              "audit_log": "order_id = %s"}
    rows = [(table, *payapi.rows(f"SELECT to_jsonb(t)::text FROM payapi.{table} AS t WHERE {where}", story.order))
            for table, where in tables.items()]
    return "\n".join(str(row) for table, *found in rows for row in (table, *found))


def test_everything_converges_after_it_was_taken_away_in_turn(payapi, monkeypatch):
    told, troubles = count_answers(payapi, monkeypatch), Troubles(payapi)
    deaths = len(deaths_of_their_own(payapi))
    spoil_providers(payapi)
    with Writers(payapi, mixed_story, PATIENCE_S) as writers, readers(payapi) as reading:
        troubles.last(MINUTES * 60)
    grown = {pid: private_kib(pid) - early for pid, early in troubles.early_kib.items()}
    payapi.heal()
    spare_webhooks(payapi)
    hours_pass(payapi)          # a Retry-After of years is cut to an hour, which passes now
    healed, operator = time.monotonic(), Operator(payapi)
    converge(writers.stories, SOON_S)
    left = operator.settle(writers.stories, SETTLE_S)
    converged_s = time.monotonic() - healed
    all_is_told(payapi)
    lost = contradictions(payapi, payapi.answers)
    report = (f"{MINUTES:g} minutes, {sum(told.values())} requests {dict(told)}, {len(writers.stories)} orders,"
              f" {dict(troubles.counts)}, reads {reading}, converged in {converged_s:.1f} s, verdicts {dict(operator.verdicts)},"
              f" {len(payapi.answers)} acknowledged, {len(lost)} lost, spared workers of {troubles.early_kib} KiB"
              f" grew by {grown} KiB, seed {SEED}")
    tell("\n".join([report, *lost[:10], *(rows_of(payapi, story) for story in left)]))
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == [], report
    payapi.assert_invariants()
    assert lost == [], report
    assert set(told) <= HONEST, report
    assert deaths_of_their_own(payapi)[deaths:] == []
    assert max(grown.values()) < GROWTH_MAX_KIB, report
