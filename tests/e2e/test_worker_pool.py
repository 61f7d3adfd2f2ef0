"""Workers die, roll and drain; requests notice as little as possible."""
import signal
import threading

from payapi_instance import wait_until


def test_a_killed_worker_is_replaced(payapi):
    for pool in ("fast", "provider"):
        before = set(payapi.worker_pids(pool))
        assert before
        victim = before.pop()
        payapi.kill(victim)
        wait_until(lambda: victim not in payapi.worker_pids(pool)
                   and len(payapi.worker_pids(pool)) == len(before) + 1, what="the replacement")
    assert payapi.get("/api/v1/orders").status == 200


def test_a_rolling_restart_under_load_loses_no_request(payapi):
    order = payapi.create_order()
    stop, failures, done = threading.Event(), [], [0]

    def load():
        connection = payapi.connect()
        while not stop.is_set():
            answer = connection.request("GET", f"/api/v1/orders/{order}")
            done[0] += 1
            if answer.status != 200:
                failures.append(answer)
        connection.close()

    clients = [threading.Thread(target=load) for _ in range(4)]
    for each in clients:
        each.start()
    try:
        for _ in range(3):
            before = set(payapi.worker_pids("fast"))
            payapi.kill(payapi.master_pid("fast"), signal.SIGHUP)
            wait_until(lambda: not before & set(payapi.worker_pids("fast"))
                       and len(payapi.worker_pids("fast")) == len(before), 20, "all new workers")
    finally:
        stop.set()
        for each in clients:
            each.join()
    assert not failures and done[0] > 100, failures[:3]


def test_requests_after_a_database_restart_are_served_again(payapi):
    order = payapi.create_order()
    payapi.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'payapi'")
    answers = [payapi.get(f"/api/v1/orders/{order}") for _ in range(40)]
    assert {a.status for a in answers} == {200}, {a.status for a in answers}
