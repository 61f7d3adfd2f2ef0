"""Back ends call with API keys: made once, limited to scopes and networks, noted, rotated and revoked everywhere."""
import concurrent.futures
import datetime
import hashlib
import json
import re
import uuid

import pytest
from payapi_instance import wait_until

KEYS = "/api/v1/api-keys"
# What docs/shop.md gives to secret scanners.
PATTERN = re.compile(r"payapi_(test|live)_[0-9A-Za-z]{36}\b")


def admin(payapi, method, path, body=None):
    return payapi.request(method, path, body, sub="boss", role="admin")


def status_with(payapi, key, path="/api/v1/orders", method="GET", body=None, **headers):
    return payapi.request(method, path, body, headers, token=key).status


def refusal_causes(payapi):
    return [line.get("cause", "") for line in payapi.events("request", "fast", "provider") if line.get("problem") == "unauthorized"]


def in_hours(hours):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_key_is_shown_once_and_stored_as_its_digest(payapi):
    expiry = in_hours(48)
    made = admin(payapi, "POST", KEYS, {"name": "till", "scopes": ["orders:write", "orders:read"],
                                        "networks": ["127.0.0.0/8", "::/0"], "expiresAt": expiry})
    payapi.api_keys.append(made.data["key"])
    assert made.status == 201 and PATTERN.fullmatch(made.data["key"])
    told = {name: made.data[name] for name in ("name", "mode", "scopes", "networks", "lastUsedAt", "revokedAt",
                                               "revokedBy", "createdBy", "prefix")}
    assert told == {"name": "till", "mode": "test", "scopes": ["orders:read", "orders:write"],
                    "networks": ["127.0.0.0/8", "::/0"], "lastUsedAt": None, "revokedAt": None, "revokedBy": None,
                    "createdBy": "admin:boss", "prefix": made.data["key"][12:20]}
    assert made.data["expiresAt"] == expiry.replace("Z", ".000Z")
    listed = admin(payapi, "GET", KEYS + "?limit=1").data[0]
    assert listed == {name: value for name, value in made.data.items() if name != "key"}
    assert payapi.row("SELECT key_hash FROM payapi.api_keys WHERE key_id = %s", made.data["id"])[0].tobytes() \
        == hashlib.sha256(made.data["key"].encode()).digest()
    assert payapi.row("SELECT actor, action FROM payapi.audit_log WHERE body LIKE %s", f"%{made.data['id']}%") \
        == ("admin:boss", "api-key.created")


def test_the_list_goes_on_with_a_cursor(payapi):
    wanted = sorted((payapi.api_key("orders:read")[1] for _ in range(3)), reverse=True)     # an id begins with its time
    first = admin(payapi, "GET", KEYS + "?limit=2")
    rest = admin(payapi, "GET", f"{KEYS}?limit=1&cursor={first.json['meta']['nextCursor']}")
    assert [key["id"] for key in first.data + rest.data] == wanted


def test_a_key_pays_orders_of_every_owner_and_is_audited_by_its_id(payapi):
    key, key_id = payapi.api_key("orders:write", "orders:read", "payments:write", "payments:read", name="web shop")
    order = {"amount": 5, "currency": "USD"}
    hers = payapi.post("/api/v1/orders", {**order, "ownerId": "alice", "id": str(uuid.uuid4())}, token=key).data["id"]
    ours = payapi.post("/api/v1/orders", order, token=key).data["id"]
    assert payapi.rows("SELECT owner_id FROM payapi.orders WHERE order_id IN (%s, %s) ORDER BY 1", hers, ours) \
        == [("alice",), ("web shop",)]
    assert payapi.get(f"/api/v1/orders/{hers}", sub="alice", role="user").status == 200
    bobs = payapi.create_order(sub="bob")
    for paid in (hers, ours, bobs):
        assert status_with(payapi, key, f"/api/v1/orders/{paid}") == 200
        opened = payapi.request("POST", f"/api/v1/orders/{paid}/checkout", {}, token=key)
        assert opened.status == 201, opened
        assert payapi.rows("SELECT DISTINCT actor FROM payapi.audit_log WHERE payment_id = %s AND action ="
                           " 'payment.created'", opened.data["id"]) == [("key:" + key_id,)]
        closed = payapi.request("POST", f"/api/v1/payments/{opened.data['id']}/cancel", {}, token=key)
        assert closed.status == 200, closed


