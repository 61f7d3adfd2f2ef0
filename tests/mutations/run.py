"""Breaks the product on purpose, one way at a time, and looks whether the suites notice.

    run.py --folder SCRATCH [NAME...]      NAME: part of a mutation's name; default all

Works in a copy of the tree. First the suites must pass on the unbroken copy; then each mutation of
mutations.py is applied, built, tried against its suites until one fails, and taken back. A mutation
that does not build is an error of mutations.py, not a catch. Exit status 1 unless all are caught.
"""
import argparse
import filecmp
import os
import pathlib
import shutil
import subprocess
import sys
import time

from mutations import MUTATIONS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPIED = ("src", "include", "tests", "sql", "nginx", "man", "etc", "dev", "dev.d", "configure.ac", "Makefile.am",
          "docs", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE",
          "package.json", "package-lock.json")
PYTEST = ["/usr/bin/python3", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]


class Workshop:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.tree, self.build = self.folder / "tree", self.folder / "build"
        self.prefix = self.folder / "inst"

    def run(self, *command, folder=None, limit_s=600, **environment):
        """The output, and whether the command succeeded."""
        try:
            done = subprocess.run([str(word) for word in command], cwd=folder or self.build,
                                  env={**os.environ, "PAYAPI_PREFIX": str(self.prefix),
                                       "PYTHONDONTWRITEBYTECODE": "1", **environment},
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, errors="replace", timeout=limit_s)
        except subprocess.TimeoutExpired as late:
            return str(late.stdout), False
        return done.stdout, done.returncode == 0

    def must(self, *command, **options):
        output, good = self.run(*command, **options)
        if not good:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{output[-3000:]}")

    def set_up(self):
        """Keeps what an earlier run has built: only what differs is built again."""
        self.build.mkdir(parents=True, exist_ok=True)
        self.copy_tree()
        if not (self.tree / "configure").exists():
            self.must("autoreconf", "--install", folder=self.tree)
        if not (self.build / "Makefile").exists():
            self.must(self.tree / "configure", "--quiet", "--enable-fault-points",
                      f"--prefix={self.prefix}", "CFLAGS=-O0 -g")

    def copy_tree(self):
        wanted = [path.relative_to(ROOT) for folder in COPIED for path in
                  ([ROOT / folder] if (ROOT / folder).is_file() else (ROOT / folder).rglob("*"))
                  if path.is_file() and "__pycache__" not in path.parts]
        for path in set(self.copied()) - set(wanted):
            (self.tree / path).unlink()
        for path in wanted:
            source, target = ROOT / path, self.tree / path
            if not target.exists() or not filecmp.cmp(source, target, shallow=False):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
                shutil.copymode(source, target)

    def copied(self):
        return [path.relative_to(self.tree) for folder in COPIED for path in
                (self.tree / folder).rglob("*") if path.is_file()]

    # --- Suites -------------------------------------------------------------------------------
    def make(self, kinds):
        """Builds what suites of these kinds need."""
        targets = {f"tests/{suite[2:]}" for suite in kinds if suite.startswith("c:")}
        if any(target.startswith("tests/infrastructure/postgres/") for target in targets):
            targets.add("tests/infrastructure/postgres/template.tar")
        if any(suite.startswith(("e2e:", "crash:", "packaging:", "store:")) for suite in kinds):
            targets.add("install")
        return self.run("make", "-j2", *sorted(targets)) if targets else ("", True)

    def passes(self, suite):
        kind, _, what = suite.partition(":")
        if kind == "c":
            return self.run(self.build / "tests" / what, limit_s=120)
        file, _, expression = what.partition("::")
        return self.run(*PYTEST, f"tests/{kind}/{file}", *(("-k", expression) if expression else ()),
                        folder=self.tree)

    # --- One mutation -------------------------------------------------------------------------
    def try_one(self, mutation):
        """What became of it: 'caught by SUITE', 'missed', or why it could not be tried."""
        path = self.tree / mutation.file
        text = path.read_text()
        if text.count(mutation.before) != 1:
            return f"its text stands {text.count(mutation.before)} times in {mutation.file}"
        path.write_text(text.replace(mutation.before, mutation.after))
        try:
            return self.hunt(mutation)
        finally:
            path.write_text(text)

    def hunt(self, mutation):
        for suite in mutation.suites:
            output, good = self.make([suite])
            if not good:
                return f"does not build: {output[-600:]}"
            output, good = self.passes(suite)
            if not good:
                return f"caught by {suite}"
        return "missed"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chosen = [m for m in MUTATIONS if not options.names or any(name in m.name for name in options.names)]
    workshop = Workshop(options.folder)
    workshop.set_up()

    suites = sorted({suite for mutation in chosen for suite in mutation.suites})
    output, good = workshop.make(suites)
    if not good:
        sys.exit(f"the unbroken tree does not build:\n{output[-3000:]}")
    for suite in suites:
        output, good = workshop.passes(suite)
        if not good:
            sys.exit(f"{suite} fails on the unbroken tree:\n{output[-3000:]}")

    caught = 0
    for mutation in chosen:
        begun = time.monotonic()
        result = workshop.try_one(mutation)
        caught += result.startswith("caught")
        print(f"{'ok' if result.startswith('caught') else 'FAIL':4}  {mutation.name:58} {result}"
              f" ({time.monotonic() - begun:.0f} s)", flush=True)
    print(f"{caught} of {len(chosen)} mutations caught")
    return 0 if caught == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
