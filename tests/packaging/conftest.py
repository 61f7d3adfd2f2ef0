"""What ./dev makes: an instance that the tests of this folder share."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from payapi_instance import Instance  # noqa: E402


@pytest.fixture(scope="session")
def instance():
    """One for all files. Its caller's environment names other databases, as other projects leave them behind."""
    other = dict.fromkeys(["PGDATABASE", "PGUSER", "DATABASE_USER", "DATABASE_PASSWORD", "DATABASE_OWNER_USER",
                           "DATABASE_OWNER_PASSWORD"], "other")
    other["DATABASE_URL"] = "postgresql://127.0.0.1:9/other"
    other |= dict.fromkeys(["PGHOST", "DATABASE_HOST"], "127.0.0.1")
    other |= dict.fromkeys(["PGPORT", "DATABASE_PORT"], "9")
    instance = Instance("dev", **other)
    try:
        yield instance.up()
        instance.assert_invariants()
    finally:
        instance.down()
