"""A worker is killed, or gets a lost connection, at every system call of a request.

strace attaches to the warmed workers of a pool and strikes at the Nth call of each kind, N = 1, 2 ... until
the request ends untouched. ./dev crash syscalls takes every N and prints the table; ./dev crash syscalls 5
takes every fifth. Source: docs/reliability.md section 5.2.
"""
import collections
import os
import subprocess
import tempfile
import threading

import pytest

from cross_invariants import contradictions
from payapi_instance import lives, wait_until
from stories import CrashInstance, Story, converge

STEP = int(os.environ.get("PAYAPI_SYSCALL_STEP", "1"))
CALLS = ("sendto", "recvfrom", "poll", "read", "write", "writev", "close", "connect", "socket",
         "sendmsg", "recvmsg", "openat", "shutdown", "getsockopt", "fcntl")
TALKS = ("sendto", "recvfrom", "connect", "sendmsg", "recvmsg", "read", "write")
STRIKES = [(call, "signal=KILL") for call in CALLS] + [(call, "error=ECONNRESET") for call in TALKS]
ROUNDS_MAX = 400        # of one kind of call in one request


@pytest.fixture(scope="module")
def payapi():
    instance = CrashInstance("syscalls")
    del instance.environment["PAYAPI_FAULT_FILE"]       # reading it would add system calls
    try:
        yield instance.up()
    finally:
        instance.down()


class Tracer:
    """strace on all workers of a pool; only the one that serves the request reaches the Nth call."""

    def __init__(self, payapi, pool, call, strike, nth):
        self.log = tempfile.NamedTemporaryFile(mode="r", prefix="payapi-strace-")
        self.pids = payapi.worker_pids(pool)
        self.process = subprocess.Popen(
            ["strace", "-o", self.log.name, "-e", f"trace={call}",
             "-e", f"inject={call}:{strike}:when={nth}",
             *(argument for pid in self.pids for argument in ("-p", str(pid)))],
            stderr=subprocess.PIPE, text=True)
        self.attached = 0
        threading.Thread(target=self.watch, daemon=True).start()
        wait_until(lambda: self.attached >= len(self.pids) or self.process.poll() is not None, 10,
                   "strace to hold the workers")
        assert self.process.poll() is None, "strace may not hold the workers"

    def watch(self):
        for line in self.process.stderr:
            self.attached += " attached" in line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def struck(self):
        """strace reports a strike late; a worker that has died shows it at once."""
        return "INJECTED" in open(self.log.name).read() or not all(map(lives, self.pids))


class Boundary:
    def __init__(self, request, call, strike, nth):
        self.request, self.call, self.strike, self.nth = request, call, strike, nth
        self.title = f"{request} {call}:{nth} {strike}"
        self.struck = False


def tell_up_to(story, step):
    """Advances the story to the step. Nothing disturbs it, but killed workers may not be replaced yet."""
    wait_until(lambda: story.steps[0] == step or (story.advance() and False), 30, story.title)


def settle_webhooks(payapi, story, tracer):
    """Waits until everything was delivered once, or a call was struck."""
    wait_until(lambda: tracer.struck() or (story.completed() and payapi.pending_webhooks() == 0), 10,
               "the webhooks to arrive")


def strike_checkout(payapi, boundary):
    boundary.story = Story(payapi, boundary.title)
    assert boundary.story.advance()
    with Tracer(payapi, "provider", boundary.call, boundary.strike, boundary.nth) as tracer:
        boundary.story.advance()
    boundary.struck = tracer.struck()


def strike_webhook(payapi, boundary):
    boundary.story = Story(payapi, boundary.title)
    tell_up_to(boundary.story, boundary.story.pay)
    with Tracer(payapi, "fast", boundary.call, boundary.strike, boundary.nth) as tracer:
        boundary.story.advance()
        settle_webhooks(payapi, boundary.story, tracer)
    boundary.struck = tracer.struck()


def strike_refund(payapi, boundary):
    boundary.story = Story(payapi, boundary.title)
    tell_up_to(boundary.story, boundary.story.refund)
    with Tracer(payapi, "provider", boundary.call, boundary.strike, boundary.nth) as tracer:
        boundary.story.advance()
    boundary.struck = tracer.struck()


REQUESTS = {"checkout": strike_checkout, "webhook": strike_webhook, "refund": strike_refund}


@pytest.fixture(scope="module")
def boundaries(payapi):
    done = []
    for request, strike_at in REQUESTS.items():
        for call, strike in STRIKES:
            for nth in range(1, ROUNDS_MAX, STEP):
                wait_until(payapi.pools_are_full, 20, "the pools to be whole again")
                boundary = Boundary(request, call, strike, nth)
                strike_at(payapi, boundary)
                done.append(boundary)
                if not boundary.struck:
                    break
    payapi.heal()
    converge([boundary.story for boundary in done])
    write_report(done)
    return done


def write_report(done):
    table = collections.defaultdict(list)
    for boundary in done:
        if boundary.struck:
            table[boundary.request, boundary.call, boundary.strike].append(boundary)
    lines = [f"{'request':9} {'system call':12} {'strike':17} {'struck':>6} {'settled':>7} {'healed':>7}  heard"]
    for (request, call, strike), group in table.items():
        heard = collections.Counter(what for b in group for what in b.story.heard
                                    if not what.endswith(" 201"))
        lines.append(f"{request:9} {call:12} {strike:17} {len(group):6}"
                     f" {sum(b.story.done for b in group):7}"
                     f" {max(b.story.settled_s for b in group):6.1f}s  "
                     + ", ".join(f"{what} x{count}" for what, count in sorted(heard.items())))
    struck = [boundary for boundary in done if boundary.struck]
    lines.append(f"{len(struck)} boundaries, {sum(not b.story.done for b in struck)} not settled")
    text = "\n".join(lines) + "\n"
    print(text)
    if os.environ.get("PAYAPI_CRASH_REPORT"):
        with open(os.environ["PAYAPI_CRASH_REPORT"], "w") as file:
            file.write(text)


@pytest.mark.parametrize("request_kind", REQUESTS)
def test_every_order_is_paid_although(boundaries, request_kind):
    mine = [boundary for boundary in boundaries if boundary.request == request_kind]
    assert sum(boundary.struck for boundary in mine) >= 10
    assert [(b.title, b.story.steps[0].__name__, b.story.heard) for b in mine if not b.story.done] == []


def test_both_sides_tell_one_story(payapi, boundaries):
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []
