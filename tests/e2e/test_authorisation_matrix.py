"""Every route with every kind of caller, from one table; a new route is tested by its class."""
import base64
import json
import re
import time
import uuid

import pytest

import source_tables

ROUTE = re.compile(r'\{\s*"(GET|POST|PUT|PATCH|DELETE)",\s*"([^"]+)",\s*AUTH_(\w+)')
ROUTES = ROUTE.findall(source_tables.routes())
V1 = "/api/v1"

# The scope that each route needs, as routes.c says, and all scopes: each has a column, for a key with it alone.
SCOPE_OF = {(method, path): source_tables.scopes().get(constant) for method, path, constant in
            re.findall(r'\{\s*"([A-Z]+)",\s*"([^"]+)"[^{]*?SCOPE_(\w+),', source_tables.routes())}
SCOPES = tuple(source_tables.scopes().values())

# The caller gets in; the other suites test the answer.
ANY = "let in"
CALLERS = ("nobody", "owner", "other", "admin", "forger", "latecomer")
CLASSES = {
    "NONE":      (ANY, ANY, ANY, ANY, ANY, ANY),
    "SIGNATURE": (400, 400, 400, 400, 400, 400),
    "USER":      (401, ANY, 404, ANY, 401, 401),
    "TICKET":    (401, ANY, 404, ANY, 401, 401),
    "USER LIST": (401, ANY, ANY, ANY, 401, 401),
    "ADMIN":     (401, 403, 403, ANY, 401, 401),
}
CLOSED = ("USER", "TICKET", "ADMIN")        # an API key opens them, with the scope of the route
# The exact statuses that owner, other and admin get.
KNOWN = {
    ("POST", V1 + "/orders"):                    (201, 201, 201),
    ("GET", V1 + "/orders"):                     (200, 200, 200),
    ("GET", V1 + "/orders/:id"):                 (200, 404, 200),
    ("POST", V1 + "/orders/:id/checkout"):       (201, 404, 404),
    ("GET", V1 + "/orders/:id/payment-status"):  (200, 404, 200),
    ("GET", V1 + "/payments/:id"):               (200, 404, 200),
    ("GET", V1 + "/payments/:id/timeline"):      (200, 404, 200),
    ("GET", V1 + "/payments/:id/events"):        (200, 404, 200),
    ("POST", V1 + "/payments/:id/stream-ticket"): (201, 404, 201),
    ("GET", V1 + "/payments/:id/refunds"):       (200, 404, 200),
    ("GET", V1 + "/payments/:id/disputes"):      (200, 404, 200),
    ("POST", V1 + "/payments/:id/sync"):         (200, 404, 200),
    ("POST", V1 + "/payments/:id/cancel"):       (200, 404, 200),
    ("POST", V1 + "/payments/:id/refund"):       (403, 403, 201),
    ("POST", V1 + "/payments/:id/review"):       (403, 403, 409),
    ("GET", V1 + "/payments"):                   (403, 403, 200),
    ("GET", V1 + "/transactions"):               (403, 403, 200),
    ("GET", V1 + "/audit"):                      (403, 403, 200),
    ("GET", V1 + "/reconciliations"):            (403, 403, 200),
    ("GET", V1 + "/reconciliations/:id"):        (403, 403, 404),
    ("POST", V1 + "/reconciliations/:id/explain"): (403, 403, 404),
    ("GET", V1 + "/audit/verify"):               (403, 403, 200),
    ("POST", V1 + "/api-keys"):                  (403, 403, 201),
    ("GET", V1 + "/api-keys"):                   (403, 403, 200),
    ("DELETE", V1 + "/api-keys/:id"):            (403, 403, 200),
    ("GET", "/checkout/outcome"):                (200, 200, 200),
    ("GET", "/health"):                          (200, 200, 200),
    ("GET", "/health/live"):                     (200, 200, 200),
    ("GET", "/health/ready"):                    (200, 200, 200),
}
# An admin checks out no order of others, but a key does: it speaks for all customers.
OF_KEYS = {("POST", V1 + "/orders/:id/checkout"): 201}
BODIES = {("POST", V1 + "/orders"): {"amount": 5, "currency": "USD"},
          ("POST", V1 + "/api-keys"): {"name": "made", "scopes": ["keys:admin"]},
          ("POST", V1 + "/payments/:id/review"): {"reason": "looked at"},
          ("POST", V1 + "/reconciliations/:id/explain"): {"finding": 1, "reason": "looked at"}}
SLUGS = {401: "unauthorized", 403: "forbidden", 404: "not-found", 400: "webhook-signature-invalid"}


