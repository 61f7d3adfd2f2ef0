"""The record of everything, and the proof that it is complete."""
import json
import pathlib
import re

from canaries import Canaries, forms_of
from payapi_instance import wait_until

ADMIN = {"sub": "root", "role": "admin"}


def test_who_did_what_is_listed(payapi):
    order = payapi.create_order()
    payment = payapi.checkout(order).data["id"]
    answer = payapi.get(f"/api/v1/audit?orderId={order}&limit=100", **ADMIN)
    assert answer.status == 200
    actions = [entry["action"] for entry in answer.data]
    assert actions[-1] == "order.created" and "payment.created" in actions
    assert {entry["actor"] for entry in answer.data} == {"shop:alice"}
    history = payapi.get(f"/api/v1/audit?paymentId={payment}&limit=100", **ADMIN).data
    assert [entry["seq"] for entry in history] == list(range(len(history), 0, -1))
    assert all(isinstance(entry["body"], dict) for entry in history)
    announced = [entry["eventType"] for entry in reversed(history) if entry["eventId"]]
    assert announced == ["payment.created", "payment.processing"]


def test_the_audit_pages_by_cursor(payapi):
    order = payapi.create_order()
    payapi.checkout(order)
    whole = [e["id"] for e in payapi.get(f"/api/v1/audit?orderId={order}&limit=100", **ADMIN).data]
    seen, cursor = [], ""
    while cursor is not None:
        answer = payapi.get(f"/api/v1/audit?orderId={order}&limit=2"
                            + (f"&cursor={cursor}" if cursor else ""), **ADMIN)
        seen += [e["id"] for e in answer.data]
        cursor = answer.json["meta"]["nextCursor"]
    assert seen == whole


def test_the_audit_is_sealed_verified_and_exported(payapi, tmp_path):
    payapi.checkout(payapi.create_order())
    sealed = payapi.admin("audit", "checkpoint")
    assert sealed.returncode == 0, sealed.stdout
    report = payapi.get("/api/v1/audit/verify", **ADMIN)
    assert report.status == 200 and report.data["ok"] is True and report.data["findings"] == []
    assert report.data["checkpoints"] >= 1 and report.data["rows"] > 0

    exported = payapi.admin("audit", "export")
    assert exported.returncode == 0, exported.stdout
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    covered = [line for line in lines if "proof" in line]
    assert covered and all(line["proof"]["checkpoint"] >= 1 for line in covered)
    kept = tmp_path / "kept.ndjson"
    kept.write_text(exported.stdout)
    verified = payapi.admin("audit", "verify", "--checkpoints", str(kept))
    assert verified.returncode == 0 and '"ok":true' in verified.stdout, verified.stdout


def test_an_edit_is_found(payapi):
    payment = payapi.checkout(payapi.create_order()).data["id"]
    assert payapi.admin("audit", "checkpoint").returncode == 0
    assert payapi.get("/api/v1/audit/verify", **ADMIN).data["unsealedRows"] == 0

    def edit(was, becomes):
        payapi.rows("SET session_replication_role = replica; UPDATE payapi.audit_log"
                    " SET actor = %s WHERE payment_id = %s AND seq = 1 AND actor = %s",
                    becomes, payment, was)

    edit("shop:alice", "shop:mallory")
    try:
        found = payapi.get("/api/v1/audit/verify", **ADMIN).data
        assert found["ok"] is False
        assert [finding["kind"] for finding in found["findings"]] == ["covered_rows_changed"]
        assert payapi.admin("audit", "verify").returncode == 1
    finally:
        edit("shop:mallory", "shop:alice")
    assert payapi.get("/api/v1/audit/verify", **ADMIN).data["ok"] is True


def test_what_is_kept_outside_the_database_is_compared(payapi):
    """payapi-jobs never overwrites a record that it cannot read, so this test has no race."""
    payapi.checkout(payapi.create_order())
    assert payapi.admin("audit", "checkpoint").returncode == 0
    record = pathlib.Path(payapi.settings["AUDIT_RECORD_FILE"])
    kept = record.read_text()
    assert json.loads(kept)["checkpoint"] >= 1
    record.write_text("{}")
    try:
        found = payapi.get("/api/v1/audit/verify", **ADMIN).data
        assert {"kind": "record_damaged", "paymentId": None, "checkpoint": 0} in found["findings"]
        assert "record_damaged" in payapi.admin("audit", "verify").stdout
    finally:
        record.write_text(kept)
    assert payapi.get("/api/v1/audit/verify", **ADMIN).data["ok"] is True


def test_a_key_is_retired_with_its_last_checkpoint(payapi):
    payapi.checkout(payapi.create_order())
    assert payapi.admin("audit", "checkpoint").returncode == 0
    line = payapi.admin("audit", "retire").stdout
    assert re.fullmatch(r"[0-9]+ [0-9a-f]{64}\n", line)
    assert int(line.split()[0]) >= 1


def test_a_payer_is_forgotten_and_the_proof_holds(payapi):
    address = "forget.me+now@personal.example"
    order = payapi.create_order(customerEmail=address)
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    assert payapi.admin("audit", "checkpoint").returncode == 0
    # An event keeps its body until it has been applied.
    wait_until(lambda: payapi.admin("erase", "--email", address.upper()).returncode == 0, seconds=60)
    dump = Canaries(payapi).dump()
    for form in forms_of(address):
        assert form not in dump and form.hex().encode() not in dump
    assert payapi.get(f"/api/v1/orders/{order}").data["customerEmail"] is None
    assert payapi.get("/api/v1/audit/verify", **ADMIN).data["ok"] is True
    payapi.assert_invariants()


def test_only_admins_see_it(payapi):
    assert payapi.get("/api/v1/audit").status == 403
    assert payapi.get("/api/v1/audit/verify").status == 403


def test_bad_filters_are_named(payapi):
    for query, parameter in [("from=x", "from"), ("cursor=dHhuOjE", "cursor"),
                             ("limit=-1", "limit"), ("page=1", "page")]:
        answer = payapi.get(f"/api/v1/audit?{query}", **ADMIN)
        assert answer.status == 422
        assert [e["parameter"] for e in answer.json["errors"]] == [parameter]
