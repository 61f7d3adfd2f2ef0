"""Money goes back once, and never more than came, by the record of what the sandbox really gave back."""
import time
import uuid

import pytest
from payapi_instance import at_once, wait_until


def paid(payapi, amount="99.99", currency="USD", **members):
    """The payment of a paid order, as the API shows it."""
    order = payapi.create_order(amount, currency, **members)
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    return payapi.wait_for_status(order, "completed")


def refund(payapi, payment, body=None, key=None, **options):
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    return payapi.post(f"/api/v1/payments/{payment['id']}/refund", {} if body is None else body,
                       sub="boss", role="admin", headers=headers, **options)


def state_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}").data


def given_back(payapi, payment):
    """The refunds that the sandbox really made, without those that failed."""
    return [r for r in payapi.ledger["refunds"] if r["session"] == payment["externalId"]
            and r["status"] not in ("failed", "canceled")]


def ledger(payapi, payment):
    return payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                       " ORDER BY transaction_id", payment["id"])


def refunds_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}/refunds").data


def refund_outcome(payapi, status):
    assert payapi.sandbox("POST", "/_sandbox/settings", {"refund_status": status}).status == 200


# --- Full, partial, many ------------------------------------------------------------------------

def test_a_refund_without_an_amount_gives_all_back(payapi):
    payment = paid(payapi)
    answer = refund(payapi, payment, {"reason": "requested_by_customer"})
    assert answer.status == 201, answer
    made = answer.data
    assert made["id"].startswith("ref_") and made["paymentId"] == payment["id"]
    assert (made["amountMinor"], made["currency"]) == (9999, "USD") and b'"amount":99.99' in answer.body
    assert (made["status"], made["reason"], made["origin"]) == ("succeeded", "requested_by_customer", "api")
    assert made["failureReason"] is None and made["externalId"].startswith("re_")

    now = state_of(payapi, payment)
    assert (now["status"], now["refundedAmountMinor"]) == ("refunded", 9999)
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "refunded"
    [theirs] = given_back(payapi, payment)
    assert (theirs["amount"], theirs["id"]) == (9999, made["externalId"])
    assert theirs["metadata"] == {"refund_id": made["id"], "payment_id": payment["id"]}
    assert ledger(payapi, payment) == [("charge", 9999), ("refund", -9999)]
    assert refunds_of(payapi, payment) == [made]
    types = [r[0] for r in payapi.rows("SELECT event_type FROM payapi.audit_log WHERE event_id IS NOT NULL AND payment_id = %s"
                                       " ORDER BY audit_id", payment["id"])]
    assert types[-2:] == ["refund.created", "refund.succeeded"]


def test_parts_make_the_whole_and_the_rest_is_known(payapi):
    payment = paid(payapi)
    assert refund(payapi, payment, '{"amount":33.33}').data["amountMinor"] == 3333
    assert state_of(payapi, payment)["status"] == "partially_refunded"
    assert refund(payapi, payment, {"amountMinor": 3333, "currency": "USD"}).status == 201
    assert refund(payapi, payment, '{"amount":33.30,"amountMinor":3330}').status == 201
    too_much = refund(payapi, payment, '{"amount":0.04}')
    assert too_much.status == 422 and too_much.json["errors"][0]["pointer"] == "#/amount"
    assert "0.03" in too_much.json["errors"][0]["detail"] and too_much.json["refundableMinor"] == 3
    assert refund(payapi, payment).data["amountMinor"] == 3
    assert state_of(payapi, payment)["status"] == "refunded"
    assert sum(r["amount"] for r in given_back(payapi, payment)) == 9999
    assert [r["amountMinor"] for r in refunds_of(payapi, payment)] == [3333, 3333, 3330, 3]


@pytest.mark.parametrize("currency, amount, part, minor", [("JPY", "1000", "300", 300),
                                                           ("KWD", "10.500", "1.250", 1250)])
def test_parts_are_in_the_decimals_of_the_payments_currency(payapi, currency, amount, part, minor):
    payment = paid(payapi, amount, currency)
    assert refund(payapi, payment, '{"amount":%s}' % part).data["amountMinor"] == minor