def expected(route, caller):
    method, path, access = route
    kind = "USER LIST" if access == "USER" and ":" not in path else access
    row = list(CLASSES[kind])
    row[1:4] = KNOWN.get((method, path), row[1:4])
    if caller in CALLERS:
        return row[CALLERS.index(caller)]
    if access in CLOSED and caller not in (SCOPE_OF[method, path], "admin key"):
        return 403
    return OF_KEYS.get((method, path), row[CALLERS.index("admin")])


KEYS = tuple("admin key" if scope == "admin" else scope for scope in SCOPES)
CELLS = [(route, caller) for route in ROUTES for caller in CALLERS + KEYS]


def test_the_table_names_no_route_that_is_gone():
    assert ROUTES and set(KNOWN) <= {(method, path) for method, path, _ in ROUTES}


def test_each_route_of_an_owners_object_has_its_statuses():
    """By its class alone it could answer everybody that the object is missing: see given_an_object."""
    of_owners = {(method, path) for method, path, access in ROUTES if access in ("USER", "TICKET") and ":id" in path}
    assert of_owners - set(KNOWN) == set()


def test_each_scope_opens_a_route_and_each_closed_route_has_one():
    closed = {(method, path) for method, path, access in ROUTES if access in CLOSED}
    assert {route for route, scope in SCOPE_OF.items() if scope} == closed
    assert set(SCOPE_OF.values()) - {None} == set(SCOPES)


KEPT = {}


def key_of(payapi, caller):
    """A key with that scope alone; it is kept for the whole table."""
    if caller not in KEPT:
        KEPT[caller] = payapi.api_key(caller.removesuffix(" key"))[0]
    return KEPT[caller]


def token_of(payapi, caller):
    if caller in KEYS:
        return key_of(payapi, caller)
    expired = {"sub": "owner", "role": "admin", "exp": int(time.time()) - 60}
    valid = {"sub": "owner", "role": "admin", "exp": int(time.time()) + 600}
    return {
        "nobody": lambda: None,
        "owner": lambda: payapi.token("owner", "user"),
        "other": lambda: payapi.token("other", "user"),
        "admin": lambda: payapi.token("boss", "admin"),
        "forger": lambda: payapi.sign_token(valid, secret="another secret of at least 32 bytes"),
        "latecomer": lambda: payapi.sign_token(expired),
    }[caller]()


def call(payapi, route, caller, target, body=None, **headers):
    method, path, _ = route
    if method != "GET" and body is None:
        body = BODIES.get((method, path), {})
    return payapi.request(method, path.replace(":id", target), body, headers, sub=None,
                          token=token_of(payapi, caller))


def given_an_object(payapi, path):
    """The object for :id: an order, or its payment, which is paid if the route refunds it; or a key."""
    if "/api-keys/" in path:
        return payapi.api_key("orders:read")[1]
    order = payapi.create_order(sub="owner")
    if path.endswith("/checkout"):
        return order
    payment = payapi.checkout(order, sub="owner").data
    if path.endswith("/refund"):
        payapi.sandbox_do(payment["externalId"], "pay")
        payapi.wait_for_status(order, "completed", sub="owner")
    return payment["id"] if "/payments/" in path else order


@pytest.fixture(scope="module")
def shared_objects(payapi):
    """One object per route, for the callers who are refused."""
    return {path: given_an_object(payapi, path) for _, path, _ in ROUTES if ":id" in path}


def effects(payapi, target):
    """Counts of rows that only a command can make: later events of other payments must not count."""
    return payapi.row("SELECT (SELECT count(*) FROM payapi.orders), (SELECT count(*) FROM payapi.payments),"
                      " (SELECT count(*) FROM payapi.refunds), (SELECT count(*) FROM payapi.api_keys),"
                      " (SELECT count(*) FROM payapi.provider_calls WHERE payment_id = %s)", target)


@pytest.mark.parametrize("route, caller", CELLS, ids=lambda value: value if isinstance(value, str)
                         else f"{value[0]} {value[1]}")
def test_each_caller_gets_what_the_table_says(payapi, shared_objects, route, caller):
    wanted = expected(route, caller)
    sent_away = wanted in SLUGS and caller != "admin" and (caller not in KEYS or wanted == 403)
    path = route[1]
    target = shared_objects.get(path, "") if sent_away or ":id" not in path else given_an_object(payapi, path)
    token_of(payapi, caller)                    # the first time it makes a key
    before = effects(payapi, target)
    answer = call(payapi, route, caller, target, **{"Idempotency-Key": str(uuid.uuid4())})
    if wanted == ANY:
        assert answer.status not in (401, 403) and answer.status < 500, answer
    else:
        assert answer.status == wanted, answer
    if sent_away:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json["type"].endswith("/" + SLUGS[wanted])
        assert effects(payapi, target) == before
    if caller in KEYS and wanted == 403:
        assert answer.json["detail"] == f"This needs the scope {SCOPE_OF[route[:2]]}."
    assert ("WWW-Authenticate" in answer.headers) == (answer.status == 401)


