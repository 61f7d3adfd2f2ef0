"""A provider that hangs fills its own pool and nothing else; a request that waited too long is never started."""
import concurrent.futures
import time

import pytest

from load import loads, reads, webhooks
from payapi_instance import Instance
from test_webhooks_in import event, intent_of

CHECKOUTS = 200
PAID = 40                   # payments whose webhooks come while the provider hangs
PATIENCE_MS = 5000          # other suites share the processors; a request that waits for the provider takes longer


@pytest.fixture(scope="module")
def payapi():
    """As shipped, but without the circuit breaker, which would end the trouble after ten calls."""
    instance = Instance("bulkheads")
    try:
        yield instance.up()
        instance.clear_faults()
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture(scope="module")
def paid_events(payapi):
    payapi.webhook_settings(delivery="off")
    payments = [payapi.checkout(payapi.create_order()).data for _ in range(PAID)]
    return [event("payment_intent.succeeded", intent_of(payment)) for payment in payments]


def timed_checkout(payapi, order):
    began = time.monotonic()
    answer = payapi.checkout(order)
    return order, answer, time.monotonic() - began


def everyday(payapi, events):
    order = payapi.create_order()
    return loads(reads(payapi, order, pause_s=0.01), webhooks(payapi, events, pause_s=0.01))


def served_as_always(load):
    assert not load.errors and len(load.answers) > 50, load
    assert load.percentile_ms(99) < PATIENCE_MS, load


def rows_of(payapi, orders):
    return [row[0] for row in payapi.rows("SELECT order_id FROM payapi.payments WHERE order_id = ANY(%s)", orders)]


@pytest.fixture(scope="module")
def hanging(payapi, paid_events):
    """200 checkouts at once with a provider that takes 20 s; reads and webhooks before and meanwhile."""
    orders = [payapi.create_order() for _ in range(CHECKOUTS)]
    with everyday(payapi, paid_events) as before:
        time.sleep(3)
    payapi.fault("hang", seconds=20, times=-1)
    with concurrent.futures.ThreadPoolExecutor(CHECKOUTS) as crowd:
        with everyday(payapi, paid_events) as meanwhile:
            checkouts = list(crowd.map(lambda order: timed_checkout(payapi, order), orders))
    payapi.clear_faults()
    for name, pair in (("reads", 0), ("webhooks", 1)):
        print(f"\n# {name}: {before[pair]}; with the hanging provider: {meanwhile[pair]}")
    return before, meanwhile, checkouts


def test_reads_and_webhooks_do_not_notice_a_provider_that_hangs(payapi, hanging):
    _, meanwhile, checkouts = hanging
    for load in meanwhile:
        served_as_always(load)
    statuses = [answer.status for _, answer, _ in checkouts]
    assert set(statuses) == {503, 202}, statuses        # 202: the outcome is not known yet
    # Each worker waited for the provider once: the requests queued behind were too old by then.
    assert 1 <= statuses.count(202) <= int(payapi.settings["PROVIDER_WORKERS"]), statuses


def test_checkouts_that_do_not_fit_are_refused_while_the_others_hang(payapi, hanging):
    fit = 4 * int(payapi.settings["PROVIDER_WORKERS"]) + 1      # in a worker or in the queue
    refused = [(answer, seconds) for _, answer, seconds in hanging[2] if answer.status == 503]
    at_once = [answer for answer, seconds in refused if seconds < 5]
    assert len(at_once) >= CHECKOUTS - fit
    assert all(int(answer.headers["Retry-After"]) > 0 for answer, _ in refused)


def test_a_request_that_waited_too_long_has_no_effect(payapi, hanging):
    """There is no row for a request that was refused, or that a worker found too old."""
    dropped = [order for order, answer, _ in hanging[2]
               if answer.status == 503 and "waited too long" in answer.json["detail"]]
    refused = [order for order, answer, _ in hanging[2] if answer.status == 503]
    begun = [order for order, answer, _ in hanging[2] if answer.status == 202]
    assert dropped and rows_of(payapi, refused) == []
    assert sorted(rows_of(payapi, begun)) == sorted(begun)


def test_checkouts_work_again_once_the_provider_does(payapi, hanging):
    refused = next(order for order, answer, _ in hanging[2] if answer.status == 503)
    assert payapi.checkout(refused).status == 201
