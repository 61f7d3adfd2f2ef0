"""A full queue is answered at once with 503 and Retry-After, nothing is done, and service recovers."""
import selectors
import signal
import socket
import time

import pytest

from payapi_instance import Instance, wait_until
from raw_http import answers_in, exchange, request

FAST_QUEUE = 128
PROVIDER_WORKERS = 2
BACK_S = 2                      # from an overload to normal service, on an otherwise idle machine


@pytest.fixture(scope="module")
def small():
    instance = Instance("overload", FAST_WORKERS="2", PROVIDER_WORKERS=str(PROVIDER_WORKERS))
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


def overloaded(answer):
    assert answer.status == 503, answer
    assert answer.header("Content-Type") == "application/problem+json"
    assert answer.header("Retry-After") == "2"
    assert answer.json["type"].endswith("/overloaded") and "Nothing was done" in answer.json["detail"]
    return True


class Crowd:
    """Connections that have all sent the same request."""

    def __init__(self, port, data, count):
        self.connections = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.sendall(data)
            self.connections.append(connection)

    def answers(self, seconds, most=None):
        """The answers received until `most` (default all) had come, or the time was up."""
        most = len(self.connections) if most is None else most
        received = {connection: b"" for connection in self.connections}
        selector = selectors.DefaultSelector()
        for connection in self.connections:
            selector.register(connection, selectors.EVENT_READ)
        deadline = time.monotonic() + seconds
        while len(received) - len(selector.get_map()) < most and time.monotonic() < deadline:
            for key, _ in selector.select(0.1):
                block = read_or_nothing(key.fileobj)
                received[key.fileobj] += block
                if not block:
                    selector.unregister(key.fileobj)
        return [answers_in(data)[0] for data in received.values() if data]

    def leave(self):
        for connection in self.connections:
            connection.close()


def read_or_nothing(connection):
    try:
        return connection.recv(65536)
    except ConnectionResetError:
        return b""


def stop_workers(instance, pool, how):
    for pid in instance.worker_pids(pool):
        instance.kill(pid, how)


def assert_it_is_over_soon(overload, is_normal, record_property):
    """Normal service must return soon and stay. The best of three rounds counts.

    Another program can delay a round or two. A fault of ours delays every round: stale requests that are
    still carried out, a pool that nginx leaves out for a while, a worker that waits for a timer.
    """
    seconds = []
    while not seconds or (min(seconds) >= BACK_S and len(seconds) < 3):
        overload()
        begin = time.monotonic()
        wait_until(is_normal, what="normal service")
        seconds.append(round(time.monotonic() - begin, 3))
        assert all(is_normal() for _ in range(20))
    print(f"# normal service after {seconds} s")
    record_property("normal_service_after_s", seconds)
    assert min(seconds) < BACK_S


@pytest.mark.parametrize("pool, method, path, queue", [
    ("fast", "GET", "/api/v1/orders", FAST_QUEUE),
    ("provider", "POST", "/api/v1/orders/none/checkout", 3 * PROVIDER_WORKERS),
])
def test_what_does_not_fit_in_the_queue_is_refused_at_once(small, record_property, pool, method, path, queue):
    data = request(method, path, [("Authorization", f"Bearer {small.token()}"), ("Content-Length", "0")])

    def overload():
        stop_workers(small, pool, signal.SIGSTOP)
        crowd = Crowd(small.port, data, queue + 40)
        try:
            least = 40 - 2 - len(small.worker_pids(pool))
            refused = crowd.answers(20, least) + crowd.answers(1)
            assert least <= len(refused) <= 40
            assert all(overloaded(answer) for answer in refused)
            other = {"fast": "/api/v1/payments/none/cancel", "provider": "/api/v1/orders/none"}[pool]
            [answer] = answers_in(exchange(small.port, request(
                "POST" if pool == "fast" else "GET", other,
                [("Authorization", f"Bearer {small.token()}"), ("Content-Length", "0")])))
            assert answer.status == 404             # the other pool does not notice
        finally:
            stop_workers(small, pool, signal.SIGCONT)
            crowd.leave()
    assert_it_is_over_soon(overload, lambda: answers_in(exchange(small.port, data))[0].status in (200, 404),
                           record_property)


def test_1500_at_once_are_all_answered_and_then_it_is_over(small, record_property):
    order = small.create_order()
    data = request("GET", f"/api/v1/orders/{order}", [("Authorization", f"Bearer {small.token()}")])

    def overload():
        crowd = Crowd(small.port, data, 1500)
        try:
            answers = crowd.answers(30)
        finally:
            crowd.leave()
        assert len(answers) == 1500
        assert {answer.status for answer in answers} <= {200, 503}
        assert all(overloaded(answer) for answer in answers if answer.status == 503)

    def is_normal():
        return (small.get(f"/api/v1/orders/{order}").status == 200
                and small.deliver(b'{"id":"evt_after","object":"event","type":"customer.created",'
                                  b'"data":{"object":{}}}').status == 200)
    assert_it_is_over_soon(overload, is_normal, record_property)


def test_callers_who_gave_up_cost_nothing_afterwards(small):
    """They leave while they are in the queue; no order is made for them."""
    data = request("POST", "/api/v1/orders", [("Authorization", f"Bearer {small.token('gone')}"),
                                              ("Content-Type", "application/json")],
                   b'{"amount":1.00,"currency":"USD"}')
    before = gone(small)
    stop_workers(small, "fast", signal.SIGSTOP)
    try:
        crowd = Crowd(small.port, data, 60)
        crowd.answers(0.5)
        crowd.leave()
        wait_until(lambda: gone(small) >= before + 60, 40, what="nginx to notice all of them")
    finally:
        stop_workers(small, "fast", signal.SIGCONT)
    wait_until(lambda: small.get("/api/v1/orders").status == 200, what="normal service")
    # Requests that a worker had taken before it was stopped may be carried out.
    assert small.row("SELECT count(*) FROM payapi.orders WHERE owner_id = 'gone'")[0] <= 2


def gone(instance):
    return instance.log("nginx-access").count('"status":499')
