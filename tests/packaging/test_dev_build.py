"""How ./dev up and ./dev build compile: a compiler that warns of something new keeps nobody from the programs."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = """set -euo pipefail
. "$1/dev.d/programs.sh"
checkout=$2 state=$2/state
build_programs"""


def test_a_warning_does_not_end_the_build_of_a_user(tmp_path):
    for name, text in {"configure": f"echo \"$@\" >{tmp_path}/options", "make": ":", "autoreconf": ":"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "state").mkdir()
    subprocess.run(["bash", "-c", BUILD, "build", str(ROOT), str(tmp_path)], check=True,
                   env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    options = (tmp_path / "options").read_text().split()
    assert "--quiet" in options and "--enable-werror" not in options