# --- Made elsewhere, and later reports ----------------------------------------------------------

def intent_of(payapi, payment):
    return payapi.row("SELECT provider_intent FROM payapi.payments WHERE payment_id = %s", payment["id"])[0]


def wait_for_refunds(payapi, payment, *expected):
    return wait_until(lambda: (lambda rs: rs if [r["status"] for r in rs] == list(expected) else None)(
        refunds_of(payapi, payment)), 10, f"refunds to be {expected}")


def test_a_refund_of_the_dashboard_is_adopted(payapi):
    payment = paid(payapi)
    made = payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent_of(payapi, payment)}/refund",
                          {"amount": 2500}).json
    [adopted] = wait_for_refunds(payapi, payment, "succeeded")
    assert (adopted["origin"], adopted["externalId"], adopted["amountMinor"]) == ("provider", made["id"], 2500)
    assert state_of(payapi, payment)["refundedAmountMinor"] == 2500
    assert refund(payapi, payment, {"amountMinor": 7500}).status == 422
    assert refund(payapi, payment).data["amountMinor"] == 7499


def test_a_pending_refund_succeeds_later(payapi):
    payment = paid(payapi)
    refund_outcome(payapi, "pending")
    try:
        answer = refund(payapi, payment, {"amountMinor": 4000})
    finally:
        refund_outcome(payapi, "succeeded")
    assert (answer.status, answer.data["status"]) == (201, "pending")
    assert state_of(payapi, payment)["refundedAmountMinor"] == 0
    assert ledger(payapi, payment) == [("charge", 9999)]
    held = refund(payapi, payment, {"amountMinor": 6000})
    assert held.status == 422 and "59.99" in held.json["detail"]
    assert payapi.sandbox("POST", f"/_sandbox/refunds/{answer.data['externalId']}/succeed", {}).status == 200
    wait_for_refunds(payapi, payment, "succeeded")
    assert state_of(payapi, payment)["status"] == "partially_refunded"


def test_a_refund_that_the_bank_sends_back_is_reversed(payapi):
    payment = paid(payapi)
    made = refund(payapi, payment).data
    assert payapi.sandbox("POST", f"/_sandbox/refunds/{made['externalId']}/fail", {}).status == 200
    [failed] = wait_for_refunds(payapi, payment, "failed")
    assert failed["failureReason"] == "expired_or_canceled_card"
    now = state_of(payapi, payment)
    assert (now["status"], now["refundedAmountMinor"]) == ("completed", 0)
    assert payapi.get(f"/api/v1/orders/{payment['orderId']}").data["status"] == "paid"
    assert ledger(payapi, payment) == [("charge", 9999), ("refund", -9999), ("refund_reversal", 9999)]
    assert refund(payapi, payment).status == 201


# --- Races --------------------------------------------------------------------------------------

def test_of_50_refunds_of_300_on_10000_exactly_33_are_accepted(payapi):
    payment = paid(payapi, "100.00")
    bodies = [{"amountMinor": 300}] * 50
    keys = [uuid.uuid4().hex for _ in bodies]
    answers = at_once(50, lambda i: refund(payapi, payment, bodies[i], keys[i]))
    for _ in range(20):
        again = [i for i, a in enumerate(answers) if a.status >= 500 or a.status in (202, 409)]
        if not again:
            break
        for i in again:
            answers[i] = refund(payapi, payment, bodies[i], keys[i])
    assert sorted(a.status for a in answers) == [201] * 33 + [422] * 17
    assert len(given_back(payapi, payment)) == 33
    now = state_of(payapi, payment)
    assert (now["refundedAmountMinor"], now["status"]) == (9900, "partially_refunded")


def test_a_body_with_faults_tells_all_of_them_and_leaves_its_key_unused(payapi):
    payment, key = paid(payapi), uuid.uuid4().hex
    wrong = refund(payapi, payment, '{"amount":10.001,"reason":"whim","colour":"red"}', key)
    assert wrong.status == 422, wrong
    assert {fault["pointer"] for fault in wrong.json["errors"]} == {"#/amount", "#/reason", "#/colour"}
    assert payapi.rows("SELECT 1 FROM payapi.idempotency_keys WHERE key = %s", key) == []
    assert refund(payapi, payment, '{"amount":10.00}', key).status == 201
    assert [given["amount"] for given in given_back(payapi, payment)] == [1000]


