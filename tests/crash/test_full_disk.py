"""A disk that is really full: a small separate file system, which takes root (./dev crash disk)."""
import contextlib
import shutil
import subprocess

import pytest

from cross_invariants import contradictions
from payapi_instance import wait_until
from stories import CrashInstance, Story, converge
from test_postgres import RECOVER_S, accepts_writes, is_refused_politely


@pytest.fixture()
def small_disk():
    """An instance whose data are on a small separate file system."""
    instance = CrashInstance("full", FAST_WORKERS="4", PROVIDER_WORKERS="4")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m,mode=0755", "tmpfs", str(instance.var)],
                   check=True)
    try:
        instance.fault_file.write_text("")
        yield instance.up()
    finally:
        instance.down()
        subprocess.run(["umount", "-l", str(instance.var)], check=True)
        shutil.rmtree(instance.var)


def fill(path):
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        with contextlib.suppress(OSError):
            while True:
                file.write(b"\0")


def test_a_full_disk_loses_nothing_and_ten_seconds_after_it_has_room_all_goes_on(small_disk):
    payapi = small_disk
    stories = [Story(payapi, "before the disk is full") for _ in range(3)]
    assert converge(stories) == []
    fill(payapi.var / "filler")
    during = []
    for number in range(400):
        answer = payapi.post("/api/v1/orders", '{"amount":1,"currency":"EUR","description":"%s"}'
                             % ("x" * 200))
        during.append(answer.status)
        assert answer.status == 201 or is_refused_politely(answer), answer
        if answer.status == 201:
            payapi.answers.append(("order", answer.data["id"]))
        if during.count(503) > 5:
            break
    assert 503 in during, "the disk never was full"
    (payapi.var / "filler").unlink()
    assert payapi.dev("up", "--database", check=False).returncode == 0     # a supervisor's part
    wait_until(lambda: accepts_writes(payapi), RECOVER_S, "the next write")
    stories += [Story(payapi, "after") for _ in range(3)]
    assert converge(stories) == []
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []
