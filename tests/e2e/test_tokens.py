"""Only tokens of the configured kind are accepted; everything else gets 401."""
import base64
import json
import time

import pytest


def claims(**changed):
    base = {"sub": "alice", "role": "user", "exp": int(time.time()) + 600}
    base.update(changed)
    return {k: v for k, v in base.items() if v is not ...}


def b64(value):
    return base64.urlsafe_b64encode(value.encode()).rstrip(b"=").decode()


BAD_CLAIMS = {
    "expired 31 s ago": lambda: claims(exp=int(time.time()) - 31),
    "without exp": lambda: claims(exp=...),
    "exp as text": lambda: claims(exp="4000000000"),
    "exp in a list": lambda: claims(exp=[4000000000.5]),
    "exp beyond all time": lambda: '{"sub":"alice","role":"user","exp":4e99}',
    "expired, with a fraction": lambda: claims(exp=int(time.time()) - 31.5),
    "exp as null": lambda: claims(exp=None),
    "not yet valid": lambda: claims(nbf=int(time.time()) + 120),
    "without sub": lambda: claims(sub=...),
    "empty sub": lambda: claims(sub=""),
    "sub as number": lambda: claims(sub=7),
    "sub with control bytes": lambda: claims(sub="a\nb"),
    "sub too long": lambda: claims(sub="a" * 300),
    "two subs": lambda: '{"sub":"alice","sub":"bob","role":"user","exp":4000000000}',
    "claims that are no object": lambda: "[]",
    "claims that are no JSON": lambda: "{",
}


@pytest.mark.parametrize("name", BAD_CLAIMS)
def test_bad_claims_are_unauthorized(payapi, name):
    refused(payapi, payapi.sign_token(BAD_CLAIMS[name]()))


def refused(payapi, token):
    answer = payapi.get("/api/v1/orders", token=token)
    assert answer.status == 401, answer
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json["type"].endswith("/unauthorized")


@pytest.mark.parametrize("header", [
    {"alg": "none"}, {"alg": "None"}, {"alg": "HS512", "typ": "JWT"}, {"alg": "RS256", "typ": "JWT"},
    {"alg": "HS256", "crit": ["exp"]}, {"typ": "JWT"}, "{", "[]", '{"alg":"HS256","alg":"none"}',
])
def test_bad_headers_are_unauthorized(payapi, header):
    refused(payapi, payapi.sign_token(claims(), header=header))


def test_bad_signatures_are_unauthorized(payapi):
    good = payapi.token()
    head, body, signature = good.split(".")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    bob = b64(json.dumps(claims(sub="bob")))
    for bad in [f"{head}.{body}.{flipped}", f"{head}.{body}.", f"{head}.{body}", f"{head}.{bob}.{signature}",
                f"{b64(json.dumps({'alg': 'none'}))}.{body}.", f"{head}..{signature}", "..", "a.b.c",
                good + ".x", good + "=", "x" * 5000, payapi.sign_token(claims(), secret="w" * 40)]:
        refused(payapi, bad)


def test_no_token_and_other_schemes_are_unauthorized(payapi):
    assert payapi.get("/api/v1/orders", sub=None).status == 401
    for value in ["Basic YTpi", "Bearer", "Bearer  ", payapi.token(), "Token " + payapi.token()]:
        answer = payapi.get("/api/v1/orders", sub=None, headers={"Authorization": value})
        assert answer.status == 401, value


def test_a_token_without_a_known_role_is_forbidden(payapi):
    for changed in [{"role": "guest"}, {"role": ...}, {"role": 5}, {"role": ..., "roles": ["guest"]}]:
        answer = payapi.get("/api/v1/orders", token=payapi.sign_token(claims(**changed)))
        assert answer.status == 403, (changed, answer)


def test_good_tokens_pass(payapi):
    for token in [payapi.token(), payapi.sign_token(claims(role=..., roles=["user"])),
                  payapi.sign_token(claims(exp=int(time.time()) - 20)),
                  payapi.sign_token(claims(nbf=int(time.time()) + 20)),
                  payapi.sign_token(claims(exp=4000000000.5, nbf=1700000000.25, iat=time.time())),
                  payapi.sign_token('{"sub":"alice","role":"user","exp":4.0e9,"nbf":17.0e8}'),
                  payapi.sign_token(claims(), header={"alg": "HS256"})]:
        assert payapi.get("/api/v1/orders", token=token).status == 200


def test_the_minted_token_works_as_the_readme_says(payapi):
    minted = payapi.dev("token", "--sub", "alice", "--role", "user").stdout.strip().splitlines()[-1]
    assert payapi.get("/api/v1/orders", token=minted).status == 200
