"""Mixed load while everything is taken away in turn; then heal, converge, and both sides agree.

A worker is killed each second, nginx reloaded every 10 s, payapi-jobs killed every 20 s, PostgreSQL
crashed every minute; both providers misbehave in 5 % of their answers, and 5 % of their webhooks are
lost or come twice. A Paystack refund that may have been carried out and that no list shows is a human's:
he must have been asked. PAYAPI_SOAK_MINUTES (default 2); ./dev soak [MINUTES].
PAYAPI_UNKIND: support/unkind.py.
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
from load import POOLS, Load, reload_nginx
from lost_rows import hours_pass
from payapi_instance import wait_until
from stories import PaystackStory, Story, converge, left_to_humans
from test_postgres import Writers, restart_at_once
from unkind import be_unkind

MINUTES = float(os.environ.get("PAYAPI_SOAK_MINUTES", "2"))
SEED = int(os.environ.get("PAYAPI_SOAK_SEED", "1"))
MISCHIEF = ["lose_answer", "cut_headers", "cut_body", "malformed", "html", "reset"]
HONEST = {200, 201, 202, 409, 502, 503, 504}    # what a client may be told meanwhile: never 500 or 404
LATE_S = 3                                      # a webhook that takes longer was perhaps lost
PROVIDERS = ("stripe", "paystack")
CONVERGE_S = 400                                # what was asked about four times in vain is asked again in 5 min
SOON_S = 90                                     # what is left then waits for the timetable, or for a human
GROWTH_MAX_KIB = 4096                           # of a worker that nobody kills


class MixedStory(Story):
    """A story in which the customer also asks again (sync), changes no mind, or an admin replays."""

    def __init__(self, payapi, title):
        super().__init__(payapi, title)
        self.paid_at = None
        if int(self.order.rsplit("-", 1)[1]) % 2:
            self.steps.remove(self.cancel)
            self.steps.remove(self.reopen)
        self.steps.append(self.replay)

    def pay(self):
        self.paid_at = time.monotonic()
        return super().pay()

    def completed(self):
        if super().completed():
            return True
        if time.monotonic() > self.paid_at + LATE_S:
            self.hear(f"sync {self.payapi.post(f'/api/v1/payments/{self.payment}/sync').status}")
        return False

    def replay(self):
        """Of whatever came for this payment: all of it may have been lost on the way."""
        page = self.payapi.get(f"/api/v1/webhook-events?paymentId={self.payment}", sub="root", role="admin")
        if page.status != 200:
            return False
        answers = [self.payapi.post(f"/api/v1/webhook-events/{event['id']}/replay", {}, sub="root", role="admin")
                   for event in page.data[:1]]
        self.hear(f"replay {[answer.status for answer in answers]}")
        return all(answer.status == 200 for answer in answers)


class MixedPaystackStory(MixedStory, PaystackStory):
    """The same at Paystack."""


def mixed_story(payapi, title):
    """Half of the orders are paid at Paystack."""
    return random.choice([MixedStory, MixedPaystackStory])(payapi, title)


class Troubles:
    """Each trouble in a rhythm and a thread of its own, until the time is up."""

    def __init__(self, payapi):
        self.payapi, self.random, self.counts = payapi, random.Random(SEED), collections.Counter()
        self.spared = {payapi.worker_pids(pool)[0] for pool in POOLS}   # how they grow is measured
        self.over, self.turn = threading.Event(), threading.Lock()
        self.early_kib = {}
        # (first after, then every) so many seconds
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
        """All of one tenth of a second in two: 5 %."""
        for copies in (1, 0):
            for provider in PROVIDERS:
                self.payapi.webhook_settings(provider=provider, duplicate=copies)
            time.sleep(0.1)

    def kill_jobs(self):
        with self.turn:                         # ./dev starts it again, and needs the database
            self.payapi.kill_jobs()
            self.payapi.start_jobs()
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
    be_unkind(payapi, SEED)


def spare_webhooks(payapi):
    for provider in PROVIDERS:
        payapi.webhook_settings(provider=provider, drop_probability=0, duplicate=0)


def readers(payapi):
    """Reads beside the writes: lists, and what a client was told that it exists."""
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
    """What is the worker's own: memory that it shares with nobody's file."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def deaths_of_their_own(payapi):
    """Workers that ended otherwise than by our SIGKILL or on purpose."""
    return [end for end in payapi.events("worker_ended", *POOLS)
            if end["signal"] not in (0, signal.SIGKILL) or end["status"] > 0]


def tell(report):
    print("\n# " + report)
    if os.environ.get("PAYAPI_CRASH_REPORT"):
        pathlib.Path(os.environ["PAYAPI_CRASH_REPORT"]).write_text(report + "\n")


def test_everything_converges_after_it_was_taken_away_in_turn(payapi, monkeypatch):
    told, troubles = count_answers(payapi, monkeypatch), Troubles(payapi)
    deaths = len(deaths_of_their_own(payapi))
    spoil_providers(payapi)
    with Writers(payapi, mixed_story) as writers, readers(payapi) as reading:
        troubles.last(MINUTES * 60)
    grown = {pid: private_kib(pid) - early for pid, early in troubles.early_kib.items()}
    payapi.heal()
    spare_webhooks(payapi)
    hours_pass(payapi)          # what asks for years is asked again in an hour
    healed = time.monotonic()
    left = converge(writers.stories, SOON_S)
    asked = left_to_humans(payapi, left)
    left = converge([story for story in left if story not in asked], CONVERGE_S)
    converged_s = time.monotonic() - healed
    wait_until(lambda: payapi.pending_webhooks() == 0, 60, "the last webhooks")
    lost = contradictions(payapi, payapi.answers)
    report = (f"{MINUTES:g} minutes, {sum(told.values())} requests {dict(told)}, {len(writers.stories)} orders,"
              f" {dict(troubles.counts)}, reads {reading}, converged in {converged_s:.1f} s, {len(asked)} left to humans,"
              f" {len(payapi.answers)} acknowledged, {len(lost)} lost, spared workers of {troubles.early_kib} KiB"
              f" grew by {grown} KiB, seed {SEED}")
    tell(report)
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == [], report
    payapi.assert_invariants()
    assert lost == [], report
    assert set(told) <= HONEST, report
    assert deaths_of_their_own(payapi)[deaths:] == []
    assert max(grown.values()) < GROWTH_MAX_KIB, report
