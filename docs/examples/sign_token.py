"""Signs a bearer token for payapi (JWT, HS256) with the standard library. JWT_SECRET is payapi's setting."""
import base64
import hashlib
import hmac
import json
import os
import time


def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_token(sub, role="user", seconds=3600):
    now = int(time.time())
    claims = {"sub": sub, "role": role, "iat": now, "exp": now + seconds}
    signed = ".".join(part(json.dumps(value).encode()) for value in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.new(os.environ["JWT_SECRET"].encode(), signed.encode(), hashlib.sha256)
    return signed + "." + part(signature.digest())