def test_one_key_50_times_is_one_refund(payapi):
    payment = paid(payapi)
    answers = at_once(50, lambda i: refund(payapi, payment, {"amountMinor": 300}, "one-key"))
    assert {a.status for a in answers} <= {201, 409} and any(a.status == 201 for a in answers)
    assert all(a.json["type"].endswith("/request-in-progress") and a.headers["Retry-After"]
               for a in answers if a.status == 409)
    assert len({a.body for a in answers if a.status == 201}) == 1
    assert len(given_back(payapi, payment)) == 1 and len(refunds_of(payapi, payment)) == 1


def test_a_refund_races_its_own_webhook(payapi):
    payapi.webhook_settings(duplicate=3, shuffle=True)
    try:
        for _ in range(10):
            payment = paid(payapi)
            payapi.fault("latency", path="/v1/refunds", latency_ms=60, after_work=True)
            answer = refund(payapi, payment, {"amountMinor": 300})
            assert (answer.status, answer.data["status"]) == (201, "succeeded"), answer
            assert ledger(payapi, payment) == [("charge", 9999), ("refund", -300)]
    finally:
        payapi.webhook_settings(duplicate=1, shuffle=False)
        payapi.clear_faults()


# --- Keys and unknown outcomes ------------------------------------------------------------------

def test_a_key_is_required_and_bound_for_ever(payapi):
    payment = paid(payapi)
    path = f"/api/v1/payments/{payment['id']}/refund"
    missing = payapi.post(path, {}, sub="boss", role="admin")
    assert missing.status == 400 and missing.json["type"].endswith("/idempotency-key-missing")
    first = refund(payapi, payment, {"amountMinor": 300}, "k-1")
    repeat = refund(payapi, payment, {"amountMinor": 300}, "k-1")
    assert repeat.body == first.body and repeat.headers["Idempotent-Replayed"] == "true"
    other = refund(payapi, payment, {"amountMinor": 301}, "k-1")
    assert other.status == 422 and other.json["type"].endswith("/idempotency-key-reused")

    payapi.rows("DELETE FROM payapi.idempotency_keys WHERE key = 'k-1'")
    kept = refund(payapi, payment, {"amountMinor": 300}, "k-1")
    assert (kept.status, kept.data["id"]) == (201, first.data["id"])
    payapi.rows("DELETE FROM payapi.idempotency_keys WHERE key = 'k-1'")
    other = refund(payapi, payment, {"amountMinor": 301}, "k-1")
    assert other.status == 422 and other.json["type"].endswith("/idempotency-key-reused")
    assert len(given_back(payapi, payment)) == 1


@pytest.mark.parametrize("fault", [
    {"action": "lose_answer"}, {"action": "cut_headers", "after_work": True}, {"action": "cut_body", "after_work": True},
    {"action": "malformed", "after_work": True}, {"action": "html", "after_work": True}, {"action": "reset"},
], ids=lambda f: "-".join(str(v) for v in f.values()))
def test_an_unknown_outcome_is_202_and_its_repeat_is_the_same_refund(payapi, fault):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    try:
        payapi.fault(path="/v1/refunds", **fault)
        first = refund(payapi, payment, {"amountMinor": 300}, "unknown-" + payment["id"])
        assert first.status == 202 and first.headers["Retry-After"] == "5", first
        assert first.json["meta"]["statusUrl"] == f"/api/v1/payments/{payment['id']}/refunds"
        assert first.data["status"] == "pending"
        second = refund(payapi, payment, {"amountMinor": 300}, "unknown-" + payment["id"])
        assert (second.status, second.data["id"]) == (201, first.data["id"]), second
        assert second.data["status"] == "succeeded"
        assert len(given_back(payapi, payment)) == 1
    finally:
        payapi.webhook_settings(delivery="on")