def test_a_missing_scope_is_named(payapi):
    key, _ = payapi.api_key("orders:read")
    refused = payapi.post("/api/v1/orders", {"amount": 5, "currency": "USD"}, token=key)
    assert refused.status == 403 and refused.json["type"].endswith("/forbidden")
    assert refused.json["detail"] == "This needs the scope orders:write."


def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(payapi):
    good, good_id = payapi.api_key("admin")
    foreign, foreign_id = payapi.api_key("admin", networks=["192.0.2.0/24"])
    expired, expired_id = payapi.api_key("admin", expiresAt=in_hours(1))
    other_mode, other_id = payapi.api_key("admin")
    # The trigger would refuse these changes, so it stands aside.
    payapi.rows("SET session_replication_role = replica; UPDATE payapi.api_keys SET expires_at = now() WHERE key_id = %s;"
                "UPDATE payapi.api_keys SET live = true WHERE key_id = %s", expired_id, other_id)
    typo = good[:-1] + ("0" if good[-1] != "0" else "1")
    unknown = "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"
    answers = [payapi.get("/api/v1/orders", token=key) for key in (typo, unknown, foreign, expired, other_mode)]
    told = {(answer.status, answer.json["type"], answer.json["detail"], answer.headers["WWW-Authenticate"])
            for answer in answers}
    assert len(told) == 1 and told.pop()[0] == 401
    for cause in ("its CRC32", "no such key", f"{foreign_id}: the caller's address", f"{expired_id}: it has expired",
                  f"{other_id}: it is for the other mode"):
        wait_until(lambda: any(cause in line for line in refusal_causes(payapi)), 30, cause)     # written after the answer
    assert status_with(payapi, good) == 200 and good_id


def test_no_header_of_the_caller_changes_its_address(payapi):
    key, _ = payapi.api_key("orders:read", networks=["192.0.2.0/24"])
    for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Remote-Addr", "REMOTE_ADDR", "Client-IP"):
        value = "for=192.0.2.1" if name == "Forwarded" else "192.0.2.1"
        assert status_with(payapi, key, **{name: value}) == 401, name


def test_a_revoked_key_is_refused_by_every_worker_within_five_seconds(payapi):
    key, key_id = payapi.api_key("orders:read", "payments:write")
    sync = f"/api/v1/payments/pay_{'0' * 26}/sync"

    def statuses():
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            fast = [pool.submit(status_with, payapi, key) for _ in range(24)]
            slow = [pool.submit(status_with, payapi, key, sync, "POST", {}) for _ in range(8)]
            return {call.result() for call in fast}, {call.result() for call in slow}

    assert statuses() == ({200}, {404})
    for _ in range(2):                          # a repeat is the same
        revoked = admin(payapi, "DELETE", f"{KEYS}/{key_id}")
        assert revoked.status == 200 and revoked.data["revokedBy"] == "admin:boss"
    ended = payapi.row("SELECT revoked_at FROM payapi.api_keys WHERE key_id = %s", key_id)[0]
    wait_until(lambda: datetime.datetime.now(datetime.timezone.utc) > ended + datetime.timedelta(seconds=5), 30,
               "five seconds to pass")
    for _ in range(4):
        assert statuses() == ({401}, {401})
    assert payapi.row("SELECT count(*) FROM payapi.audit_log WHERE action = 'api-key.revoked' AND body LIKE %s",
                      f"%{key_id}%") == (1,)
    assert admin(payapi, "DELETE", f"{KEYS}/key_{'0' * 26}").status == 404


def test_a_rotation_has_two_keys_and_keeps_repeats_together(payapi):
    old, old_id = payapi.api_key("orders:write", name="shop")
    new, _ = payapi.api_key("orders:write", name="shop")
    order, repeat = {"amount": 5, "currency": "USD"}, {"Idempotency-Key": str(uuid.uuid4())}
    first = payapi.request("POST", "/api/v1/orders", order, repeat, token=old)
    second = payapi.request("POST", "/api/v1/orders", order, repeat, token=new)
    assert (first.status, second.status) == (201, 201) and first.body == second.body
    assert admin(payapi, "DELETE", f"{KEYS}/{old_id}").status == 200
    wait_until(lambda: status_with(payapi, old, method="POST", body=order) == 401, 30, "the old key to end")
    assert status_with(payapi, new, method="POST", body=order) == 201


