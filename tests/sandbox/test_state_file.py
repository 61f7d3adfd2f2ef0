"""--state-file: what the sandbox knew is there again after a restart, however it ended."""
import json
import os
import signal
import stat
import subprocess

import pytest

from conftest import SECRET_KEY, Receiver, Sandbox, wait_for
from paystack_calls import act, opened, paid, refund, refunds_of, settings, verify

SESSIONS = "/v1/checkout/sessions"


class Life:
    """A sandbox that is started again and again with the same file."""

    def __init__(self, folder):
        self.path = folder / "state.json"
        self.receiver, self.paystack_receiver = Receiver(), Receiver("x-paystack-signature")
        self.sandbox = None

    def begin(self):
        self.sandbox = Sandbox(self.receiver, self.paystack_receiver,
                               more=("--state-file", str(self.path)))
        return self.sandbox

    def again(self):
        self.sandbox.stop()
        return self.begin()

    def end(self):
        if self.sandbox.process.poll() is None:
            self.sandbox.stop()
        self.receiver.shutdown()
        self.paystack_receiver.shutdown()


@pytest.fixture
def life(tmp_path):
    life = Life(tmp_path)
    life.begin()
    yield life
    life.end()


def everything(sandbox, intent):
    """What Stripe says of all objects; the port of the pages is another one after a restart."""
    lists = [sandbox.api("GET", path, {"limit": 100}).json["data"] for path in
             (SESSIONS, "/v1/refunds", "/v1/disputes", "/v1/events")]
    for each in lists[0] + [event["data"]["object"] for event in lists[3]]:
        each.pop("url", None)
    return lists, sandbox.api("GET", "/v1/payment_intents/" + intent).json


def test_stripes_objects_survive(life):
    sandbox = life.sandbox
    is_open = sandbox.session(customer_email="a@b.example")
    declined = sandbox.session()
    sandbox.control(f"sessions/{declined['id']}/decline", {})
    intent = sandbox.paid_intent()
    sandbox.control("foreign", {"like": declined["id"]})
    sandbox.control(f"payment_intents/{intent}/refund", {"amount": 500})
    sandbox.control(f"payment_intents/{intent}/refund", {"amount": 300})
    sandbox.control(f"payment_intents/{intent}/dispute", {"amount": 700})
    wait_for(lambda: sandbox.control("webhooks/deliveries")["pending"] == 0, "all delivered")
    before = everything(sandbox, intent)
    ledger = sandbox.control("ledger")

    sandbox = life.again()

    assert everything(sandbox, intent) == before
    after = sandbox.control("ledger")
    assert [after[name] for name in ("charges", "refunds", "disputes", "sessions")] == \
        [ledger[name] for name in ("charges", "refunds", "disputes", "sessions")]
    page = sandbox.retrieve(is_open)["url"]
    assert page == f"{sandbox.url}/pay/{is_open['id']}"
    assert sandbox.control(f"sessions/{is_open['id']}/pay", {})["payment_status"] == "paid"
    assert sandbox.control(f"payment_intents/{intent}/refund", {"amount": 1}, status=409)["error"]
    sandbox.control("clock", {"advance_s": 25 * 3600})
    assert sandbox.retrieve(declined)["status"] == "expired"


def test_paystacks_objects_survive(life):
    sandbox = life.sandbox
    settings(sandbox, refund_status="pending", metadata="text", domain="live")
    waiting = sandbox.paystack("POST", "/transaction/initialize",
                               {"email": "a@b.example", "amount": 5000}).json["data"]
    transaction = paid(sandbox)
    refund(sandbox, transaction["id"], amount=1000, merchant_note="ours")
    disputed = paid(sandbox)
    act(sandbox, disputed["reference"], "dispute", {"due_s": 60})
    kept = (verify(sandbox, transaction["reference"]), refunds_of(sandbox, transaction["id"]),
            sandbox.paystack("GET", "/dispute").json, settings(sandbox))

    sandbox = life.again()

    assert kept == (verify(sandbox, transaction["reference"]),
                    refunds_of(sandbox, transaction["id"]),
                    sandbox.paystack("GET", "/dispute").json, settings(sandbox))
    assert sandbox.request("GET", f"/checkout/{waiting['access_code']}").status == 200
    assert act(sandbox, waiting["reference"], "pay")["id"] == \
        sandbox.paystack("GET", "/transaction").json["data"][-1]["id"]
    sandbox.control("clock", {"advance_s": 61})
    assert sandbox.paystack("GET", "/dispute").json["data"][0]["resolution"] == "auto-accepted"
    fresh = paid(sandbox)
    assert fresh["id"] > disputed["id"]


