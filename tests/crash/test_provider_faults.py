"""Every fault of the provider, as its first answer and after the work was done: one charge.

tests/e2e/test_provider_faults.py tests what the client is told in the usual cases; here is the whole
table, and the provider's ledger is checked. Source: docs/reliability.md section 2.2.
"""
import itertools
import time

import pytest

from cross_invariants import contradictions
from payapi_instance import Connection, wait_until

BEFORE, AFTER = False, True
SLOW_S = 5              # longer than PROVIDER_TIMEOUT_MS

# (fault, done, first answer, what happens to the order afterwards)
#   again: the repeat with the same key pays     anew: the answer is final, a new key pays
#   told:  the provider repeats its error for ever; only its webhook tells the truth
#   asks:  a human must look at it
TABLE = [
    ({"action": "status", "status": 400}, BEFORE, 502, "again"),
    ({"action": "status", "status": 401}, BEFORE, 202, "again"),
    ({"action": "status", "status": 402}, BEFORE, 402, "anew"),
    ({"action": "status", "status": 403}, BEFORE, 202, "again"),
    ({"action": "status", "status": 404}, BEFORE, 502, "again"),
    ({"action": "status", "status": 409}, BEFORE, 202, "again"),        # lock_timeout
    ({"action": "status", "status": 409, "code": "idempotency_key_in_use"}, BEFORE, 202, "again"),
    ({"action": "status", "status": 429}, BEFORE, 202, "again"),
    ({"action": "status", "status": 500}, BEFORE, 202, "told"),
    ({"action": "status", "status": 409, "code": "idempotency_key_in_use"}, AFTER, 202, "told"),
    ({"action": "status", "status": 429}, AFTER, 202, "told"),
    ({"action": "status", "status": 500}, AFTER, 202, "told"),
    ({"action": "status", "status": 502}, AFTER, 202, "told"),
    ({"action": "html"}, BEFORE, 202, "again"),
    ({"action": "html"}, AFTER, 202, "again"),
    ({"action": "html", "status": 503}, BEFORE, 202, "again"),
    ({"action": "reset"}, BEFORE, 202, "again"),
    ({"action": "lose_answer"}, AFTER, 202, "again"),
    ({"action": "cut_headers"}, AFTER, 202, "again"),
    ({"action": "cut_body"}, AFTER, 202, "again"),
    ({"action": "malformed"}, AFTER, 202, "again"),
    ({"action": "huge"}, AFTER, 202, "again"),
    ({"action": "hang", "seconds": SLOW_S}, BEFORE, 202, "again"),
    ({"action": "hang", "seconds": SLOW_S}, AFTER, 202, "again"),
    ({"action": "latency", "latency_ms": 1500}, BEFORE, 201, "again"),
    ({"action": "latency", "latency_ms": 1500}, AFTER, 201, "again"),
    ({"action": "wrong_amount"}, AFTER, 202, "asks"),
    ({"action": "wrong_currency"}, AFTER, 202, "asks"),
]
numbers = itertools.count(1)


def name(row):
    fault, done, _, _ = row
    return f"{fault['action']}{fault.get('status', '')}{fault.get('code', '')}-{'after' if done else 'before'}"


@pytest.fixture(autouse=True)
def sound_afterwards(payapi):
    yield
    payapi.clear_faults()
    payapi.assert_invariants()
    assert contradictions(payapi, payapi.answers) == []


def check_out(payapi, order, key):
    return payapi.checkout(order, headers={"Idempotency-Key": f'"{key}"'})


def repeat_until_payable(payapi, order, key):
    """Does what a patient client would: uses the same key until the answer is final, then a new one."""
    for attempt in range(200):
        answer = check_out(payapi, order, key)
        if answer.status in (200, 201):
            return answer
        if answer.status < 500 and answer.status not in (202, 409):
            key += "x"
        time.sleep(0.05)
    raise AssertionError(answer)


def sessions_at_provider(payapi, order):
    connection = Connection(payapi.sandbox_port, payapi.settings["STRIPE_SECRET_KEY"])
    answer = connection.request("GET", "/v1/checkout/sessions?limit=100")
    connection.close()
    return [s["id"] for s in answer.data if s["metadata"].get("order_id") == order]


def charges(payapi, order):
    return [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_the_order_is_charged_once_and_never_wrongly(payapi, row):
    fault, done, first_status, course = row
    order, key = payapi.create_order(), f"fault-{next(numbers)}"
    payapi.fault(**fault, **({"after_work": done} if fault["action"] in ("status", "html", "hang", "latency")
                             else {}), order=order)
    first = check_out(payapi, order, key)
    assert first.status == first_status, first
    if first.status == 202:
        assert int(first.headers["Retry-After"]) > 0
        assert first.data["checkoutUrl"] is None and first.data["status"] != "failed"

    if course == "asks":
        assert first.data["needsReview"] is True and charges(payapi, order) == []
        return
    if course == "told":
        [session] = sessions_at_provider(payapi, order) or [None]
    else:
        session = repeat_until_payable(payapi, order, key).data["externalId"]
        assert sessions_at_provider(payapi, order) == [session]
    if session is not None:
        payapi.sandbox_do(session, "pay")
        payapi.wait_for_status(order, "completed")
        assert [c["amount"] for c in charges(payapi, order)] == [9999]
    else:
        assert payapi.payment_of(order)["status"] == "pending"


@pytest.mark.parametrize("status", [400, 402, 404])
def test_money_on_a_page_that_the_provider_denied_is_not_lost(payapi, status):
    """The provider refuses although it has made the page; the payer pays there, so a later checkout is refused."""
    order, key = payapi.create_order(), f"denied-{next(numbers)}"
    payapi.fault("status", status=status, after_work=True, order=order)
    assert check_out(payapi, order, key).status == (402 if status == 402 else 502)
    [denied] = sessions_at_provider(payapi, order)
    payapi.sandbox_do(denied, "pay")
    wait_until(lambda: payapi.get(f"/api/v1/orders/{order}").data["status"] == "paid", 10, "the money")
    assert check_out(payapi, order, key + "x").status == 409
    assert len(charges(payapi, order)) == 1