def test_the_last_use_is_noted_to_the_minute_and_once(payapi):
    key, key_id = payapi.api_key("orders:read")

    def noted():
        return payapi.row("SELECT last_used_at, xmin::text FROM payapi.api_keys WHERE key_id = %s", key_id)

    before = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
    assert status_with(payapi, key) == 200
    at, _ = wait_until(lambda: noted() if noted()[0] else None, 30, "the use to be noted")
    assert at.second == 0 and at.microsecond == 0 and at >= before
    versions = set()
    for _ in range(40):
        assert status_with(payapi, key) == 200
        versions.add(noted())
    assert len(versions) == len({at for at, _ in versions})      # one write for each minute
    refused, refused_id = payapi.api_key("orders:read", networks=["192.0.2.0/24"])
    assert status_with(payapi, refused) == 401
    assert payapi.row("SELECT last_used_at FROM payapi.api_keys WHERE key_id = %s", refused_id) == (None,)


def test_nobody_grants_more_than_they_have(payapi):
    keeper, keeper_id = payapi.api_key("keys:admin", "orders:read")
    made = payapi.request("POST", KEYS, {"name": "n", "scopes": ["orders:read", "keys:admin"]}, token=keeper)
    payapi.api_keys.append(made.data["key"])
    assert made.status == 201 and made.data["createdBy"] == "key:" + keeper_id
    for scopes in (["orders:write"], ["admin"], ["orders:read", "audit:read"]):
        refused = payapi.request("POST", KEYS, {"name": "n", "scopes": scopes}, token=keeper)
        assert refused.status == 422 and refused.json["errors"][0]["pointer"] == "#/scopes", refused
    assert payapi.request("POST", KEYS, {"name": "n", "scopes": ["admin"]}, role="shop").status == 403


@pytest.mark.parametrize("members, pointer", [
    ({"scopes": ["orders:delete"]}, "#/scopes/0"), ({"scopes": ["admin", "admin"]}, "#/scopes/1"), ({"scopes": []}, "#/scopes"),
    ({"expiresAt": "2020-01-01T00:00:00Z"}, "#/expiresAt"), ({"expiresAt": "soon"}, "#/expiresAt"),
    ({"networks": ["10.0.0.1/8"]}, "#/networks/0"), ({"networks": ["10.0.0.0"]}, "#/networks/0"), ({"name": ""}, "#/name"),
    ({"name": "n" * 65}, "#/name"), ({"name": None}, "#/name"), ({"surprise": 1}, "#/surprise")], ids=str)
def test_bad_members_are_pointed_at(payapi, members, pointer):
    refused = admin(payapi, "POST", KEYS, {"name": "n", "scopes": ["admin"], **members})
    assert refused.status == 422 and [error["pointer"] for error in refused.json["errors"]] == [pointer], refused


def test_the_command_line_does_the_same(payapi):
    made = payapi.admin("key", "create", "--name", "cron", "--scope", "orders:read", "--network", "127.0.0.0/8",
                        "--expires", in_hours(1))
    assert made.returncode == 0, made.stdout
    told = json.loads(made.stdout.strip().splitlines()[-1])
    payapi.api_keys.append(told["key"])
    assert status_with(payapi, told["key"]) == 200
    assert told["createdBy"].startswith("admin:cli.") and told["mode"] == "test"
    listed = [json.loads(line) for line in payapi.admin("key", "list").stdout.splitlines() if line.startswith("{")]
    assert told["id"] in [key["id"] for key in listed] and not any("key" in key for key in listed)
    assert payapi.admin("key", "revoke", told["id"]).returncode == 0
    wait_until(lambda: status_with(payapi, told["key"]) == 401, 30, "the key to end")
    for bad in (["create", "--name", "n"], ["create", "--scope", "admin"], ["create", "--name", "n", "--scope", "x"],
                ["create", "--name", "n", "--scope", "admin", "--network", "10.0.0.1/8"]):
        assert payapi.admin("key", *bad).returncode == 64, bad
    assert payapi.admin("key", "revoke", f"key_{'0' * 26}").returncode == 1


def test_no_log_names_a_key_or_its_digest(payapi):
    key, key_id = payapi.api_key("orders:read", networks=["192.0.2.0/24"])
    typo = key[:-1] + ("0" if key[-1] != "0" else "1")
    for shown in (typo, key):
        assert status_with(payapi, shown) == 401
    wait_until(lambda: any(key_id in line for line in refusal_causes(payapi)), 30, "the line of the log")
    for log in payapi.log_dir.glob("*"):
        text = log.read_text(errors="replace")
        assert not PATTERN.search(text) and hashlib.sha256(key.encode()).hexdigest() not in text, log.name