# --- Somebody else's object looks like a missing one -----------------------------------------------

def missing_like(target):
    """An id of the same form that nobody has."""
    return target[:-6] + "ZZZZZZ"


def told(answer, target):
    """Everything in the answer that a caller could compare, without the parts that always differ."""
    text = json.dumps({name: value for name, value in answer.json.items()
                       if name not in ("timestamp", "traceId")}).replace(target, "ID")
    headers = {name: value for name, value in answer.headers.items()
               if name.lower() not in ("x-request-id", "date", "content-length")}
    return answer.status, text, headers


WITH_ID = [route for route in ROUTES if ":id" in route[1]]
PROBES = [None, {}, {"currency": "EUR"}, {"provider": "paypal"}, {"amount": 1}, {"amountMinor": 100000000},
          {"reason": "x"}, {"surprise": 1}, "{"]


@pytest.mark.parametrize("route", WITH_ID, ids=lambda route: f"{route[0]} {route[1]}")
def test_no_answer_tells_a_foreign_id_from_a_missing_one(payapi, shared_objects, route):
    method, path, _ = route
    foreign = shared_objects[path]
    missing = missing_like(foreign)
    for body in PROBES if method != "GET" else [None]:
        for headers in ({}, {"Idempotency-Key": "probe-" + uuid.uuid4().hex}):
            one = call(payapi, route, "other", foreign, body, **headers)
            two = call(payapi, route, "other", missing, body, **{
                name: value + "-2" for name, value in headers.items()})
            assert told(one, foreign) == told(two, missing), body
            assert one.status in (400, 403, 404, 422)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_other_methods_do_not_tell_either(payapi, shared_objects, method):
    for _, path, _ in WITH_ID:
        foreign = shared_objects[path]
        answers = [payapi.request(method, path.replace(":id", target), sub="other")
                   for target in (foreign, missing_like(foreign))]
        assert answers[0].status == answers[1].status
        assert answers[0].headers.get("Allow") == answers[1].headers.get("Allow")
        assert answers[0].status in (401, 403, 404, 405)


def test_lists_hold_only_ones_own(payapi, shared_objects):
    for sub in ("other", "third"):
        for query in ("", "?limit=100", "?page=1"):
            listed = payapi.get("/api/v1/orders" + query, sub=sub).data
            assert all(order["id"] not in shared_objects.values() for order in listed)


def test_a_customer_learns_nothing_of_ids_and_takes_none(payapi):
    """All order ids are in one name space: whoever may choose one can learn which are taken, and occupy others."""
    taken = payapi.create_order(sub="owner")
    order = {"amount": 5, "currency": "USD"}
    answers = [payapi.post(V1 + "/orders", {**order, "id": wanted}, sub="other", role="user")
               for wanted in (taken, str(uuid.uuid4()), taken)]
    assert [answer.status for answer in answers] == [422] * 3
    told = [(answer.json["detail"], answer.json["errors"]) for answer in answers]
    assert told == [told[0]] * 3 and told[0][1][0]["pointer"] == "#/id"
    assert payapi.row("SELECT count(*) FROM payapi.orders WHERE owner_id = 'other' AND order_id NOT LIKE 'ord\\_%%'") == (0,)
    given = payapi.post(V1 + "/orders", order, sub="other", role="user")
    assert given.status == 201 and given.data["id"].startswith("ord_")
    for role in ("shop", "admin"):
        chosen = str(uuid.uuid4())
        made = payapi.post(V1 + "/orders", {**order, "id": chosen}, sub="other", role=role)
        assert made.status == 201 and made.data["id"] == chosen


@pytest.mark.parametrize("claim", [
    {"role": "ADMIN"}, {"role": "admin "}, {"role": ["admin"]}, {"role": {"admin": True}}, {"role": "user,admin"},
    {"roles": "admin"}, {"roles": [["admin"]]}, {"admin": True}, {"scope": "admin"}, {"role": "user", "admin": True},
    {"role": "admin\u0000"}], ids=str)
def test_no_other_claim_makes_an_admin(payapi, claim):
    claims = {"sub": "mallory", "exp": int(time.time()) + 600, **claim}
    answer = payapi.get("/api/v1/audit", token=payapi.sign_token(claims))
    assert answer.status in (401, 403), answer


def test_a_token_cannot_be_changed_into_an_admins(payapi):
    head, _, signature = payapi.token("mallory").split(".")
    raised = base64.urlsafe_b64encode(json.dumps(
        {"sub": "mallory", "role": "admin", "exp": int(time.time()) + 600}).encode()).rstrip(b"=").decode()
    assert payapi.get("/api/v1/audit", token=f"{head}.{raised}.{signature}").status == 401