def test_a_500_that_is_replayed_stays_unknown_until_the_event_tells(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="hold")
    try:
        payapi.fault("status", path="/v1/refunds", status=500, after_work=True)
        for _ in range(2):
            answer = refund(payapi, payment, {"amountMinor": 300}, "replayed-" + payment["id"])
            assert (answer.status, answer.data["status"]) == (202, "pending"), answer
    finally:
        payapi.webhook_settings(delivery="on")
        payapi.sandbox("POST", "/_sandbox/webhooks/flush", {})
    wait_for_refunds(payapi, payment, "succeeded")
    known = refund(payapi, payment, {"amountMinor": 300}, "replayed-" + payment["id"])
    assert (known.status, known.data["id"]) == (201, answer.data["id"])
    assert len(given_back(payapi, payment)) == 1


@pytest.mark.parametrize("status", [429, 401])
def test_what_was_not_executed_is_pending_and_resumed(payapi, status):
    payment = paid(payapi)
    payapi.fault("status", path="/v1/refunds", status=status)
    first = refund(payapi, payment, {"amountMinor": 300}, "again-" + payment["id"])
    assert (first.status, first.data["status"]) == (202, "pending") and int(first.headers["Retry-After"]) > 0, first
    assert refund(payapi, payment, {"amountMinor": 9999}, "second-" + payment["id"]).status == 422
    wait_for_refunds(payapi, payment, "succeeded")
    resumed = refund(payapi, payment, {"amountMinor": 300}, "again-" + payment["id"])
    assert (resumed.status, resumed.data["id"]) == (201, first.data["id"])
    assert len(given_back(payapi, payment)) == 1


@pytest.mark.parametrize("code, status, slug", [
    ("charge_disputed", 409, "invalid-payment-state"), ("balance_insufficient", 409, "invalid-payment-state"),
    ("parameter_unknown", 502, "provider-rejected-request"),
])
def test_a_refusal_frees_the_amount(payapi, code, status, slug):
    payment = paid(payapi)
    payapi.fault("status", path="/v1/refunds", status=400, type="invalid_request_error", code=code)
    refused = refund(payapi, payment)
    assert refused.status == status and refused.json["type"].endswith("/" + slug), refused
    [failed] = refunds_of(payapi, payment)
    assert (failed["status"], failed["failureReason"]) == ("failed", code)
    assert refund(payapi, payment).status == 201


def test_refunds_that_no_event_told_of_are_learned_from_the_refusal(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    try:
        payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent_of(payapi, payment)}/refund", {})
        refused = refund(payapi, payment, {"amountMinor": 300})
    finally:
        payapi.webhook_settings(delivery="on")
    assert refused.status == 409 and refused.json["type"].endswith("/invalid-payment-state"), refused
    assert sorted((r["origin"], r["status"]) for r in refunds_of(payapi, payment)) == [
        ("api", "failed"), ("provider", "succeeded")]
    assert state_of(payapi, payment)["status"] == "refunded"


@pytest.mark.parametrize("action", ["wrong_amount", "wrong_currency"])
def test_an_answer_about_other_money_is_reviewed(payapi, action):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    try:
        payapi.fault(action, path="/v1/refunds", after_work=True)
        answer = refund(payapi, payment, {"amountMinor": 300})
    finally:
        payapi.webhook_settings(delivery="on")
    assert answer.status == 202, answer
    assert state_of(payapi, payment)["needsReview"] is True
    assert state_of(payapi, payment)["refundedAmountMinor"] == 0


# --- Bad input ----------------------------------------------------------------------------------

@pytest.mark.parametrize("body, pointer", [
    ('{"amount":0}', "#/amount"), ('{"amount":-1}', "#/amount"), ('{"amount":99.999}', "#/amount"),
    ('{"amount":100}', "#/amount"), ('{"amount":"5"}', "#/amount"), ('{"amount":1e2}', "#/amount"),
    ('{"amountMinor":0}', "#/amountMinor"), ('{"amountMinor":-5}', "#/amountMinor"),
    ('{"amountMinor":1.5}', "#/amountMinor"), ('{"amountMinor":10000}', "#/amountMinor"),
    ('{"amountMinor":1000000000000}', "#/amountMinor"), ('{"amount":1,"amountMinor":101}', "#/amountMinor"),
    ('{"currency":"EUR"}', "#/currency"), ('{"currency":"usd"}', "#/currency"), ('{"currency":7}', "#/currency"),
    ('{"reason":"because"}', "#/reason"), ('{"reason":7}', "#/reason"), ('{"note":"x"}', "#/note"),
])
def test_bad_members_are_pointed_at(payapi, body, pointer, unrefunded):
    answer = refund(payapi, unrefunded, body)
    assert answer.status == 422, answer
    assert pointer in [e["pointer"] for e in answer.json["errors"]], answer
    assert refunds_of(payapi, unrefunded) == []


