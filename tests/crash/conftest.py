"""Crash suites: programs with fault points, one instance for all of them."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from stories import CrashInstance  # noqa: E402


@pytest.fixture(scope="session")
def payapi():
    instance = CrashInstance(PROVIDER_TIMEOUT_MS="3000")
    try:
        yield instance.up()
    finally:
        instance.down()
