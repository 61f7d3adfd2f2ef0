"""Slow clients occupy nginx for a while, but never a worker; one address can hold only so many connections."""
import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from half_open import open_heads
from nginx_site import NginxSite
from payapi_instance import ROOT, wait_until
from raw_http import answers_in, exchange, request, send_and_read

SECONDS = {name: int(seconds) for name, seconds in re.findall(
    r"^ +(client_header_timeout|client_body_timeout|send_timeout|keepalive_timeout|lingering_time) +(\d+)s;",
    (ROOT / "nginx/nginx.conf.in").read_text(), re.M)}
CONNECTIONS = int(re.search(r"^limit_conn +address_connections (\d+);$",
                            (ROOT / "nginx/limits.conf").read_text(), re.M)[1])
PATHS = ["/api/v1/orders", "/api/v1/orders/a/checkout", "/api/v1/webhooks/stripe"]


@pytest.fixture(scope="module")
def site(payapi):
    """The shipped limit of connections, without the tiers that would hide it."""
    made = NginxSite(sockets=payapi.var / "var" / "run", production=True, SERVER_NAME="")
    made.render()
    made.leave_out_tls()
    made.edit("limits.conf", r"^limit_req .*$", "")
    try:
        yield made.start()
    finally:
        made.down()


def open_slow(site, path, count):
    """Opens connections that have sent their headers and three of five bytes of body."""
    opened = []
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", site.port), timeout=20)
        connection.sendall(request("POST", path, [("Content-Length", "5")], close=False) + b"abc")
        opened.append(connection)
    return opened


def close_all(connections):
    for each in connections:
        each.close()


def served_at_once(site):
    """True if a request is served sooner than nginx gives up a slow one."""
    begin = time.monotonic()
    [answer] = answers_in(exchange(site.port, request("GET", "/health/ready")))
    return answer.status == 200 and time.monotonic() - begin < SECONDS["client_body_timeout"] - 1


IDLE = {
    "connected": (b"", "client_header_timeout"),
    "method only": (b"GET", "client_header_timeout"),
    "half the headers": (b"GET /health HTTP/1.1\r\nHost: a\r\nX: ", "client_header_timeout"),
    "half the body": (request("POST", PATHS[0], [("Content-Length", "5")], close=False) + b"abc",
                      "client_body_timeout"),
    "half a chunk": (request("POST", PATHS[1], [("Transfer-Encoding", "chunked")], close=False) + b"5\r\nab",
                     "client_body_timeout"),
    "no body": (request("POST", PATHS[2], [("Content-Length", "5")], close=False), "client_body_timeout"),
    "answered": (request("GET", "/health/live", close=False), "keepalive_timeout"),
}


@pytest.fixture(scope="module")
def idle(site):
    """How long nginx kept each idle connection, and what it answered; all run at the same time."""
    with ThreadPoolExecutor(len(IDLE)) as pool:
        return dict(zip(IDLE, pool.map(lambda case: sit_idle(site, *case), IDLE.values())))


def sit_idle(site, data, name):
    with socket.create_connection(("127.0.0.1", site.port), timeout=SECONDS[name] + 30) as connection:
        begin = time.monotonic()
        received = send_and_read(connection, data)
        return time.monotonic() - begin, received


@pytest.mark.parametrize("case", IDLE)
def test_an_idle_connection_is_freed(idle, case):
    timeout = SECONDS[IDLE[case][1]]
    assert timeout - 1 <= idle[case][0] <= timeout + 15


@pytest.mark.parametrize("case", [case for case in IDLE if case != "answered"])
def test_what_does_not_arrive_in_time_has_no_answer(idle, case):
    """nginx itself closes the connection without using error_page; that cannot be configured."""
    assert idle[case][1] == b""


def test_and_nothing_was_done(site, idle):
    lines = [json.loads(line) for line in site.log("nginx-access").splitlines()]
    given_up = [line for line in lines if line["status"] == 408]
    assert {line["path"] for line in given_up} >= set(PATHS)
    assert all(line["us"] == "" and line["bytes"] == 0 for line in given_up)    # no worker, no answer