def test_an_answer_is_replayed_after_a_restart(life):
    first = life.sandbox.create(key="k1").json
    again = life.again().create(key="k1")
    assert (again.headers["Idempotent-Replayed"], again.json["id"]) == ("true", first["id"])
    assert life.sandbox.create(key="k1", client_reference_id="other").error["type"] == \
        "idempotency_error"
    assert life.sandbox.sessions_made() == 1


def test_events_that_did_not_arrive_are_sent_after_a_restart(life):
    life.receiver.statuses[:] = [500] * 100
    life.sandbox.paid_intent()
    wait_for(lambda: life.receiver.received, "an attempt")
    life.sandbox.stop()
    life.receiver.next_turn()
    life.begin()
    wait_for(lambda: "checkout.session.completed" in life.receiver.types, "the event")
    assert len(life.receiver.types) == len(set(life.receiver.types))


def test_the_clock_goes_on_from_where_it_was_moved_to(life):
    life.sandbox.control("clock", {"advance_s": 7 * 86400})
    before = life.sandbox.control("health")["now"]
    assert before <= life.again().control("health")["now"] < before + 3600


def test_a_kill_loses_the_last_second_at_most(life):
    session = life.sandbox.session()
    life.sandbox.control(f"sessions/{session['id']}/pay", {})
    wait_for(lambda: "\"charges\":[{" in life.path.read_text(), "the payment in the file")
    life.sandbox.process.send_signal(signal.SIGKILL)
    life.sandbox.process.wait()
    assert life.begin().retrieve(session)["payment_status"] == "paid"


def test_work_and_its_key_are_kept_together_at_any_moment(life):
    """A file of any moment: a session in it has its answer under its key, and cannot be made twice."""
    for i in range(60):
        life.sandbox.create(key=f"k{i}")
        stripe = json.loads(life.path.read_text())["stripe"]
        bodies = {json.loads(each["body"])["id"] for each in stripe["idempotency"]}
        assert {session["id"] for session in stripe["sessions"]} == bodies
    wait_for(lambda: len(json.loads(life.path.read_text())["stripe"]["sessions"]) == 60, "all of them")


def test_only_the_owner_may_read_the_file(life):
    assert stat.S_IMODE(os.stat(life.path).st_mode) == 0o600
    assert os.listdir(life.path.parent) == ["state.json"]
    assert SECRET_KEY not in life.path.read_text()


def break_member(state):
    state["stripe"]["sessions"][0]["amount"] = "much"


def break_status(state):
    state["stripe"]["sessions"][0]["status"] = 17


def break_link(state):
    state["stripe"]["intents"][0]["session"] = "cs_test_none"


def break_version(state):
    state["version"] = 0


def drop_list(state):
    del state["paystack"]["refunds"]


def double(state):
    state["paystack"]["transactions"] *= 2


@pytest.mark.parametrize("spoil, says", [
    (break_member, "sessions: amount is not a number"), (break_status, "sessions: status is not"),
    (break_link, "intents: session is not the id"), (break_version, "of version 0"),
    (drop_list, "refunds: there is no such list"), (double, "is there twice")])
def test_a_broken_file_is_a_clear_error(life, spoil, says):
    life.sandbox.paid_intent()
    opened(life.sandbox)
    life.sandbox.stop()
    state = json.loads(life.path.read_text())
    spoil(state)
    life.path.write_text(json.dumps(state))
    refused = subprocess.run(life.sandbox.process.args, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 78
    assert str(life.path) in refused.stderr and says in refused.stderr
    assert json.loads(life.path.read_text()) == state


def test_a_cut_file_is_a_clear_error(life):
    life.sandbox.stop()
    life.path.write_text(life.path.read_text()[:-5])
    refused = subprocess.run(life.sandbox.process.args, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 78 and "is broken (line" in refused.stderr


def test_a_place_that_cannot_be_written_is_said_at_the_start(life, tmp_path):
    life.sandbox.stop()
    arguments = [each if each != str(life.path) else str(tmp_path / "none" / "state.json")
                 for each in life.sandbox.process.args]
    refused = subprocess.run(arguments, capture_output=True, text=True, timeout=20)
    assert refused.returncode == 78 and "No such file or directory" in refused.stderr
