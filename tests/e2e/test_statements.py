"""What a request costs the database, counted at the server's socket and in the write-ahead log."""
import sys
import uuid
from pathlib import Path

import pytest

from test_refunds import paid, refund

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "bench"))
from recorder import Recorder  # noqa: E402


@pytest.fixture(name="payments", scope="module")
def paid_payments(payapi):
    return [paid(payapi) for _ in range(2)]


@pytest.fixture(name="recorder", scope="module")
def recorder_of_all_workers(payapi, payments):
    """No webhook comes in between: only the requests of the tests are recorded."""
    assert payments
    payapi.webhook_settings(delivery="off")
    with Recorder(payapi) as recorder:
        yield recorder
    payapi.webhook_settings(delivery="on")


def peek_and_commits(trips, written):
    """The statements of the first round trip, the number of round trips, and of commits."""
    return [s.sql.split()[0] for s in trips[0]], len(trips), written["commit"]


def test_a_replay_is_one_statement_and_no_commit(payapi, recorder):
    order, headers = payapi.create_order(), {"Idempotency-Key": str(uuid.uuid4())}
    first = payapi.checkout(order, headers=headers)
    trips, written = recorder.record(lambda: payapi.checkout(order, headers=headers))
    assert first.status == 201 and peek_and_commits(trips, written) == (["SELECT"], 1, 0)


def test_a_checkout_without_a_key_that_finds_its_page_writes_nothing(payapi, recorder):
    order = payapi.create_order()
    payapi.checkout(order)
    trips, written = recorder.record(lambda: payapi.checkout(order))
    assert peek_and_commits(trips, written) == (["SELECT"], 1, 0)


def test_a_checkout_peeks_in_one_statement_and_commits_twice(payapi, recorder):
    orders = iter([payapi.create_order() for _ in range(2)])
    trips, written = recorder.record(lambda: payapi.checkout(
        next(orders), headers={"Idempotency-Key": str(uuid.uuid4())}))
    assert peek_and_commits(trips, written) == (["SELECT"], 3, 2)


def test_a_refund_peeks_in_one_statement_and_commits_twice_and_its_replay_not_at_all(payapi, recorder, payments):
    following = iter(payments)

    def refund_once(payment):
        return refund(payapi, payment, key=payment["id"])
    trips, written = recorder.record(lambda: refund_once(next(following)))
    assert peek_and_commits(trips, written) == (["SELECT"], 3, 2)
    assert written["payments update"] == 2          # once in each transaction
    trips, written = recorder.record(lambda: refund_once(payments[1]))
    assert peek_and_commits(trips, written) == (["SELECT"], 1, 0)
