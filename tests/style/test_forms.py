"""What all C files have in common, whatever the editor. python3 tests/style/forms.py mends the first two."""
import re

from forms import unlike
from tree import name, tracked


def test_guards_and_includes_have_one_form():
    assert [name(path) for path in unlike()] == []


def test_headers_are_guarded():
    bare = [name(p) for p in tracked(("src", "include"), (".h",))
            if not re.search(r"^#ifndef \w+\n#define \w+\n", p.read_text(), re.M)]
    assert bare == []


def test_no_line_ends_with_a_blank_or_holds_a_tab():
    texts = tracked(("src", "include", "tests", "sql"), (".c", ".h", ".def", ".py", ".sql"))
    assert [f"{name(p)}:{n}" for p in texts for n, line in enumerate(p.read_text().split("\n"), 1)
            if line != line.rstrip() or "\t" in line and p.suffix in (".c", ".h", ".def")] == []
