"""A payment's stream: who may open it, what it says, and that it loses and repeats nothing."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

import pytest

from event_stream import EventStream
from payapi_instance import Instance, lives, wait_until

UNKNOWN = "pay_01HZX3V9QK7T2W9XH4VBN1RCDE"
STREAMS_MAX = 30
PER_CALLER = 3


@pytest.fixture(scope="module")
def payapi():
    """An instance of its own: its streams end soon, and its programs are killed."""
    instance = Instance("live", STREAM_LINGER_S="2", STREAM_COMMENT_S="1", STREAMS_MAX=str(STREAMS_MAX),
                        STREAMS_PER_CALLER=str(PER_CALLER))
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


def path_of(payment, ticket=None):
    return f"/api/v1/payments/{payment['id']}/events" + (f"?ticket={ticket}" if ticket else "")


def follow(payapi, payment, sub="alice", role="shop", ticket=None, after=None):
    headers = {} if sub is None else {"Authorization": f"Bearer {payapi.token(sub, role)}"}
    if after is not None:
        headers["Last-Event-ID"] = str(after)
    return EventStream(payapi.port, path_of(payment, ticket), headers)


def open_payment(payapi, sub="alice"):
    order = payapi.create_order(sub=sub)
    return payapi.checkout(order, sub=sub).data


def pay(payapi, payment):
    payapi.sandbox_do(payment["externalId"], "pay")


def ticket_of(payapi, payment, **options):
    answer = payapi.post(f"/api/v1/payments/{payment['id']}/stream-ticket", {}, **options)
    assert answer.status == 201, answer
    return answer.data["ticket"]


def announced(payapi, payment):
    return [seq for (seq,) in payapi.rows(
        "SELECT seq FROM payapi.audit_log WHERE payment_id = %s AND event_type IS NOT NULL ORDER BY seq",
        payment["id"])]


def open_streams(payapi):
    """As the kernel sees them: connections at the socket of payapi-stream."""
    path = f"{pathlib.Path(payapi.var / 'var').resolve()}/run/stream.sock"
    lines = pathlib.Path("/proc/net/unix").read_text().splitlines()
    return sum(line.endswith(path) and line.split()[5] == "03" for line in lines)


@pytest.fixture(autouse=True)
def nobody_else_is_there(payapi):
    wait_until(lambda: open_streams(payapi) == 0, 30, "the end of earlier streams")


# --- What it says ----------------------------------------------------------------------------------

def test_the_first_event_is_the_payment_as_the_api_shows_it(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        assert stream.status == 200 and stream.headers["content-type"] == "text/event-stream"
        assert stream.headers["cache-control"] == "no-store"
        assert stream.next() == payapi.payment_of(payment["orderId"])
        assert stream.ids == announced(payapi, payment)[-1:] and stream.retry_ms == 3000


def test_a_change_arrives_without_being_asked_for(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        pay(payapi, payment)
        assert stream.until("completed")["capturedAmountMinor"] == 9999
        assert stream.ids == announced(payapi, payment)[-len(stream.ids):]


def test_a_silent_stream_shows_that_it_lives(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        assert stream.read_block(b"\n\n", 30) == b":"


def test_it_ends_some_time_after_the_payment_is_final(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        pay(payapi, payment)
        stream.until("completed")
        while stream.next() is not None:
            pass


def test_head_opens_no_stream(payapi):
    payment = open_payment(payapi)
    assert payapi.request("HEAD", path_of(payment)).status == 200
    wait_until(lambda: open_streams(payapi) == 0, 10, "no stream")


# --- Coming back -----------------------------------------------------------------------------------

def test_who_comes_back_gets_each_change_once_and_in_order(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        seen = list(stream.ids)
    pay(payapi, payment)
    payapi.wait_for_status(payment["orderId"], "completed")
    refund = {"amountMinor": 100, "reason": "requested_by_customer"}
    for key in ("one", "two"):
        assert payapi.post(f"/api/v1/payments/{payment['id']}/refund", refund, role="admin",
                           headers={"Idempotency-Key": f"{payment['id']}-{key}"}).status == 201
    expected = [seq for seq in announced(payapi, payment) if seq > seen[-1]]
    with follow(payapi, payment, after=seen[-1]) as stream:
        while stream.ids != expected:
            assert stream.next() is not None and stream.ids == expected[:len(stream.ids)]
        assert len(expected) >= 3


@pytest.mark.parametrize("after", ["0", "-1", "x", "1, 2", "007", "9" * 30, "999999", "1" * 4000, ""])
def test_a_last_event_id_that_is_none_of_ours_counts_as_none(payapi, after):
    payment = open_payment(payapi)
    with follow(payapi, payment, after=after) as stream:
        assert stream.status == 200 and stream.next()["id"] == payment["id"]


def test_a_killed_holder_loses_nothing(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        last = stream.ids[-1]
        pid = payapi.master_pid("stream")
        payapi.kill(pid)
        while stream.next() is not None:
            pass
    wait_until(lambda: not lives(pid), 20, "its end")
    answer = payapi.get(path_of(payment))
    assert answer.status == 503 and answer.json["slug"] == "overloaded" and "Retry-After" in answer.headers
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert payapi.payment_of(payment["orderId"])["id"] == payment["id"]
    pay(payapi, payment)
    payapi.up()
    with follow(payapi, payment, after=last) as stream:
        stream.until("completed")
        assert stream.ids == [seq for seq in announced(payapi, payment) if seq > last][:len(stream.ids)]


def test_a_stream_outlives_its_workers_and_the_reload_of_nginx(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        before = set(payapi.worker_pids("fast"))
        payapi.kill(payapi.master_pid("fast"), signal.SIGHUP)
        wait_until(lambda: before.isdisjoint(payapi.worker_pids("fast")), 60, "new workers")
        payapi.kill(payapi.master_pid("nginx"), signal.SIGHUP)
        pay(payapi, payment)
        stream.until("completed", 60)


def test_a_stream_outlives_the_database(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment) as stream:
        stream.next()
        payapi.kill(payapi.master_pid("postgres"), signal.SIGINT)
        wait_until(lambda: payapi.events("database_unavailable", "stream"), 30, "the loss to be noticed")
        comments = stream.comments
        while stream.comments == comments:
            block = stream.read_block(b"\n\n", 30)
            assert block is not None
            stream.comments += block == b":"
        payapi.up()
        pay(payapi, payment)
        stream.until("completed", 60)
        assert stream.ids == announced(payapi, payment)[-len(stream.ids):]


# --- Who may open it -------------------------------------------------------------------------------

def test_admins_may_follow_any_payment(payapi):
    payment = open_payment(payapi)
    with follow(payapi, payment, sub="root", role="admin") as stream:
        assert stream.next()["id"] == payment["id"]


def test_somebody_elses_payment_answers_as_a_missing_one(payapi):
    payment = open_payment(payapi)
    answers = []
    for payment_id in (payment["id"], UNKNOWN, "pay_1"):
        for method, path in (("GET", "events"), ("POST", "stream-ticket")):
            answer = payapi.request(method, f"/api/v1/payments/{payment_id}/{path}", sub="mallory")
            answers.append((answer.status, answer.json["slug"], answer.json["detail"]))
    assert set(answers) == {(404, "not-found", "There is no such payment.")}


def test_without_token_and_ticket_nobody_gets_in(payapi):
    payment = open_payment(payapi)
    answer = payapi.get(path_of(payment), sub=None)
    assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_ticket_opens_its_payment_and_no_other(payapi):
    payment, other = open_payment(payapi), open_payment(payapi)
    ticket = ticket_of(payapi, payment)
    with follow(payapi, payment, sub=None, ticket=ticket) as stream:
        assert stream.headers["access-control-allow-origin"] == "*"
        assert stream.next() == payapi.payment_of(payment["orderId"])
    assert payapi.get(path_of(other, ticket), sub=None).status == 401
    assert payapi.get(f"/api/v1/payments/{payment['id']}?ticket={ticket}", sub=None).status == 401


def test_a_forged_ticket_opens_nothing(payapi):
    payment = open_payment(payapi)
    ticket = ticket_of(payapi, payment)
    view, expiry, mac = ticket.split(".")
    forged = [f"{view}.{int(expiry) + 900}.{mac}", f"o.{expiry}.{mac}", f"{view}.{expiry}.{mac[:-1]}",
              f"{view}.{expiry}.{mac}0", f"{view}.0{expiry}.{mac}", f"{view}.{expiry}.{'0' * 64}", "", "p", "p..",
              mac, f"{view}.-1.{mac}", ticket.upper(), f"{ticket}%00", "x" * 4000]
    assert {payapi.get(path_of(payment, value), sub=None).status for value in forged} <= {401, 422}
    assert [value for value in forged if payapi.get(path_of(payment, value), sub=None).status == 200] == []


def test_a_ticket_says_when_it_ends(payapi):
    payment = open_payment(payapi)
    answer = payapi.post(f"/api/v1/payments/{payment['id']}/stream-ticket", {})
    expiry = int(answer.data["ticket"].split(".")[1])
    assert 0 < expiry - time.time() <= 901
    assert answer.data["url"] == path_of(payment, answer.data["ticket"])


def test_the_payers_page_learns_the_outcome_and_nothing_else(payapi):
    payment = open_payment(payapi)
    ticket = payapi.get(f"/checkout/outcome?payment={payment['id']}", sub=None).json["ticket"]
    with follow(payapi, payment, sub=None, ticket=ticket) as stream:
        assert stream.next() == {"state": "open"}
        pay(payapi, payment)
        assert stream.until("paid") == {"state": "paid"}


def test_an_unknown_payment_is_followed_like_one_that_is_being_confirmed(payapi):
    ticket = payapi.get(f"/checkout/outcome?payment={UNKNOWN}", sub=None).json["ticket"]
    with follow(payapi, {"id": UNKNOWN}, sub=None, ticket=ticket) as stream:
        assert stream.next() == {"state": "confirming"}


# --- Limits ----------------------------------------------------------------------------------------

def too_many(stream):
    body = json.loads(stream.rest())
    return stream.status == 503 and body["slug"] == "overloaded" and int(stream.headers["retry-after"]) > 0


def test_a_caller_has_a_few_streams_and_then_waits(payapi):
    payment = open_payment(payapi)
    streams = [follow(payapi, payment) for _ in range(PER_CALLER)]
    assert all(stream.next() for stream in streams)
    with follow(payapi, payment) as one_more:
        assert too_many(one_more)
    assert payapi.payment_of(payment["orderId"])["id"] == payment["id"]
    with follow(payapi, open_payment(payapi, sub="bob"), sub="bob") as of_bob:
        assert of_bob.next()
    streams[0].close()
    wait_until(lambda: open_streams(payapi) == PER_CALLER - 1, 30, "the end of one stream")
    with follow(payapi, payment) as stream:
        assert stream.next()
    for stream in streams:
        stream.close()


def test_all_callers_together_have_only_so_many(payapi):
    payment = open_payment(payapi)
    streams = [follow(payapi, payment, sub=f"admin-{number // PER_CALLER}", role="admin")
               for number in range(STREAMS_MAX)]
    assert all(stream.next() for stream in streams)
    with follow(payapi, payment, sub="admin-last", role="admin") as one_more:
        assert too_many(one_more)
    pay(payapi, payment)
    for stream in streams:
        stream.until("completed")
        stream.close()


MANY = 1000
BYTES_EACH_MAX = 32 * 1024


def resident_bytes(pid):
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.fixture()
def holder(payapi, tmp_path):
    """A second payapi-stream, which lets in a thousand and has no nginx in front: its pid and socket."""
    path = tmp_path / "stream.sock"
    program = pathlib.Path(os.environ["PAYAPI_PREFIX"]) / "sbin" / "payapi-stream"
    log = open(tmp_path / "stream.log", "w", encoding="utf-8")
    process = subprocess.Popen(
        ["spawn-fcgi", "-n", "-s", str(path), "-b", "4096", "--", str(program), "--config",
         str(payapi.var / "var" / "payapi.env")],
        env={"PATH": os.environ["PATH"], "STREAMS_MAX": str(MANY), "STREAM_COMMENT_S": "60"}, stderr=log)
    try:
        wait_until(lambda: "stream_started" in (tmp_path / "stream.log").read_text(), 20, "its start")
        yield process.pid, str(path)
    finally:
        process.terminate()
        assert process.wait(30) == 0
        log.close()


class Idle:
    """A client of the holder, as nginx is one."""

    def __init__(self, path, payment, caller):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.socket.sendall(f"GET /stream/payment/{payment['id']}/0/{caller:032x} HTTP/1.1\r\n"
                            "Host: stream\r\n\r\n".encode())
        self.received = b""

    def wait_for(self, text):
        while text not in self.received:
            more = self.socket.recv(65536)
            assert more, self.received
            self.received += more


def test_a_thousand_idle_streams_are_cheap_and_all_hear_of_a_change(payapi, holder):
    pid, path = holder
    payments = [open_payment(payapi) for _ in range(10)]
    first = Idle(path, payments[0], MANY)
    first.wait_for(b"data: ")
    first.socket.close()
    before = resident_bytes(pid)
    streams = [Idle(path, payments[number % 10], number) for number in range(MANY - 1)]
    for stream in streams:
        stream.wait_for(b"data: ")
    each = (resident_bytes(pid) - before) / len(streams)
    began = time.monotonic()
    pay(payapi, payments[0])
    for stream in streams[::10]:
        stream.wait_for(b'"completed"')
    print(f"{each:.0f} bytes for each stream; all had heard after {time.monotonic() - began:.3f} s")
    assert each < BYTES_EACH_MAX
    for stream in streams:
        stream.socket.close()


# --- What stays inside -----------------------------------------------------------------------------

@pytest.mark.parametrize("path", ["/stream/", "/stream/payment/{id}/0/" + "0" * 32, "/stream", "/stream/../stream/x"])
def test_from_outside_there_is_no_holder(payapi, path):
    payment = open_payment(payapi)
    answer = payapi.get(path.format(id=payment["id"]))
    assert answer.status == 404 and answer.json["slug"] == "not-found"


def test_the_holder_gets_no_header_of_the_client(payapi):
    """A socket in its place hears what nginx sends."""
    payment = open_payment(payapi)
    path = str(pathlib.Path(payapi.var / "var").resolve() / "run" / "stream.sock")
    aside = path + ".aside"
    os.rename(path, aside)
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            os.chmod(path, 0o666)
            listener.listen()
            listener.settimeout(30)
            client = http.client.HTTPConnection("127.0.0.1", payapi.port, timeout=30)
            client.request("GET", path_of(payment), headers={
                "Authorization": f"Bearer {payapi.token()}", "Cookie": "a=b", "Last-Event-ID": "1", "X-Mine": "c"})
            heard = listener.accept()[0].recv(65536).decode().lower()
            client.close()
    finally:
        os.rename(aside, path)
    first, *rest = heard.strip().split("\r\n")
    assert first.startswith(f"get /stream/payment/{payment['id'].lower()}/1/")
    assert {line.split(":")[0] for line in rest} <= {"host", "connection"}


def test_no_log_has_a_ticket(payapi):
    payment = open_payment(payapi)
    ticket = ticket_of(payapi, payment)
    with follow(payapi, payment, sub=None, ticket=ticket) as stream:
        stream.next()
    wait_until(lambda: payment["id"] in payapi.log("nginx-access"), 30, "the line of the stream")
    for log in payapi.log_dir.iterdir():
        assert ticket.split(".")[2] not in log.read_text(errors="replace"), log
