"""The benchmark runs: every kind of request is measured, and none fails. How fast is nobody's verdict here."""
import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1] / "bench" / "bench.py"
KINDS = ["checkout", "checkout, replayed", "payment-status", "transactions (20)", "refund", "webhook"]


def test_every_request_is_measured_beside_its_ceilings(tmp_path):
    prefix = os.environ["PAYAPI_PREFIX"]
    run = subprocess.run([sys.executable, BENCH, prefix, "--quick", "--json", tmp_path / "figures"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert run.returncode == 0, run.stdout
    rows = json.loads((tmp_path / "figures").read_text())["rows"]
    assert [row["request"] for row in rows] == KINDS
    for row in rows:
        assert row["failed"] == 0 and row["round_trips"] > 0, row
        assert min(row["per_s"], row["pgbench_per_s"], row["empty_per_s"]) > 0, row
        assert row["cpu_ms"]["workers"] > 0 and row["cpu_ms"]["PostgreSQL"] > 0, row
