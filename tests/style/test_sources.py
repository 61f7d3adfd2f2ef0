"""How each source file begins, and that only one writer produces JSON."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
ORDERLY = [SRC / "sandbox", SRC / "infrastructure" / "api", SRC / "infrastructure" / "cli",
           SRC / "infrastructure" / "http_client"]
INCLUDE = re.compile(r'#include ([<"])([^>"]+)[>"]')

# These write bodies of requests to Paystack, not answers of ours.
WRITES_JSON_BY_HAND = {"paystack_event_list.c", "paystack_requests.c"}


def sources(suffix):
    return [path for folder in ORDERLY for path in sorted(folder.rglob(f"*{suffix}"))]


def first_includes(path):
    """The groups of includes at the top of the file, each as [(bracket, name)]."""
    text = path.read_text()
    start = text.find("#include ")
    block = re.match(r"(?:#include [^\n]*\n|\n)*", text[start:]).group(0) if start >= 0 else ""
    return [INCLUDE.findall(group) for group in re.split(r"\n\n+", block.strip("\n")) if group]


def rank(path, group):
    """The group's place: config.h, the file's own header or the one in its place, system headers, the project's."""
    names = [name for _, name in group]
    if names == ["config.h"]:
        return 0
    if path.suffix == ".c" and names == [path.with_suffix(".h").name]:
        return 1
    return 2 if group[0][0] == "<" else 3


def test_every_source_says_in_a_title_what_it_is():
    assert [str(p.relative_to(ROOT)) for p in sources(".c") if not p.read_text().startswith("/*")] == []


@pytest.mark.parametrize("suffix", [".c", ".h"])
def test_includes_have_one_order(suffix):
    wrong = []
    for path in sources(suffix):
        groups = first_includes(path)
        ranks = [rank(path, group) for group in groups]
        if ranks[:1] == [3] and len(groups) > 1:
            ranks[0] = 1                    # a header that several files implement
        tidy = all(group == sorted(group, key=lambda each: each[1]) and len({b for b, _ in group}) == 1
                   for group in groups)
        if ranks != sorted(set(ranks)) or not tidy:
            wrong.append(str(path.relative_to(ROOT)))
    assert wrong == []


def test_json_is_written_by_one_writer():
    by_hand = {p.name for p in SRC.rglob("*.c") if "text_append_json_string(" in p.read_text()}
    assert by_hand - {"text.c", "json_out.c"} == WRITES_JSON_BY_HAND
