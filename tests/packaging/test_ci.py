"""What .ci/run makes of the two parts: both run, whatever the first says, and every test is counted once."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEV = """#!/bin/bash
if [[ $* == test ]]; then %s; elif [[ $* == "test long" ]]; then %s; else exit 9; fi
"""
GOOD = "echo '5 passed, 0 failed, 1 skipped'"
BAD = "echo '7 passed, 2 failed, 0 skipped'; exit 1"


@pytest.mark.parametrize("short, long, total, status", [
    (GOOD, GOOD, "10 passed, 0 failed, 2 skipped", 0), (GOOD, BAD, "12 passed, 2 failed, 1 skipped", 1),
    (BAD, GOOD, "12 passed, 2 failed, 1 skipped", 1), ("exit 3", GOOD, "5 passed, 1 failed, 1 skipped", 1),
    (GOOD, "true", "5 passed, 1 failed, 1 skipped", 1),
    (GOOD + "; exit 1", GOOD, "10 passed, 1 failed, 2 skipped", 1)])
def test_both_parts_make_one_sum(tmp_path, short, long, total, status):
    (tmp_path / ".ci").mkdir()
    run = tmp_path / ".ci" / "run"
    run.write_text((ROOT / ".ci/run").read_text())
    dev = tmp_path / "dev"
    dev.write_text(DEV % (short, long))
    for file in (run, dev):
        file.chmod(0o755)
    done = subprocess.run([run], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert (lines[-1], done.returncode) == (total, status)
    assert len([line for line in lines if re.match(r"\d+ passed, ", line)]) == 1
    assert re.match(r"On Debian .* cores:", lines[0])