@pytest.fixture(scope="module")
def unrefunded(payapi):
    return paid(payapi)


@pytest.mark.parametrize("body, status", [("{", 400), ("[]", 400), ('{"amount":1,"amount":1}', 400)])
def test_what_is_no_object_is_malformed(payapi, body, status, unrefunded):
    assert refund(payapi, unrefunded, body).status == status


def test_only_an_admin_refunds_and_only_the_owner_sees(payapi, unrefunded):
    path = f"/api/v1/payments/{unrefunded['id']}/refund"
    key = {"Idempotency-Key": "k"}
    assert payapi.post(path, {}, headers=key).status == 403
    assert payapi.post(path, {}, headers=key, sub=None).status == 401
    assert payapi.get(path + "s", sub="mallory").status == 404
    assert payapi.get(path + "s").status == 200
    assert payapi.get(path + "s", sub="boss", role="admin").status == 200
    for unknown in ["pay_" + "0" * 26, "pay_1", "abc"]:
        assert refund(payapi, {"id": unknown}).status == 404
        assert payapi.get(f"/api/v1/payments/{unknown}/refunds").status == 404


def test_what_is_not_refundable_says_why(payapi):
    def refused(payment, word):
        answer = refund(payapi, payment)
        assert answer.status == 409 and answer.json["type"].endswith("/invalid-payment-state"), answer
        assert word in answer.json["detail"], answer

    order = payapi.create_order()
    payment = payapi.checkout(order).data
    refused(payment, "processing")
    payapi.sandbox_do(payment["externalId"], "expire")
    refused(payapi.wait_for_status(order, "expired"), "expired")

    payment = paid(payapi)
    refund(payapi, payment)
    refused(payment, "fully refunded")

    payment = paid(payapi)
    refund_outcome(payapi, "pending")
    try:
        refund(payapi, payment)
    finally:
        refund_outcome(payapi, "succeeded")
    refused(payment, "under way")


# --- Surplus ------------------------------------------------------------------------------------

def test_money_that_came_twice_goes_back_once_by_itself(payapi):
    """A false event makes us give up the first page; the payer pays on both pages."""
    order = payapi.create_order()
    first = payapi.checkout(order).data
    assert payapi.deliver({
        "id": "evt_" + uuid.uuid4().hex, "object": "event", "created": int(time.time()), "livemode": False,
        "type": "checkout.session.expired", "data": {"object": {
            "id": first["externalId"], "object": "checkout.session", "livemode": False,
            "status": "expired", "payment_status": "unpaid", "payment_intent": None,
            "amount_total": 9999, "currency": "usd", "metadata": {"payment_id": first["id"]}}}}).status == 200
    second = payapi.checkout(order).data
    assert second["id"] != first["id"]
    payapi.sandbox_do(second["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    payapi.sandbox_do(first["externalId"], "pay")
    wait_until(lambda: payapi.rows(
        "SELECT 1 FROM payapi.refunds WHERE payment_id = %s AND origin = 'surplus'"
        " AND status = 'succeeded' AND amount_minor = 9999", first["id"]), 30, "the surplus to go back")
    charges = [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]
    assert sorted(c["amount_refunded"] for c in charges) == [0, 9999]
    assert payapi.row("SELECT count(*) FROM payapi.refunds WHERE payment_id = %s", first["id"]) == (1,)
    assert payapi.payment_of(order)["id"] == second["id"]
    assert payapi.get(f"/api/v1/orders/{order}").data["status"] == "paid"
    assert payapi.get(f"/api/v1/payments/{first['id']}").data["needsReview"] is True
