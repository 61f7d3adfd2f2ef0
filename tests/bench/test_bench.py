"""The benchmark runs: every kind of request is measured, and none fails. How fast is nobody's verdict here."""
import json
import os
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parent / "bench.py"
sys.path.insert(0, str(BENCH.parent))
import machine  # noqa: E402

KINDS = ["checkout", "checkout, replayed", "payment-status", "list", "list, deep", "list, filtered",
         "list, filtered, deep", "refund", "webhook"]


def test_every_request_is_measured_beside_its_ceilings(tmp_path):
    prefix = os.environ["PAYAPI_PREFIX"]
    run = subprocess.run([sys.executable, BENCH, prefix, "--quick", "--json", tmp_path / "figures",
                          "--markdown", tmp_path / "table"], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert run.returncode == 0, run.stdout
    rows = json.loads((tmp_path / "figures").read_text())["rows"]
    assert [row["request"] for row in rows] == KINDS
    for row in rows:
        assert row["failed"] == 0 and row["round_trips"] > 0, row
        assert min(row["per_s"], row["own_sql_per_s"], row["least_sql_per_s"], row["empty_per_s"]) > 0, row
        assert row["cpu_ms"]["workers"] > 0 and row["cpu_ms"]["PostgreSQL"] > 0, row
    document = (tmp_path / "table").read_text()
    assert all(f"\n| {kind} " in document for kind in KINDS), document


LEADER = """
import os, time
if os.fork() == 0:
    while time.process_time() < 0.5:
        pass
    os.write(1, b"worked\\n")
    os.read(0, 1)
    os._exit(0)
os.wait()
os.write(1, b"buried\\n")
os.read(0, 1)
"""


def test_the_work_of_a_process_that_ends_stays_its_familys():
    """Half a second before the slice, none in it: neither lost from the sum nor counted in the slice."""
    with subprocess.Popen([sys.executable, "-c", LEADER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as leader:
        assert leader.stdout.readline() == b"worked\n"
        with machine.Slice({"family": [leader.pid]}) as slice_:
            leader.stdin.write(b".")
            leader.stdin.flush()
            assert leader.stdout.readline() == b"buried\n"
        leader.stdin.write(b".")
        leader.stdin.flush()
    assert -0.1 < slice_.cpu["family"] < 0.1


THREAD = """
import os, threading, time
def work():
    while time.thread_time() < 0.5:
        pass
worker = threading.Thread(target=work)
os.read(0, 1)
worker.start()
worker.join()
os.write(1, b"worked\\n")
os.read(0, 1)
"""


def test_the_work_of_a_thread_that_ends_is_counted():
    """A server with a thread for each connection ends most of them before the slice does."""
    with subprocess.Popen([sys.executable, "-c", THREAD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        with machine.Slice({"threads": [process.pid]}) as slice_:
            process.stdin.write(b".")
            process.stdin.flush()
            assert process.stdout.readline() == b"worked\n"
        process.stdin.write(b".")
        process.stdin.flush()
    assert 0.45 < slice_.cpu["threads"]