def test_headers_that_drip_are_given_up_as_a_whole(site):
    with socket.create_connection(("127.0.0.1", site.port)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n")
        begin = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - begin < 30:
                connection.sendall(b"X: y\r\n")
                time.sleep(0.25)                # the attacker's pace, not a wait
        assert SECONDS["client_header_timeout"] - 1 <= time.monotonic() - begin <= 15


@pytest.mark.parametrize("path", PATHS)
def test_an_address_holds_so_many_connections_and_no_worker(site, path):
    slow = open_slow(site, path, CONNECTIONS)

    def refused():
        """A question that is answered had a place itself, which one of them may have missed."""
        [answer] = answers_in(exchange(site.port, request("GET", "/api/v1/orders")))
        if answer.status == 429:
            return answer
        slow.extend(open_slow(site, path, 1))
        return None
    try:
        answer = wait_until(refused, 40, what="the limit of connections")
        assert answer.header("Retry-After") == "2"
        assert answer.json["type"].endswith("/rate-limited")
        [other] = answers_in(exchange(site.port, request("GET", "/health/ready"), source="127.0.0.2"))
        assert other.status == 200
        slow.pop(0).close()
        wait_until(lambda: served_at_once(site), what="a free place")
    finally:
        close_all(slow)
    wait_until(lambda: served_at_once(site), what="all places")


def test_fewer_connections_are_nobodys_business(site):
    slow = open_slow(site, PATHS[1], CONNECTIONS - 10)
    try:
        assert served_at_once(site)
    finally:
        close_all(slow)


@pytest.fixture
def narrow(payapi):
    """A site with so few connections that half-open heads take them all."""
    made = NginxSite(sockets=payapi.var / "var" / "run", production=True, SERVER_NAME="", NGINX_WORKERS="1",
                     NGINX_CONNECTIONS="256")
    made.render()
    made.leave_out_tls()
    try:
        yield made.start()
    finally:
        made.down()


def test_without_a_free_connection_nothing_was_done_and_the_client_is_told_so(narrow):
    """nginx has the request but cannot reach a worker: a 503, which may be repeated, not a 500."""
    answers = []

    def refused():
        head = request("GET", "/api/v1/orders")
        with socket.create_connection(("127.0.0.1", narrow.port), timeout=20) as patient:
            patient.sendall(head[:20])                          # an idle connection would be closed to make room
            heads = open_heads(narrow.port, 300)
            told = [(answer.status, answer.json["slug"])
                    for answer in answers_in(send_and_read(patient, head[20:]))]
        close_all(heads)
        answers.extend(told)
        return told == [(503, "overloaded")]
    wait_until(refused, 30, what="no free connection")
    wait_until(lambda: served_at_once(narrow), what="free connections")
    assert set(answers) <= {(401, "unauthorized"), (503, "overloaded")}


def test_slow_senders_cannot_fill_the_provider_pool(payapi):
    """Although they outnumber its workers and its queue together, a checkout still goes through."""
    slow = open_slow(payapi, PATHS[1], 200)
    try:
        assert payapi.checkout(payapi.create_order()).status == 201
    finally:
        close_all(slow)


def test_slow_readers_hold_no_worker(payapi):
    wide = {f"key-{number}": "v" * 500 for number in range(20)}
    for _ in range(30):
        payapi.create_order(sub="reader", metadata=wide)
    token = payapi.token("reader")
    readers = []
    for _ in range(20):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        connection.connect(("127.0.0.1", payapi.port))
        connection.sendall(b"".join([request("GET", "/api/v1/orders?limit=30",
                                             [("Authorization", f"Bearer {token}")], close=False)] * 40))
        readers.append(connection)
    try:
        assert payapi.get("/api/v1/orders").status == 200
        assert served_at_once(payapi)
        wait_until(lambda: is_closed(readers[0]), SECONDS["send_timeout"] + 30, "the end of a stuck reader")
    finally:
        close_all(readers)


def is_closed(connection):
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return info[0] != 1                         # not ESTABLISHED


def test_early_leavers_leave_nothing_running(payapi):
    """They send a request and leave; their requests are finished or dropped, and the next caller is served."""
    order = payapi.create_order()
    threads = [threading.Thread(target=ask_and_go, args=(payapi, order)) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert payapi.get(f"/api/v1/orders/{order}").status == 200
    assert served_at_once(payapi)


def ask_and_go(payapi, order):
    data = request("GET", f"/api/v1/orders/{order}",
                   [("Authorization", f"Bearer {payapi.token()}")], close=False)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", payapi.port), timeout=20) as connection:
            connection.sendall(data)
