"""Webhooks out: each event once to each endpoint, signed, in order, whatever the receiver does and whatever dies."""
import pytest

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
        types = [received.json["type"] for received in receiver.received]
        assert types == ["order.created", "payment.created", "payment.processing", "payment.completed"]
        for received in receiver.received:
            assert received.is_signed(endpoint["secret"])
            assert received.id == received.json["id"] and received.id.startswith("evt_")
            assert received.headers["content-type"] == "application/json"
            assert list(received.json) == ["id", "type", "createdAt", "sequence", "data"]
        sequences = [received.json["sequence"] for received in receiver.received]
        assert sequences[0] == 0 and sequences[1:] == sorted(set(sequences[1:]))
        completed = receiver.received[-1].json["data"]
        assert completed["id"] == payment["id"] and completed["status"] == "completed"
        assert completed == payapi.get(f"/api/v1/payments/{payment['id']}").data
        wait_until(lambda: {one["status"] for one in deliveries(payapi, endpoint)} == {"delivered"}, 10, "the outcomes")
