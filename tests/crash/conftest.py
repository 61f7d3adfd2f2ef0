"""Crash suites: programs with fault points, one instance for all of them."""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from stories import CrashInstance  # noqa: E402

# These need root: to attach strace to undumpable workers, to mount, and for an instance of root's to attack
# (./dev crash syscalls, disk or root).
collect_ignore = [] if os.environ.get("PAYAPI_CRASH_AS_ROOT") else ["test_syscalls.py", "test_full_disk.py",
                                                                    "test_root_instance.py"]

# When several processes share the files, the longest must not start last, so they come in this order. The
# process that gets the soak's only test gets a second file at once, so the fourth is a short one.
FIRST = ["test_soak.py", "test_fault_points.py", "test_missed_points.py", "test_recovery_alone.py"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


@pytest.fixture(scope="session")
def payapi():
    instance = CrashInstance(PROVIDER_TIMEOUT_MS="3000")
    try:
        yield instance.up()
    finally:
        instance.down()
