"""The tree as its tests see it: which files there are, what they include, where functions begin."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOT_OURS = ("build", "var", "node_modules", "autom4te.cache", "build-aux", "m4", "__pycache__", ".git")
INCLUDE = re.compile(r'^#include "([^"]+)"', re.M)


def name(path):
    return str(path.relative_to(ROOT))


def _listed():
    """The files that git tracks; in a copy without git, all that are there."""
    if (ROOT / ".git").exists():
        git = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files"], cwd=ROOT, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        if git.returncode == 0 and git.stdout:
            return [ROOT / line for line in git.stdout.splitlines()]
    return [p for p in ROOT.rglob("*") if not set(p.relative_to(ROOT).parts) & set(NOT_OURS)]


_FILES = sorted(p for p in _listed() if p.is_file())


def tracked(folders, suffixes=()):
    """The files in these folders ("" is the whole tree) with one of these suffixes."""
    tops = [ROOT / each for each in ([folders] if isinstance(folders, str) else folders)]
    return [p for p in _FILES if any(top == p or top in p.parents for top in tops)
            and (not suffixes or p.suffix in suffixes)]


def functions(path):
    """(first, last) line of each function's body, whose braces are alone in the first column."""
    start = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number
            start = None


# --- Includes ---------------------------------------------------------------------------------------

def includes(path):
    """The files of the tree that this one includes."""
    places = (path.parent, ROOT / "src", ROOT / "include")
    wanted = INCLUDE.findall(path.read_text())
    return [next(p / each for p in places if (p / each).is_file()) for each in wanted
            if any((p / each).is_file() for p in places)]


def module(path):
    """The module of a file: domain/money for src/domain/money.c and include/domain/money.h."""
    return str(path.relative_to(ROOT / path.relative_to(ROOT).parts[0]).with_suffix(""))


def include_circles():
    """Files that include each other."""
    graph = {name(p): [name(q.resolve()) for q in includes(p)] for p in tracked(("src", "include"), (".c", ".h", ".def"))}
    return _circles(graph)


def call_circles():
    """Modules that use each other: the .c of each includes the header of the next."""
    programs = {module(p): p for p in tracked("src", ".c")}
    return _circles({each: [m for m in map(module, includes(p)) if m in programs and m != each]
                     for each, p in programs.items()})


def _circles(graph):
    """The strongly connected components of more than one node (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph[node]:
            if target not in index:
                visit(target)
            if target in stack:
                low[node] = min(low[node], low[target])
        if low[node] == index[node]:
            circle = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(circle) > 1:
                found.append(sorted(circle))

    for node in graph:
        if node not in index:
            visit(node)
    return sorted(found)
