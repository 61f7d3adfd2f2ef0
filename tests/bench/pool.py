"""What the pool costs its callers when it is troubled, on instances of its own. Usage: pool.py PREFIX

Reads and webhooks with and without a provider that hangs; errors in rolling restarts and nginx
reloads under load; requests lost per killed worker. The tests assert the same in smaller numbers
(tests/e2e/test_bulkheads.py, test_deploys.py).
"""
import concurrent.futures
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from load import POOLS, checkouts, kill_one, loads, new_orders, reads, reload_nginx, roll, webhooks  # noqa: E402
from payapi_instance import Instance  # noqa: E402
from test_webhooks_in import event, intent_of  # noqa: E402

CHECKOUTS = 200
ROUNDS = 10
KILLS = 50


def everyday(payapi, events):
    order = payapi.create_order()
    return loads(reads(payapi, order, pause_s=0.01), webhooks(payapi, events, pause_s=0.01))


def hanging_provider(payapi):
    payapi.webhook_settings(delivery="off")
    payments = [payapi.checkout(payapi.create_order()).data for _ in range(CHECKOUTS)]
    events = [event("payment_intent.succeeded", intent_of(payment)) for payment in payments]
    orders = [payapi.create_order() for _ in range(CHECKOUTS)]
    with everyday(payapi, events) as before:
        time.sleep(10)
    payapi.fault("hang", seconds=20, times=-1)
    with concurrent.futures.ThreadPoolExecutor(CHECKOUTS) as crowd, everyday(payapi, events) as meanwhile:
        statuses = [answer.status for answer in crowd.map(payapi.checkout, orders)]
    payapi.clear_faults()
    payapi.webhook_settings(delivery="on")
    for name, index in (("reads", 0), ("webhooks", 1)):
        print(f"{name:9} provider well:     {before[index]}")
        print(f"{name:9} provider hanging:  {meanwhile[index]}")
    print(f"checkouts {CHECKOUTS} at once: {({status: statuses.count(status) for status in set(statuses)})}")


def under_load(payapi, what, trouble, times):
    order = payapi.create_order()
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    with loads(reads(payapi, order), new_orders(payapi), checkouts(payapi, order)) as running:
        for number in range(times):
            trouble(number)
    requests = sum(len(load.times_ms) for load in running)
    errors = sum((load.errors for load in running), start=type(running[0].errors)())
    print(f"{times} x {what}: {requests} requests, {sum(errors.values())} errors {dict(errors)}")


def main():
    os.environ["PAYAPI_PREFIX"] = sys.argv[1]
    payapi = Instance("bench-pool")
    try:
        payapi.up()
        hanging_provider(payapi)
        under_load(payapi, "rolling restart of both pools", lambda _: roll(payapi), ROUNDS)
        under_load(payapi, "nginx reload", lambda _: (reload_nginx(payapi), time.sleep(1)), ROUNDS)
        under_load(payapi, "worker killed", lambda number: kill_one(payapi, POOLS[number % 2]), KILLS)
        payapi.assert_invariants()
    finally:
        payapi.down()


main()
