"""Clients that send requests without end and count every answer. Each request has a new connection, so that
nginx cannot close one that is about to be used."""
import collections
import contextlib
import http.client
import signal
import threading
import time

from payapi_instance import wait_until

POOLS = ("fast", "provider")


class Load:
    """Calls request() -> Answer from several clients at once until the block ends."""

    def __init__(self, request, clients=2, pause_s=0):
        self.request, self.pause_s = request, pause_s
        self.answers, self.errors, self.times_ms = [], collections.Counter(), []
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.ask) for _ in range(clients)]

    def ask(self):
        while not self.over.wait(self.pause_s):
            began = time.monotonic()
            try:
                answer = self.request()
                self.answers.append(answer)
                what = str(answer.status) if answer.status >= 300 else None
            except (OSError, http.client.HTTPException) as error:
                what = type(error).__name__
            self.times_ms.append((time.monotonic() - began) * 1000)
            if what:
                self.errors[what] += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def percentile_ms(self, percent):
        times = sorted(self.times_ms)
        return times[min(len(times) - 1, len(times) * percent // 100)]

    def __str__(self):
        return (f"{len(self.times_ms)} requests, p50 {self.percentile_ms(50):.1f} ms,"
                f" p99 {self.percentile_ms(99):.1f} ms, errors {dict(self.errors)}")


@contextlib.contextmanager
def loads(*all_loads):
    with contextlib.ExitStack() as stack:
        for load in all_loads:
            stack.enter_context(load)
        yield all_loads


def reads(payapi, order, **options):
    return Load(lambda: payapi.get(f"/api/v1/orders/{order}"), **options)


def new_orders(payapi, **options):
    return Load(lambda: payapi.post("/api/v1/orders", '{"amount":1.00,"currency":"USD"}'), **options)


def checkouts(payapi, order, **options):
    """Checkouts of one paid order: the provider pool answers 409, which counts as an answer, not an error."""
    def ask():
        answer = payapi.checkout(order)
        answer.status = 200 if answer.status == 409 else answer.status
        return answer
    return Load(ask, **options)


def webhooks(payapi, events, **options):
    """Delivers the events in turn, and again once all were sent, as a provider does."""
    turn, lock = iter(()), threading.Lock()

    def next_event():
        nonlocal turn
        with lock:
            event = next(turn, None)
            if event is None:
                turn = iter(events)
                event = next(turn)
            return event
    return Load(lambda: payapi.deliver(next_event()), **options)


# --- Troubles ----------------------------------------------------------------------------------

def reload_nginx(payapi):
    payapi.kill(payapi.master_pid("nginx"), signal.SIGHUP)


def roll(payapi, pools=POOLS):
    """Sends SIGHUP to the masters; returns when all workers have been replaced."""
    before = {pool: set(payapi.worker_pids(pool)) for pool in pools}
    for pool in pools:
        payapi.kill(payapi.master_pid(pool), signal.SIGHUP)
    wait_until(lambda: all(has_rolled(payapi, pool, before[pool]) for pool in pools), 40, "all new workers")


def has_rolled(payapi, pool, before):
    """The child that checks the program is not a worker; it has ended when this is true."""
    now = set(payapi.worker_pids(pool))
    return not before & now and len(now) == len(before)


def kill_one(payapi, pool):
    """Kills a worker and returns when another has replaced it."""
    pids = payapi.worker_pids(pool)
    payapi.kill(pids[0])
    wait_until(lambda: pids[0] not in payapi.worker_pids(pool)
               and len(payapi.worker_pids(pool)) == len(pids), what="the replacement")
