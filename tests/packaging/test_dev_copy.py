"""The copy of the tree on which root's ./dev test works: what changed is newer than whatever was built."""
import os
import pathlib
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = """set -euo pipefail
checkout=$1; . "$checkout/dev.d/instance.sh"; . "$checkout/dev.d/test.sh"
checkout=$2 state=$3 service_user=$(id -un); copy_tree"""


class Copied:
    def __init__(self, folder):
        self.source, self.state = folder / "source", folder / "state"
        self.tree = self.state / "tree"
        self.state.mkdir()
        made = ("build/made.o", "Makefile.in", "configure", "build-aux/missing")
        for name in ("kept.c", "edited.c", "gone.c", "a folder/with blanks.c", *made):
            self.write(name, name)

    def write(self, name, text):
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def again(self):
        """Copies; then the times of all files there."""
        subprocess.run(["bash", "-c", COPY, "copy", str(ROOT), str(self.source), str(self.state)], check=True)
        return {str(path.relative_to(self.tree)): path.stat().st_mtime_ns
                for path in self.tree.rglob("*") if path.is_file()}


@pytest.fixture
def copied(tmp_path):
    return Copied(tmp_path)


def test_a_copy_has_every_file_but_what_was_built_and_one_time_for_all(copied):
    times = copied.again()
    assert set(times) == {"kept.c", "edited.c", "gone.c", "a folder/with blanks.c"}
    assert len(set(times.values())) == 1
    assert (copied.tree / "a folder/with blanks.c").read_text() == "a folder/with blanks.c"


def test_an_edit_is_newer_than_what_was_built_whatever_its_own_time_says(copied):
    before = copied.again()
    built = time.time_ns()
    an_hour_ago = time.time() - 3600
    os.utime(copied.write("edited.c", "edited"), (an_hour_ago, an_hour_ago))
    times = copied.again()
    assert times["edited.c"] > built and (copied.tree / "edited.c").read_text() == "edited"
    assert times["kept.c"] == before["kept.c"]          # and nothing else is built again


def test_what_is_gone_goes_and_a_mode_comes_along(copied):
    copied.again()
    (copied.source / "gone.c").unlink()
    (copied.source / "kept.c").chmod(0o755)
    assert set(copied.again()) == {"kept.c", "edited.c", "a folder/with blanks.c"}
    assert os.access(copied.tree / "kept.c", os.X_OK)
