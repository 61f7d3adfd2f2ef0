"""If a process is killed in the middle of a call, others finish its work after the lease: one charge per order."""
import concurrent.futures
import os
import pathlib
import signal
import subprocess

import pytest

from payapi_instance import lives, wait_until
from recovering import no_faults_left, pay, payapi, requests_for  # noqa: F401


def start_jobs(payapi):
    """Starts one more payapi-jobs beside the instance's."""
    program = pathlib.Path(os.environ["PAYAPI_PREFIX"]) / "sbin" / "payapi-jobs"
    return subprocess.Popen([str(program), "--config", str(payapi.var / "var" / "payapi.env")],
                            env={"PATH": os.environ["PATH"]}, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("after_work", [True, False], ids=["after-the-call", "before-the-call"])
def test_a_worker_killed_in_the_middle_is_made_good(payapi, after_work):
    order = payapi.create_order()
    payapi.fault("hang", seconds=3, after_work=after_work, order=order)
    before = set(payapi.worker_pids("provider"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        request = pool.submit(payapi.checkout, order)
        wait_until(lambda: payapi.sandbox("GET", "/_sandbox/faults").json["faults"][0]["hits"] == 1,
                   what="the request to hang at the provider")
        for pid in before:
            try:
                payapi.kill(pid)
            except ProcessLookupError:
                pass
        assert request.result().status == 502
    payapi.wait_for_status(order, "processing", seconds=60)
    pay(payapi, order)


def test_jobs_killed_in_the_middle_are_made_good_by_others(payapi):
    order = payapi.create_order()
    payapi.fault("hang", seconds=3, times=2, after_work=True, order=order)
    assert payapi.checkout(order).status in (201, 202)
    wait_until(lambda: len(requests_for(payapi, order)) >= 2, 20, "the repeat at the provider")
    payapi.kill_jobs()
    payapi.up()
    payapi.wait_for_status(order, "processing", seconds=60)
    pay(payapi, order)


def test_two_jobs_share_the_work_and_each_payment_has_one_page(payapi):
    other = start_jobs(payapi)
    try:
        orders = [payapi.create_order() for _ in range(20)]
        payapi.fault("reset", times=-1)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            assert {a.status for a in pool.map(payapi.checkout, orders)} <= {202, 502}
        payapi.clear_faults()
        for order in orders:
            payapi.wait_for_status(order, "processing", seconds=60)
            assert len({r["idempotency_key"] for r in requests_for(payapi, order)}) == 1
    finally:
        other.send_signal(signal.SIGTERM)
        errors = other.communicate(timeout=20)[1]
    assert other.returncode == 0, errors


def test_jobs_outlive_the_database_connection(payapi):
    pid = payapi.master_pid("jobs")
    payapi.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'payapi-jobs'")
    order = payapi.create_order()
    payapi.fault("lose_answer", order=order)
    assert payapi.checkout(order).status == 202
    payapi.wait_for_status(order, "processing", seconds=60)
    assert payapi.master_pid("jobs") == pid and lives(pid)
