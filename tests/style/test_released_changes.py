"""Schema changes in a release are never edited, because databases have run them; new ones are added after them."""
import hashlib
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from sqitch_project import changes, released  # noqa: E402


def digest(change):
    """The digest that sql/mark-released computes."""
    plan = (ROOT / "sql/sqitch.plan").read_text().splitlines(keepends=True)
    script = (ROOT / f"sql/deploy/{change}.sql").read_text().splitlines(keepends=True)
    lines = [line for line in plan if line.startswith(f"{change} ")]
    lines += [line for line in script if line != "\n" and not line.startswith("--")]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def test_released_changes_are_as_they_were():
    edited = [change for change, told in released().items() if digest(change) != told]
    assert edited == [], "these are released: leave them as they are, and write a new change"


def test_new_changes_come_after_the_released_ones():
    assert released() and changes()[:len(released())] == list(released())


def test_each_change_is_installed():
    """payapi-admin migrate runs the installed project, which is what sql/local.mk names."""
    named = set(re.findall(r"%D%/((?:deploy|revert|verify)/\w+\.sql)", (ROOT / "sql/local.mk").read_text()))
    assert named == {f"{folder}/{change}.sql" for change in changes() for folder in ("deploy", "revert", "verify")}
    assert [name for name in named if not (ROOT / "sql" / name).is_file()] == []
