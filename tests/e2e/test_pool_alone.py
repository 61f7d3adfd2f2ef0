"""A pool as systemd starts it: it exchanges signals and notifications, is confined and renewed, and its log
never blocks it."""
import pathlib
import signal
import time

import pytest
from payapi_instance import wait_until
from worker_pool import WorkerPool

ORDERS = "/api/v1/orders"


def is_confined(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status


def can_confine(payapi):
    """False for builds with a leak checker, which starts a child that traces us."""
    worker = next((payapi.var / "var" / "inst").glob("*/payapi-worker"))
    return b"__asan_init" not in worker.read_bytes()


def dropped(lines):
    return sum(line.get("dropped", 0) for line in lines)


def test_the_manager_is_told_when_it_serves_and_when_it_stops(payapi):
    with WorkerPool(payapi, "--workers", "2") as pool:
        pool.hear("READY=1")
        assert pool.request("GET", ORDERS, payapi.token())[0] == 200
        pool.process.send_signal(signal.SIGHUP)
        assert "MONOTONIC_USEC=" in pool.hear("RELOADING=1")
        pool.hear("READY=1")
        assert pool.request("GET", ORDERS, payapi.token())[0] == 200
        pool.process.terminate()
        pool.hear("STOPPING=1")
        assert pool.process.wait(20) == 0


def test_workers_and_jobs_are_confined_and_their_masters_are_not(payapi):
    if can_confine(payapi):
        pids = [pid for pool in ("fast", "provider") for pid in payapi.worker_pids(pool)]
        pids.append(payapi.master_pid("jobs"))
        assert len(pids) > 2 and [pid for pid in pids if not is_confined(pid)] == []
    assert not is_confined(payapi.master_pid("fast"))       # it must start its successor


def test_confinement_can_be_switched_off(payapi):
    with WorkerPool(payapi, "--workers", "1", environment={"PROCESS_CONFINEMENT": "off"}) as pool:
        pool.hear("READY=1")
        assert pool.request("GET", ORDERS, payapi.token())[0] == 200
        assert not [pid for pid in pool.pids() if is_confined(pid)]


def test_secrets_may_be_credentials_of_systemd(payapi, tmp_path):
    secret = "a-jwt-secret-that-only-the-credential-holds"
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "jwt_secret").write_text(secret)
    (credentials / "jwt_secret").chmod(0o440)
    config = tmp_path / "payapi.env"
    lines = (payapi.var / "var" / "payapi.env").read_text().splitlines()
    config.write_text("\n".join(line for line in lines if not line.startswith("JWT_SECRET=")))
    with WorkerPool(payapi, "--workers", "1", config=config,
                    environment={"JWT_SECRET_FILE": str(credentials / "jwt_secret")}) as pool:
        pool.hear("READY=1")
        claims = {"sub": "alice", "role": "user", "exp": int(time.time()) + 600}
        assert pool.request("GET", ORDERS, payapi.sign_token(claims, secret=secret))[0] == 200
        assert pool.request("GET", ORDERS, payapi.token())[0] == 401
        assert not [line for line in pool.log_lines() if "everybody may read" in str(line)]


@pytest.mark.parametrize("options, why", [(("--recycle-memory", "1"), "worker_has_grown"),
                                          (("--recycle", "5"), "worker_ended")])
def test_workers_are_renewed_and_no_request_is_lost(payapi, options, why):
    with WorkerPool(payapi, "--workers", "2", *options) as pool:
        pool.hear("READY=1")
        assert [pool.request("GET", ORDERS, payapi.token())[0] for _ in range(30)] == [200] * 30
        lines = wait_until(lambda: [line for line in pool.log_lines() if line["event"] == why], 10, why)
        assert {line.get("status", 0) for line in lines} == {0}
        # Two workers served 30 requests; at 5 requests each there were at least 6.
        served = {line.get("worker_pid", line["pid"]) for line in lines}
        assert len(served) >= 4, lines


def test_a_log_that_nobody_reads_holds_up_no_request(payapi):
    requests = 400
    with WorkerPool(payapi, "--workers", "1") as pool:
        pool.hear("READY=1")
        token = payapi.token()
        pool.request("GET", ORDERS, token)
        wait_until(lambda: "request" in str(pool.log_lines()), 5, "the line of the request")
        pool.resize_log(4096)
        for _ in range(requests):           # a request that waited for the log would wait for ever
            assert pool.request("GET", ORDERS, token)[0] == 200
        kept = pool.log_lines()
        pool.resize_log(65536)                      # the reader is back
        assert pool.request("GET", ORDERS, token)[0] == 200
        wait_until(lambda: kept.extend(pool.log_lines()) or len(kept) + dropped(kept) == requests + 1,
                   5, "each line to be there or counted")
    assert dropped(kept) > requests / 2
    print(f"\n# {dropped(kept)} lines dropped")
