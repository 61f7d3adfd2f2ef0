"""Mixed load while everything is taken away in turn; then heal, converge, and both sides agree.

A worker is killed each second, nginx reloaded every 10 s, PostgreSQL crashed every 60 s, and the
provider misbehaves in 5 % of its answers. PAYAPI_SOAK_MINUTES (default 0.5); ./dev soak [MINUTES].
"""
import collections
import os
import pathlib
import random
import signal
import threading
import time

from cross_invariants import contradictions
from payapi_instance import wait_until
from stories import converge
from test_postgres import Writers, restart_at_once

MINUTES = float(os.environ.get("PAYAPI_SOAK_MINUTES", "0.5"))
MISCHIEF = ["lose_answer", "cut_headers", "cut_body", "malformed", "html", "reset"]
SEED = int(os.environ.get("PAYAPI_SOAK_SEED", "1"))


class Troubles:
    """Each trouble in a rhythm of its own, until the time is up."""

    def __init__(self, payapi):
        self.payapi, self.random, self.counts = payapi, random.Random(SEED), collections.Counter()
        self.rhythms = [(1, self.kill_worker), (10, self.reload_nginx), (60, self.crash_database)]

    def last(self, seconds):
        begun = time.monotonic()
        due = [(begun + every, every, do) for every, do in self.rhythms]
        while time.monotonic() < begun + seconds:
            at, every, do = min(due, key=lambda entry: entry[0])
            due.remove((at, every, do))
            due.append((at + every, every, do))
            if at < begun + seconds:
                time.sleep(max(0, at - time.monotonic()))
                do()

    def kill_worker(self):
        pids = self.payapi.worker_pids(self.random.choice(("fast", "provider")))
        if pids:
            self.payapi.kill(self.random.choice(pids))
            self.counts["workers killed"] += 1

    def reload_nginx(self):
        os.kill(int((self.payapi.var / "var/run/nginx.pid").read_text().split()[0]), signal.SIGHUP)
        self.counts["nginx reloads"] += 1

    def crash_database(self):
        restart_at_once(self.payapi)
        self.counts["database crashes"] += 1


def spoil_answers(payapi):
    for number, action in enumerate(MISCHIEF):
        answer = payapi.sandbox("POST", "/_sandbox/faults", {
            "action": action, "match": {"path": "/v1/*"}, "times": -1,
            "probability": 0.05 / len(MISCHIEF), "seed": SEED + number})
        assert answer.status < 300, answer


class Readers:
    """Reads beside the writes; what they are told is not kept, only how long it took."""

    def __init__(self, payapi):
        self.payapi, self.stop, self.statuses, self.times = payapi, threading.Event(), collections.Counter(), []
        self.thread = threading.Thread(target=self.read)

    def read(self):
        while not self.stop.wait(0.02):
            begun = time.monotonic()
            try:
                self.statuses[self.payapi.get("/api/v1/orders?limit=20").status] += 1
            except OSError as error:
                self.statuses[type(error).__name__] += 1
            self.times.append(time.monotonic() - begun)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def memory_kib(payapi):
    """The largest worker."""
    sizes = [0]
    for pool in ("fast", "provider"):
        for pid in payapi.worker_pids(pool):
            text = pathlib.Path(f"/proc/{pid}/status").read_text()
            sizes += [int(line.split()[1]) for line in text.splitlines() if line.startswith("VmRSS")]
    return max(sizes)


def test_everything_converges_after_it_was_taken_away_in_turn(payapi):
    troubles = Troubles(payapi)
    spoil_answers(payapi)
    with Writers(payapi) as writers, Readers(payapi) as readers:
        troubles.last(MINUTES * 60)
    payapi.heal()
    healed = time.monotonic()
    left = converge(writers.stories)
    converged_s = time.monotonic() - healed
    times = sorted(readers.times)
    report = (f"{len(writers.stories)} orders, {dict(troubles.counts)}, reads {dict(readers.statuses)},"
              f" p50 {times[len(times) // 2] * 1000:.0f} ms, p99 {times[len(times) * 99 // 100] * 1000:.0f} ms,"
              f" converged in {converged_s:.1f} s, largest worker {memory_kib(payapi)} KiB, seed {SEED}")
    print(report)
    if os.environ.get("PAYAPI_CRASH_REPORT"):
        pathlib.Path(os.environ["PAYAPI_CRASH_REPORT"]).write_text(report + "\n")
    assert [(story.order, story.steps[0].__name__, story.heard) for story in left] == [], report
    wait_until(lambda: payapi.pending_webhooks() == 0, 60, "the last webhooks")
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []
    assert set(readers.statuses) <= {200, 502, 503}, report
