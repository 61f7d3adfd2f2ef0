"""One instance for all end-to-end suites; each suite ends with the invariants, which must find no rows.

With pytest-xdist (-n, --dist loadfile) each process has its own instance.
"""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from canaries import Canaries  # noqa: E402
from payapi_instance import Instance  # noqa: E402


def pytest_collection_modifyitems(items):
    """The recovery suites wait the longest, so they go first when several processes share the files."""
    items.sort(key=lambda item: not item.path.name.startswith("test_recovery"))


@pytest.fixture(scope="session")
def shared_instance():
    instance = Instance("e2e")
    try:
        yield instance.up()
        assert Canaries(instance).everywhere() == set()
    finally:
        instance.down()


@pytest.fixture(scope="module")
def payapi(shared_instance):
    yield shared_instance
    shared_instance.clear_faults()
    shared_instance.assert_invariants()
