"""Tokens checked with public keys, through nginx: RS256, ES256 and EdDSA, with keys in a JWK Set."""
import hashlib
import hmac
import json
import signal
import time

import pytest

from payapi_instance import Instance, wait_until
from token_issuer import OPTIONS, Issuer


@pytest.fixture(scope="module")
def issuers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("issuers")
    return {(algorithm, name): Issuer(folder, algorithm, name)
            for algorithm in OPTIONS for name in ("old", "new", "stranger")}


@pytest.fixture(scope="module")
def instance():
    """One instance whose settings change with the algorithm."""
    instance = Instance("keys", FAST_WORKERS="2", PROVIDER_WORKERS="1")
    instance.environment.update(JWT_ALGORITHM="ES256", JWT_PUBLIC_KEY_FILE=str(instance.var / "keys"))
    yield instance
    instance.down()


@pytest.fixture(scope="module", params=list(OPTIONS))
def algorithm(request, instance, issuers):
    write_keys(instance, [issuers[request.param, "old"]])
    instance.environment["JWT_ALGORITHM"] = request.param
    instance.up()
    yield request.param
    instance.assert_invariants()


def write_keys(instance, issuers):
    write_file(instance, json.dumps({"keys": [issuer.jwk for issuer in issuers]}))


def write_file(instance, text):
    (instance.var / "keys").write_text(text)
    (instance.var / "keys").chmod(0o644)


def claims(**changed):
    base = {"sub": "alice", "role": "user", "exp": int(time.time()) + 600, **changed}
    return {name: value for name, value in base.items() if value is not ...}


def status(instance, token):
    return instance.get("/api/v1/orders", token=token).status


def roll(instance):
    before = set(instance.worker_pids("fast"))
    instance.kill(instance.master_pid("fast"), signal.SIGHUP)
    return before


def roll_and_wait(instance):
    before = roll(instance)
    wait_until(lambda: not before & set(instance.worker_pids("fast"))
               and len(instance.worker_pids("fast")) == len(before), 20, "all new workers")


def test_a_good_token_creates_and_reads_an_order(instance, algorithm, issuers):
    issuer = issuers[algorithm, "old"]
    order = instance.post("/api/v1/orders", {"amount": 5, "currency": "USD"}, token=issuer.token(claims(), kid="old"))
    assert order.status == 201, order
    for token in [issuer.token(claims(), kid="old"), issuer.token(claims()), issuer.token(claims(), typ=None),
                  issuer.token(claims(), typ="at+jwt"), issuer.token(claims(role=..., roles=["user"])),
                  issuer.token(claims(exp=int(time.time()) - 20)), issuer.token(claims(nbf=int(time.time()) + 20)),
                  issuer.token(claims(exp=4000000000.5, nbf=1700000000.25))]:
        assert instance.get(f"/api/v1/orders/{order.data['id']}", token=token).status == 200
    assert instance.get(f"/api/v1/orders/{order.data['id']}", token=issuer.token(claims(sub="bob"))).status == 404
    assert instance.get("/api/v1/audit", token=issuer.token(claims())).status == 403
    assert instance.get("/api/v1/audit", token=issuer.token(claims(role="admin"))).status == 200


