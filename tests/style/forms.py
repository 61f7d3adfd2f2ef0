"""One form for the beginning of each C file: the guard of a header, and the order of the includes.

    python3 tests/style/forms.py        mends every file of src and include, and names those it changed

The guard is made from the path. Includes form four groups with an empty line between them: <config.h>,
the file's own header (or the one that several files implement), system and libraries, the project; each
in alphabetical order. Includes behind an #if, or after a line that is not an include, are left as they are.
"""
import re

from tree import name, tracked

INCLUDE = re.compile(r'^#include ([<"])([^">]+)[">].*$')
GUARD = re.compile(r"^#ifndef \w+_H\n#define \w+_H\n", re.M)


def guard_of(path):
    """src/domain/money.h and include/domain/money.h: PAYAPI_DOMAIN_MONEY_H."""
    inner = name(path).split("/", 1)[1]
    return "PAYAPI_" + re.sub(r"\W", "_", inner).upper()


def with_guard(path, text):
    wanted = f"#ifndef {guard_of(path)}\n#define {guard_of(path)}\n"
    return text if path.suffix != ".h" else GUARD.sub(wanted, text, count=1)


def is_own(path, included):
    return path.suffix == ".c" and included.rsplit("/", 1)[-1] == path.stem + ".h"


def group_of(path, line):
    kind, included = INCLUDE.match(line).groups()
    if included == "config.h":
        return 0
    if kind == '"' and is_own(path, included):
        return 1
    return 2 if kind == "<" else 3


def stands_first(path, run):
    """The index of a header that is alone before all others, because several files implement it; else None."""
    plain = [line for line in run if line and "<config.h>" not in line]
    if not plain or path.suffix != ".c" or any(group_of(path, line) == 1 for line in plain) or INCLUDE.match(plain[0])[1] != '"':
        return None
    number = run.index(plain[0])
    return number if run[number + 1:number + 2] == [""] else None


def with_order(path, text):
    """The text with its first run of includes put in order."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if INCLUDE.match(line)), None)
    if first is None:
        return text
    last = first
    while last < len(lines) and (INCLUDE.match(lines[last]) or lines[last] == ""):
        last += 1
    while lines[last - 1] == "":
        last -= 1
    run = lines[first:last]
    groups = [[], [], [], []]
    for number, line in enumerate(run):
        if line:
            groups[1 if number == stands_first(path, run) else group_of(path, line)].append(line)
    ordered = [sorted(set(group), key=lambda line: INCLUDE.match(line)[2]) for group in groups if group]
    return "\n".join(lines[:first] + "\n\n".join("\n".join(group) for group in ordered).split("\n") + lines[last:])


def mended(path):
    return with_order(path, with_guard(path, path.read_text()))


def unlike():
    return [path for path in tracked(("src", "include"), (".c", ".h")) if mended(path) != path.read_text()]


if __name__ == "__main__":
    for each in unlike():
        each.write_text(mended(each))
        print(name(each))
