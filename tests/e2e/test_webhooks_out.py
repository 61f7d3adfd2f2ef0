"""Webhooks out: each event once to each endpoint, signed, in order, whatever the receiver does and whatever dies."""
import email.utils
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import pytest

from nginx_site import make_certificate
from payapi_instance import Instance, wait_until
from webhook_receiver import Receiver


@pytest.fixture(scope="module")
def payapi():
    """An instance of its own: its programs are killed."""
    instance = Instance("hooks")
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()


def register(payapi, receiver, events=("*",), **members):
    answer = payapi.post("/api/v1/webhook-endpoints", {"url": receiver.url, "events": list(events), **members},
                         sub="boss", role="admin")
    assert answer.status == 201, answer
    return answer.data


@pytest.fixture
def endpoints(payapi):
    """Registers endpoints, and deletes them afterwards."""
    made = []

    def make(receiver, events=("*",), **members):
        made.append(register(payapi, receiver, events, **members))
        return made[-1]

    yield make
    for endpoint in made:
        payapi.request("DELETE", f"/api/v1/webhook-endpoints/{endpoint['id']}", sub="boss", role="admin")


def paid(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data
    payapi.sandbox_do(payment["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return payment


def deliveries(payapi, endpoint, **query):
    path = f"/api/v1/webhook-endpoints/{endpoint['id']}/deliveries?limit=100" + "".join(
        f"&{name}={value}" for name, value in query.items())
    return payapi.get(path, sub="boss", role="admin").data


def test_each_event_of_a_payment_comes_once_signed_and_in_order(payapi, endpoints):
    with Receiver() as receiver:
        endpoint = endpoints(receiver)
        payment = paid(payapi)
        wait_until(lambda: receiver.of_type("payment.completed"), 15, "the completed payment")
        ours = [received for received in receiver.received if received.json["data"]["id"] == payment["id"]]
        assert [received.json["type"] for received in ours] == [
            "payment.created", "payment.processing", "payment.completed"]
        assert len(receiver.of_type("order.created")) == 1
        for received in receiver.received:
            assert received.is_signed(endpoint["secret"])
            assert received.id == received.json["id"] and received.id.startswith("evt_")
            assert received.headers["content-type"] == "application/json"
            assert list(received.json) == ["id", "type", "createdAt", "sequence", "data"]
        sequences = [received.json["sequence"] for received in ours]
        assert sequences == sorted(set(sequences)) and sequences[0] > 0
        assert receiver.of_type("order.created")[0].json["sequence"] == 0
        completed = ours[-1].json["data"]
        assert completed["id"] == payment["id"] and completed["status"] == "completed"
        assert completed == payapi.get(f"/api/v1/payments/{payment['id']}").data
        wait_until(lambda: {one["status"] for one in deliveries(payapi, endpoint)} == {"delivered"}, 10, "the outcomes")
        timeline = payapi.get(f"/api/v1/payments/{payment['id']}/timeline", sub="boss", role="admin").data
        sent = [item["details"] for item in timeline if item["kind"] == "delivery"]
        assert [one["type"] for one in sent] == ["payment.created", "payment.processing", "payment.completed"]
        assert {(one["endpointId"], one["httpStatus"], one["error"]) for one in sent} == {(endpoint["id"], 200, None)}
        own = payapi.get(f"/api/v1/payments/{payment['id']}/timeline").data     # payers are not told where the shop listens
        assert own and "delivery" not in {item["kind"] for item in own}


# --- What a receiver does ---------------------------------------------------------------------------

def one(payapi, delivery):
    return payapi.get(f"/api/v1/webhook-deliveries/{delivery['id']}", sub="boss", role="admin").data


def send_test(payapi, endpoint):
    answer = payapi.post(f"/api/v1/webhook-endpoints/{endpoint['id']}/test", sub="boss", role="admin")
    assert answer.status == 200, answer
    return answer.data


def first_attempt(payapi, delivery, seconds=30):
    def made():
        attempts = one(payapi, delivery)["attempts"]
        return attempts and attempts[0]
    return wait_until(made, seconds, "the attempt's row")


def moment(text):
    return time.mktime(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + float("0" + text[19:-1])


def wait_after(payapi, delivery):
    """The seconds from the end of the last attempt to the next one."""
    now = one(payapi, delivery)
    last = now["attempts"][-1]
    return moment(now["nextAttemptAt"]) - moment(last["at"]) - last["durationMs"] / 1000


def answering(status, headers=None, body=b"no"):
    return lambda received: (status, headers or {}, body)


@pytest.mark.parametrize("status, error", [(200, None), (204, None), (299, None), (302, "redirect"), (400, "http_status"),
                                           (404, "http_status"), (500, "http_status"), (503, "http_status")])
def test_only_2xx_is_success(payapi, endpoints, status, error):
    with Receiver(answering(status, body=b"" if status == 204 else b"said")) as receiver:
        delivery = send_test(payapi, endpoints(receiver, ["payment.failed"]))
        attempt = first_attempt(payapi, delivery)
        assert (attempt["httpStatus"], attempt["error"]) == (status, error)
        assert attempt["answer"] == ("" if status == 204 else "said")
        assert one(payapi, delivery)["status"] == ("pending" if error else "delivered")
        if error:
            assert 3.9 <= wait_after(payapi, delivery) <= 6.1


def test_an_attempt_that_failed_is_made_again_with_the_same_bytes(payapi, endpoints):
    answers = [(500, {}, b"not yet"), (200, {}, b"now")]
    with Receiver(lambda received: answers.pop(0)) as receiver:
        endpoint = endpoints(receiver, ["payment.failed"])
        delivery = send_test(payapi, endpoint)
        wait_until(lambda: one(payapi, delivery)["status"] == "delivered", 30, "the second attempt")
        first, second = receiver.received
        assert first.id == second.id == delivery["eventId"] and first.body == second.body
        assert int(second.headers["webhook-timestamp"]) >= int(first.headers["webhook-timestamp"]) + 3
        assert first.is_signed(endpoint["secret"]) and second.is_signed(endpoint["secret"])
        assert [attempt["number"] for attempt in one(payapi, delivery)["attempts"]] == [1, 2]


@pytest.mark.parametrize("value, least, most", [
    ("8", 7.9, 8.1), ("1", 3.9, 6.1), ("3600", 9.9, 10.1), ("soon", 3.9, 6.1),
    (lambda: email.utils.formatdate(time.time() + 9, usegmt=True), 7, 9.5)])
def test_a_receiver_may_ask_for_patience(payapi, endpoints, value, least, most):
    def answer(received):
        return 503, {"Retry-After": value if isinstance(value, str) else value()}, b""
    with Receiver(answer) as receiver:
        delivery = send_test(payapi, endpoints(receiver, ["payment.failed"]))
        first_attempt(payapi, delivery)
        assert least <= wait_after(payapi, delivery) <= most


def test_410_disables_at_once_and_tells_the_others(payapi, endpoints):
    with Receiver(answering(410)) as gone, Receiver() as other:
        endpoint = endpoints(gone, ["payment.failed"])
        endpoints(other, ["webhook_endpoint.disabled"])
        send_test(payapi, endpoint)

        def now():
            return payapi.get(f"/api/v1/webhook-endpoints/{endpoint['id']}", sub="boss", role="admin").data
        wait_until(lambda: now()["status"] == "disabled", 15, "the end of the endpoint")
        assert now()["disabledReason"] == "gone"
        told = wait_until(lambda: other.of_type("webhook_endpoint.disabled"), 15, "the event")[0]
        assert told.json["data"]["id"] == endpoint["id"] and told.json["data"]["disabledReason"] == "gone"
        assert payapi.events("endpoint_disabled", "deliver")[-1]["endpoint"] == endpoint["id"]


# --- Hostile receivers -------------------------------------------------------------------------------

def drip(received):
    """An answer that takes longer than any deadline."""
    try:
        received.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(60):
            received.connection.sendall(b"x")
            time.sleep(0.5)
    except OSError:
        pass


def reset(received):
    received.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    received.connection.close()


def flood(received):
    try:
        received.connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(1024):
            received.connection.sendall(b"y" * 1048576)
    except OSError:
        pass


def raw(answer):
    def send(received):
        received.connection.sendall(answer)
        received.connection.close()
    return send


def hang(received):
    time.sleep(20)


HOSTILE = {
    "hangs": (hang, None, "timeout"),
    "drips": (drip, 200, "timeout"),
    "resets": (reset, None, "connection"),
    "floods": (flood, 200, None),
    "floods with an error": (lambda received: (500, {}, b"z" * 100000), 500, "http_status"),
    "says nothing": (raw(b""), None, "connection"),
    "stops in the head": (raw(b"HTTP/1.1 200 OK\r\nContent-Le"), None, "answer"),
    "has no HTTP": (raw(b"220 mail.example ESMTP\r\n"), None, "answer"),
    "wrong length": (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"), 200, "answer"),
    "an endless head": (raw(b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 20000), None, "answer"),
    "redirects inside": (answering(307, {"Location": "http://127.0.0.1:1/"}), 307, "redirect"),
    "odd text": (lambda received: (400, {}, b'\x00\xff"\\\xc3\xa9\x1b[31m'), 400, "http_status"),
}


def test_hostile_receivers_get_their_rows_and_delay_no_other(payapi, endpoints):
    """All of them at once, and one good receiver beside them."""
    receivers = {name: Receiver(answer) for name, (answer, _, _) in HOSTILE.items()}
    with Receiver() as good:
        sent = {name: send_test(payapi, endpoints(receiver, ["payment.failed"]))
                for name, receiver in receivers.items()}
        endpoints(good)
        paid(payapi)
        wait_until(lambda: good.of_type("payment.completed"), 10, "the good receiver's event")
        for name, (_, status, error) in HOSTILE.items():
            attempt = first_attempt(payapi, sent[name])
            assert (attempt["httpStatus"], attempt["error"]) == (status, error), name
            if error:
                assert 3.9 <= wait_after(payapi, sent[name]) <= 6.1 or one(payapi, sent[name])["attemptCount"] > 1, name
        assert 14500 <= first_attempt(payapi, sent["hangs"])["durationMs"] <= 20000
        assert len(first_attempt(payapi, sent["floods"])["answer"]) == 4096
        odd = first_attempt(payapi, sent["odd text"])["answer"]
        assert odd == '\\x00\\xff"\\\u00e9\\x1b[31m'
    for receiver in receivers.values():
        receiver.stop()


def test_tls_must_be_good(payapi, endpoints, tmp_path):
    """A certificate that nobody vouches for, and a server that never finishes its handshake."""
    certificate, key = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    silent = socket.create_server(("127.0.0.1", 0))
    with Receiver(tls=context) as unknown:
        slow = payapi.post("/api/v1/webhook-endpoints", {"url": f"https://127.0.0.1:{silent.getsockname()[1]}/",
                                                         "events": ["payment.failed"]}, sub="boss", role="admin").data
        bad = send_test(payapi, endpoints(unknown, ["payment.failed"]))
        late = send_test(payapi, slow)
        assert first_attempt(payapi, bad)["error"] == "tls"
        assert first_attempt(payapi, late)["error"] == "timeout"
        assert 4500 <= first_attempt(payapi, late)["durationMs"] <= 10000
        assert unknown.received == []
        payapi.request("DELETE", f"/api/v1/webhook-endpoints/{slow['id']}", sub="boss", role="admin")
    silent.close()


def test_nobody_listens(payapi, endpoints):
    receiver = Receiver()
    endpoint = endpoints(receiver, ["payment.failed"])
    receiver.stop()
    attempt = first_attempt(payapi, send_test(payapi, endpoint))
    assert (attempt["httpStatus"], attempt["error"]) == (None, "connection")


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://[::ffff:169.254.169.254]/latest/meta-data/", "https://[fe80::1]/",
                                 "https://[64:ff9b::a9fe:a9fe]/", "https://0/", "https://2852039166/", "https://[fd00::1]/"])
def test_inner_networks_are_refused_at_the_socket(payapi, endpoints, url):
    """The API refuses such a URL; here it came another way, as a name does that changes its address."""
    with Receiver() as receiver:
        endpoint = endpoints(receiver, ["payment.failed"])
        with payapi.database() as database, database.cursor() as cursor:
            cursor.execute("UPDATE payapi.webhook_endpoints SET url = %s WHERE endpoint_id = %s", (url, endpoint["id"]))
        attempt = first_attempt(payapi, send_test(payapi, endpoint))
        assert (attempt["httpStatus"], attempt["error"]) == (None, "forbidden_address")
        assert attempt["durationMs"] < 5000 and receiver.received == []


def test_a_proxy_of_the_environment_is_not_used(payapi, endpoints):
    """It would be dialled in place of the receiver, and would reach what the guard refuses."""
    payapi.kill(deliver_pid(payapi))
    with Receiver() as receiver, Receiver() as proxy:
        url = proxy.url.removesuffix("/hook")
        names = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
        program = [payapi.var / "var/inst/sbin/payapi-deliver", "--config", payapi.var / "var/payapi.env"]
        deliver = subprocess.Popen(program, env={**os.environ, **dict.fromkeys(names, url)}, stderr=subprocess.DEVNULL)
        try:
            delivery = send_test(payapi, endpoints(receiver, ["payment.failed"]))
            wait_until(lambda: one(payapi, delivery)["status"] == "delivered", 30, "the delivery")
        finally:
            deliver.terminate()
            assert deliver.wait(30) == 0
            restart_deliver(payapi)
        assert len(receiver.received) == 1 and proxy.received == []


# --- Order -------------------------------------------------------------------------------------------

def test_later_events_of_a_payment_wait_and_those_of_others_do_not(payapi, endpoints):
    blocked = set()

    def answer(received):
        return (500, {}, b"") if received.json["data"]["id"] in blocked else (200, {}, b"")
    with Receiver(answer) as receiver:
        endpoint = endpoints(receiver, ["payment.created", "payment.processing", "payment.completed"])
        first = payapi.checkout(payapi.create_order()).data
        blocked.add(first["id"])
        payapi.sandbox_do(first["externalId"], "pay")
        second = paid(payapi)
        wait_until(lambda: [r for r in receiver.of_type("payment.completed") if r.json["data"]["id"] == second["id"]],
                   15, "the other payment's events")
        mine = [one for one in deliveries(payapi, endpoint) if one["paymentId"] == first["id"]]
        held = [one for one in mine if one["status"] == "waiting"]
        late = [r for r in receiver.received if r.json["data"]["id"] == first["id"] and r.json["type"] == "payment.completed"]
        assert held and not late
        blocked.clear()
        wait_until(lambda: [r for r in receiver.of_type("payment.completed") if r.json["data"]["id"] == first["id"]],
                   30, "the events that were held up")
        order = [r.json["sequence"] for r in receiver.received if r.json["data"]["id"] == first["id"]]
        assert order == sorted(order)


# --- Crashes -----------------------------------------------------------------------------------------

def deliver_pid(payapi):
    return int((payapi.var / "var/pid/deliver.pid").read_text().split()[0])


def restart_deliver(payapi):
    payapi.dev("up")


def test_a_kill_between_the_call_and_its_record_sends_it_again(payapi, endpoints):
    came = threading.Event()

    def answer(received):
        if len(receiver.received) == 1:
            payapi.kill(deliver_pid(payapi), signal.SIGSTOP)    # it will see the answer, and record nothing
            came.set()
        return 200, {}, b"ok"
    with Receiver(answer) as receiver:
        endpoint = endpoints(receiver, ["payment.failed"])
        delivery = send_test(payapi, endpoint)
        assert came.wait(15)
        payapi.kill(deliver_pid(payapi), signal.SIGKILL)
        restart_deliver(payapi)
        wait_until(lambda: one(payapi, delivery)["status"] == "delivered", 60, "the second delivery")
        assert [received.id for received in receiver.received] == [delivery["eventId"]] * 2
        assert receiver.received[0].body == receiver.received[1].body
        attempts = one(payapi, delivery)["attempts"]
        assert [(attempt["number"], attempt["error"]) for attempt in attempts] == [(1, "interrupted"), (2, None)]


def test_nothing_is_lost_while_the_database_is_away(payapi, endpoints):
    with Receiver() as receiver:
        endpoint = endpoints(receiver, ["payment.created"])
        orders = [payapi.create_order() for _ in range(5)]
        payments = [payapi.checkout(order).data["id"] for order in orders]
        with payapi.database() as database, database.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                           " WHERE application_name = 'payapi-deliver'")
        wait_until(lambda: {one["status"] for one in deliveries(payapi, endpoint)} == {"delivered"}
                   and len(deliveries(payapi, endpoint)) == 5, 60, "all deliveries")
        assert {received.json["data"]["id"] for received in receiver.received} == set(payments)


def test_two_processes_share_the_work(payapi, endpoints):
    """Each event once, and no more on their way than an endpoint takes."""
    at_once, most = [0], [0]
    guard = threading.Lock()

    def answer(received):
        with guard:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        time.sleep(0.05)
        with guard:
            at_once[0] -= 1
        return 200, {}, b""
    with Receiver(answer) as receiver:
        endpoint = endpoints(receiver, ["order.created"])
        program = payapi.var / "var/inst/sbin/payapi-deliver"
        second = subprocess.Popen([program, "--config", payapi.var / "var/payapi.env"], stderr=subprocess.DEVNULL)
        try:
            for _ in range(60):
                payapi.create_order()
            wait_until(lambda: len(receiver.received) >= 60, 30, "the events")
            wait_until(lambda: {one["status"] for one in deliveries(payapi, endpoint)} == {"delivered"}, 15, "outcomes")
        finally:
            second.terminate()
            assert second.wait(20) == 0
        ids = [received.id for received in receiver.received]
        assert len(ids) == len(set(ids)) == 60
        assert most[0] <= 4


# --- Rotation ----------------------------------------------------------------------------------------

def test_both_secrets_sign_during_a_rotation(payapi, endpoints):
    with Receiver() as receiver:
        endpoint = endpoints(receiver, ["payment.failed"])
        rotated = payapi.post(f"/api/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", sub="boss", role="admin").data
        assert rotated["secret"] != endpoint["secret"] and rotated["formerSecretsUntil"] is not None
        first_attempt(payapi, send_test(payapi, endpoint))
        both = receiver.received[-1]
        assert both.is_signed(endpoint["secret"]) and both.is_signed(rotated["secret"])
        assert len(both.headers["webhook-signature"].split(" ")) == 2
        cut = payapi.post(f"/api/v1/webhook-endpoints/{endpoint['id']}/rotate-secret", {"overlapSeconds": 0},
                          sub="boss", role="admin").data
        first_attempt(payapi, send_test(payapi, endpoint))
        last = receiver.received[-1]
        assert last.is_signed(cut["secret"]) and not last.is_signed(rotated["secret"])


def test_no_secret_is_in_the_log_or_the_database(payapi, endpoints):
    with Receiver() as receiver:
        endpoint = endpoints(receiver, ["payment.failed"])
        first_attempt(payapi, send_test(payapi, endpoint))
        key = endpoint["secret"].removeprefix("whsec_")
        for log in payapi.log_dir.iterdir():
            assert key not in log.read_text(errors="replace"), log
        dump = subprocess.run(["pg_dump", "-h", payapi.settings["DATABASE_HOST"], "-p", payapi.settings["DATABASE_PORT"],
                               "-U", "dev", payapi.settings["DATABASE_NAME"]], check=True, capture_output=True, text=True)
        assert key not in dump.stdout and payapi.settings["WEBHOOK_SIGNING_SECRET"] not in dump.stdout
        assert re.search(endpoint["id"], dump.stdout)