BAD = {
    "expired": lambda issuer: issuer.token(claims(exp=int(time.time()) - 31)),
    "without exp": lambda issuer: issuer.token(claims(exp=...)),
    "exp as text": lambda issuer: issuer.token(claims(exp="4000000000")),
    "expired, with a fraction": lambda issuer: issuer.token(claims(exp=int(time.time()) - 31.5)),
    "not yet valid": lambda issuer: issuer.token(claims(nbf=int(time.time()) + 120)),
    "without sub": lambda issuer: issuer.token(claims(sub=...)),
    "two subs": lambda issuer: issuer.token('{"sub":"alice","sub":"bob","role":"user","exp":4000000000}'),
    "unknown kid": lambda issuer: issuer.token(claims(), kid="new"),
    "kid as path": lambda issuer: issuer.token(claims(), kid="../../../../dev/null"),
    "kid as number": lambda issuer: issuer.token(claims(), kid=0),
    "crit": lambda issuer: issuer.token(claims(), crit=["exp"]),
    "alg none": lambda issuer: issuer.token(claims(), alg="none"),
    "alg of another size": lambda issuer: issuer.token(claims(), alg=issuer.algorithm.replace("256", "512") + "x"),
    "alg HS256 with the public key": lambda issuer: issuer.token(claims(), alg="HS256", signature=lambda content: hmac.new(
        issuer.public.read_bytes(), content, hashlib.sha256).digest()),
    "HMAC under the right alg": lambda issuer: issuer.token(claims(), signature=lambda content: hmac.new(
        issuer.public.read_bytes(), content, hashlib.sha256).digest()),
    "signature cut": lambda issuer: issuer.token(claims(), signature=lambda content: issuer.signature(content)[:-1]),
    "signature padded": lambda issuer: issuer.token(claims(), signature=lambda content: issuer.signature(content) + b"\0"),
    "signature of zeros": lambda issuer: issuer.token(claims(), signature=lambda content: bytes(64)),
    "other content signed": lambda issuer: issuer.token(claims(), signature=lambda content: issuer.signature(content + b" ")),
    "too large": lambda issuer: issuer.token(claims(padding="x" * 4000)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_unauthorized(instance, algorithm, issuers, name):
    answer = instance.get("/api/v1/orders", token=BAD[name](issuers[algorithm, "old"]))
    assert answer.status == 401, answer
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["type"].endswith("/unauthorized")


def test_tokens_of_others_are_unauthorized(instance, algorithm, issuers):
    assert status(instance, issuers[algorithm, "stranger"].token(claims(), kid="old")) == 401
    assert status(instance, instance.sign_token(claims())) == 401          # HS256 with the instance's JWT_SECRET
    for other in set(OPTIONS) - {algorithm}:
        assert status(instance, issuers[other, "old"].token(claims())) == 401
    if algorithm == "ES256":
        issuer = issuers[algorithm, "old"]
        assert status(instance, issuer.token(claims(), signature=issuer.der_signature)) == 401


def test_keys_are_rotated_by_kid_at_a_reload(instance, algorithm, issuers):
    old, new = issuers[algorithm, "old"], issuers[algorithm, "new"]
    old_token, new_token = old.token(claims(), kid="old"), new.token(claims(), kid="new")
    assert (status(instance, old_token), status(instance, new_token)) == (200, 401)

    write_keys(instance, [old, new])
    assert (status(instance, old_token), status(instance, new_token)) == (200, 401)     # read once
    roll_and_wait(instance)
    assert (status(instance, old_token), status(instance, new_token)) == (200, 200)
    assert status(instance, old.token(claims())) == 401                    # with two keys, a token must name one
    assert status(instance, new.token(claims(), kid="old")) == 401

    write_file(instance, new.pem)                                          # one key without a name
    roll_and_wait(instance)
    assert (status(instance, old_token), status(instance, new_token)) == (401, 200)
    assert status(instance, new.token(claims())) == 200


def test_a_broken_file_stops_no_worker_that_works(instance, algorithm, issuers):
    write_keys(instance, [issuers[algorithm, "old"]])
    roll_and_wait(instance)
    write_file(instance, '{"keys":[]}')
    told = len(instance.log("fast"))
    before = roll(instance)
    wait_until(lambda: "JWT_PUBLIC_KEY_FILE" in instance.log("fast")[told:], what="the complaint in the log")
    assert before & set(instance.worker_pids("fast")) == before
    assert status(instance, issuers[algorithm, "old"].token(claims())) == 200
    report = instance.admin("config", "check")
    assert report.returncode == 78 and "JWT_PUBLIC_KEY_FILE" in report.stdout
    assert instance.dev("token", check=False).returncode == 78
    write_keys(instance, [issuers[algorithm, "old"]])
    refused = instance.dev("token", check=False)
    assert refused.returncode == 1 and f"JWT_ALGORITHM is {algorithm}" in refused.stdout
