"""The figures of the tree: how large it is, and how far it keeps its own rules. Reads files, builds nothing.

    python3 tests/style/figures.py            prints the figures
    python3 tests/style/figures.py --names    names the files and lines behind them as well
"""
import argparse
import collections
import re

from tree import ROOT, call_circles, functions, include_circles, name, tracked

SHORT_LINES = 40
SCREEN_LINES = 70
COLUMNS = 100
OPENAPI_PARTS = "nginx/docs/parts"              # if there are none, the served document is the source


def lines_of(path):
    return path.read_text(errors="replace").splitlines()


def by_folder(depth=3):
    """{folder: (files, lines)} of the text files of the tree."""
    sizes = collections.defaultdict(lambda: [0, 0])
    for path in tracked(""):
        folder = "/".join(path.relative_to(ROOT).parts[:-1][:depth]) or "."
        sizes[folder][0] += 1
        sizes[folder][1] += path.read_bytes().count(b"\n")
    return sizes


def short_sources():
    return [name(p) for p in tracked("src", ".c") if len(lines_of(p)) < SHORT_LINES]


def naming_a_provider():
    """C files of the product that name Paystack, outside its adapter and the sandbox that plays it."""
    its_own = re.compile(r"src/infrastructure/providers/paystack/|src/sandbox/|src/bin/sandbox\.c")
    return [name(p) for p in tracked(("src", "include"), (".c", ".h", ".def"))
            if not its_own.match(name(p)) and "paystack" in p.read_text().lower()]


def openapi_source():
    parts = tracked(OPENAPI_PARTS)
    return sum(len(lines_of(p)) for p in parts or [ROOT / "nginx/docs/openapi.json"])


def wide_lines():
    return [f"{name(p)}:{number}" for p in tracked(("src", "include"), (".c", ".h"))
            for number, line in enumerate(lines_of(p), 1) if len(line) > COLUMNS]


def long_functions():
    return [f"{name(p)}:{first}" for p in tracked("src", ".c")
            for first, last in functions(p) if last - first > SCREEN_LINES]


def circles():
    return [" <-> ".join(circle) for circle in include_circles() + call_circles()]


def percent(part, whole):
    return f"{100 * part / whole:.1f} %"


def rows():
    """(what, figure, goal, names) for each figure that has a goal."""
    short, everything = short_sources(), tracked("src", ".c")
    named, wide, long, round_trips = naming_a_provider(), wide_lines(), long_functions(), circles()
    return [
        (f".c files under {SHORT_LINES} lines", f"{len(short)} of {len(everything)}, {percent(len(short), len(everything))}",
         "<= 10 %", short),
        ("product files that name a provider", len(named), "<= 6", named),
        ("lines of OpenAPI source", openapi_source(), "<= 4500", []),
        (f"lines of C over {COLUMNS} columns", len(wide), "0", wide),
        ("circles of files", len(round_trips), "0", round_trips),
        (f"functions over {SCREEN_LINES} lines", len(long), "0", long),
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--names", action="store_true", help="name the files and lines behind the figures")
    wanted = options.parse_args()
    print(f"{'folder':44} {'files':>6} {'lines':>8}")
    total = [0, 0]
    for folder, (count, lines) in sorted(by_folder().items()):
        print(f"{folder:44} {count:6} {lines:8}")
        total = [total[0] + count, total[1] + lines]
    print(f"{'all':44} {total[0]:6} {total[1]:8}\n")
    for what, figure, goal, names in rows():
        print(f"{what:44} {figure!s:>24}   goal {goal}")
        for each in names if wanted.names else []:
            print(f"    {each}")


if __name__ == "__main__":
    main()
