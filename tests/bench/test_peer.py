"""What ./dev bench --peer computes, and that the peer's versions are pinned. No peer is built here."""
import json
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[0] / "support")]
import beside_peer  # noqa: E402
import footprint  # noqa: E402

COUNTS = dict.fromkeys(footprint.COUNTED, 2)


def row(request, express, fastify):
    """As beside_peer.py makes it; express and fastify are (least, median, greatest)."""
    def side(**cpu_ms):
        return {"per_s": 1234.5, "p50_ms": 1, "p99_ms": 2, "wal_bytes": 5, "failed": 0, "cpu_ms": cpu_ms}
    return {"request": request, "counts": {"payapi": COUNTS, "peer": COUNTS},
            "sides": {"payapi": side(workers=0.25, nginx=0.25, PostgreSQL=0.5, sandbox=9, jobs=0),
                      "express": side(app=2, PostgreSQL=1, sandbox=9), "fastify": side(app=1, PostgreSQL=1, sandbox=9)},
            "ratios": {name: dict(zip(("least", "median", "greatest"), values))
                       for name, values in (("express", express), ("fastify", fastify))}}


ROWS = [row("checkout", (1.5, 1.8, 2.1), (1.4, 1.6, 1.7)), row("list <20>", (5, 7.7, 11.9), (3.9, 4.4, 5))]


# --- Ratios -------------------------------------------------------------------------------------------

def test_a_ratio_is_of_one_turn_and_not_of_two_medians():
    """A machine that is slow for one turn slows both sides of it."""
    assert beside_peer.ratio([100, 10, 90], [50, 5, 30]) == {"median": 2, "least": 2, "greatest": 3}


def test_a_turn_without_its_pair_is_an_error():
    with pytest.raises(ValueError):
        beside_peer.ratio([1, 2], [1])


def test_cpu_is_the_program_and_postgresql_without_the_provider():
    assert beside_peer.shown_cpu(ROWS[0], "payapi") == "0.25 + 0.25 + 0.50 = 1.00"
    assert beside_peer.shown_cpu_ratio(ROWS[0], "express") == "3.0"


def test_the_tables_are_markdown_with_a_line_for_each_request():
    rows = [{**ROWS[0], "request": name} for name in ("checkout", "refund", "webhook", "payment-status")]
    lines = beside_peer.report(rows, "2 cores", "undisturbed").splitlines()
    assert "a checkout 1.8 times (1.6 times), a refund" in lines[2]
    of_checkout = [line for line in lines if line.startswith("| checkout ")]
    assert len(of_checkout) == 3 and "1.8 (1.5–2.1)" in of_checkout[0] and "2 + 2 (2 + 2)" in of_checkout[2]
    for line in lines:
        assert not line or not line.startswith("|") or line.endswith("|")


# --- Counts -------------------------------------------------------------------------------------------

def test_rows_and_index_entries_are_counted_in_the_log(monkeypatch, tmp_path):
    dump = "\n".join(
        f"rmgr: {manager:11} len (rec/tot): {size:6}/  8192, tx: 7, lsn: 0/1, prev 0/0, desc: {what}, blkref #0: rel 1/2/{rel} blk 0"
        for manager, size, what, rel in [
            ("Heap", 100, "INSERT off 4 flags 0x00", 11), ("Heap", 50, "HOT_UPDATE off 4", 11),
            ("Heap", 20, "LOCK off 4", 11), ("Btree", 64, "INSERT_LEAF off 5", 12), ("Btree", 70, "SPLIT_R level 0", 12),
            ("Btree", 64, "DEDUP nintervals 3", 12), ("Heap", 999, "INSERT off 4", 1259)])
    dump += "\nrmgr: Transaction len (rec/tot):     34/    34, tx: 7, lsn: 0/1, prev 0/0, desc: COMMIT 2026-11-30 20:00:00 UTC"
    monkeypatch.setattr(footprint.subprocess, "run", lambda *_, **__: type("Run", (), {"stdout": dump}))
    monkeypatch.setattr(footprint.Path, "glob", lambda *_: [Path("pg_waldump")])
    counter = footprint.Footprint(type("Server", (), {"var": tmp_path}), None)
    counter.relations = {"11", "12"}
    assert counter.written("0/0", "0/1") == {"inserts": 1, "updates": 1, "row_locks": 1, "index_entries": 2,
                                             "commits": 1, "wal_bytes": 100 + 50 + 20 + 64 + 70 + 64 + 34}


def test_statements_of_triggers_and_others_are_not_counted():
    log = ("2026-11-30 20:00:00 UTC [7] payapi LOG:  duration: 0.100 ms  parse s1: SELECT 1\n"
           "2026-11-30 20:00:00 UTC [7] payapi LOG:  duration: 0.100 ms  bind s1: SELECT 1\n"
           "2026-11-30 20:00:00 UTC [7] payapi LOG:  duration: 0.100 ms  execute s1: SELECT 1\n"
           "2026-11-30 20:00:00 UTC [7] payapi LOG:  duration: 0.100 ms  statement: COMMIT\n"
           "2026-11-30 20:00:00 UTC [9] payapi_jobs LOG:  duration: 0.100 ms  execute s1: SELECT 1\n"
           "2026-11-30 20:00:00 UTC [8] dev LOG:  duration: 0.100 ms  statement: SELECT 1\n")
    assert len(footprint.STATEMENT.findall(log)) == 2


# --- The peer's packages ------------------------------------------------------------------------------

def test_the_peers_versions_are_pinned_and_the_lock_names_no_registry():
    package = json.loads((HERE / "peer" / "package.json").read_text())
    lock = json.loads((HERE / "peer" / "package-lock.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
