"""Which packages ./dev believes to be missing: what another one provides is there."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = """set -euo pipefail
. "$1/dev.d/packages.sh"
missing_packages "$3" """


@pytest.fixture
def missing(tmp_path):
    """missing(installed, more): what is missing when dpkg-query prints these lines."""
    def find(installed, more=""):
        program = tmp_path / "dpkg-query"
        program.write_text("#!/bin/sh\ncat <<'LINES'\n" + installed + "LINES\n")
        for name in ("dpkg-query", "npm"):
            (tmp_path / name).touch()
            (tmp_path / name).chmod(0o755)
        environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-c", LIST, "list", str(ROOT), str(tmp_path), more],
                              env=environment, check=True, capture_output=True, text=True)
        return done.stdout.split()

    return find


def lines_of(names):
    return "".join(f"ii  {name}, \n" for name in names)


def test_what_is_installed_is_not_missing(missing):
    everything = missing("")
    assert {"nginx", "postgresql", "jq"} <= set(everything)
    assert missing(lines_of(everything)) == []
    assert missing(lines_of(set(everything) - {"jq"})) == ["jq"]


def test_what_another_package_provides_is_not_missing(missing):
    """Debian 13: postgresql-contrib is no package any more, postgresql provides it."""
    rest = lines_of(set(missing("")) - {"postgresql"})
    provided = "ii  postgresql, first (= 1), postgresql-contrib (= 17), last\n"
    assert missing(rest + provided, "postgresql-contrib first last") == []
    assert missing(rest + "ii  postgresql, \n", "postgresql-contrib") == ["postgresql-contrib"]
    assert missing(rest + provided, "17") == ["17"]


def test_what_was_removed_is_missing_with_what_it_provided(missing):
    rest = lines_of(set(missing("")) - {"postgresql"})
    assert missing(rest + "rc  postgresql, postgresql-contrib (= 17)\n", "postgresql-contrib") == \
        ["postgresql", "postgresql-contrib"]
