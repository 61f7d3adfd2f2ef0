"""Refunds at Paystack, which has no idempotency keys: whatever is lost, the sandbox gives back once."""
import pytest

from cross_invariants import contradictions
from lost_rows import forget_refunds, lose
from paystack_play import (DEFAULTS, act, given_back, ledger, paid, refund, requests, settings, sync,
                           time_passes)
from payapi_instance import Instance, wait_until


@pytest.fixture(scope="module")
def payapi():
    instance = Instance("paystack-refunds", RECOVERY_FIRST_DELAY_MS="500", PROVIDER_TIMEOUT_MS="2000",
                        PROVIDER_BREAKER_FAILURES="0")
    try:
        yield instance.up()
        instance.assert_invariants()
        assert contradictions(instance) == []
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def nothing_left(payapi):
    yield
    payapi.clear_faults()
    payapi.webhook_settings(delivery="on")
    settings(payapi, **DEFAULTS)


def refunds_of(payapi, payment):
    return payapi.get(f"/api/v1/payments/{payment['id']}/refunds").data


def wait_for_refunds(payapi, payment, *statuses):
    return wait_until(lambda: (lambda r: r if [x["status"] for x in r] == list(statuses) else None)(
        refunds_of(payapi, payment)), 30, f"refunds {statuses}")


def settle(payapi, made, how):
    answer = payapi.sandbox("POST", f"/_sandbox/paystack/refunds/{made['externalId']}/{how}", {})
    assert answer.status == 200, answer


def sent(payapi, payment):
    return [r for r in requests(payapi, "POST", "/refund") if payment["id"].replace("_", "-") in r["body"]]


def test_a_refund_that_was_answered_404_and_made_all_the_same_is_booked(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    payapi.fault("status", match={"method": "POST", "path": "/refund"}, status=404, after_work=True)
    assert refund(payapi, payment).status == 502
    assert [made["status"] for made in refunds_of(payapi, payment)] == ["failed"]
    payapi.webhook_settings(delivery="on")
    sync(payapi, payment)                       # the list has it, with our note
    wait_for_refunds(payapi, payment, "succeeded")
    assert len(sent(payapi, payment)) == 1 and ledger(payapi, payment) == [("charge", 10000), ("refund", -10000)]
    shown = payapi.payment_of(payment["orderId"])
    assert (shown["status"], shown["needsReview"]) == ("refunded", False)


def test_the_whole_amount_goes_back(payapi):
    payment = paid(payapi)
    answer = refund(payapi, payment)
    assert (answer.status, answer.data["status"]) == (201, "pending"), answer   # queued there
    wait_for_refunds(payapi, payment, "succeeded")
    assert payapi.payment_of(payment["orderId"])["status"] == "refunded"
    assert ledger(payapi, payment) == [("charge", 10000), ("refund", -10000)]
    [there] = given_back(payapi, payment)
    assert there["merchant_note"] == answer.data["id"] and there["amount"] == 10000


@pytest.mark.parametrize("amount, currency, part, minor, there", [
    ("100.00", "NGN", "25.00", 2500, 2500), ("500", "XOF", "200", 200, 20000)])
def test_a_part_of_it_goes_back(payapi, amount, currency, part, minor, there):
    payment = paid(payapi, amount, currency)
    assert refund(payapi, payment, '{"amount":%s}' % part).status == 201
    wait_for_refunds(payapi, payment, "succeeded")
    now = payapi.payment_of(payment["orderId"])
    assert (now["status"], now["refundedAmountMinor"]) == ("partially_refunded", minor)
    assert [r["amount"] for r in given_back(payapi, payment)] == [there]


def test_two_equal_parts_are_two_refunds(payapi):
    payment = paid(payapi)
    for _ in range(2):
        assert refund(payapi, payment, {"amountMinor": 3000}).status == 201
    wait_for_refunds(payapi, payment, "succeeded", "succeeded")
    assert ledger(payapi, payment) == [("charge", 10000), ("refund", -3000), ("refund", -3000)]


def test_a_refund_that_fails_gives_the_amount_free(payapi):
    settings(payapi, refund_status="pending")
    payment = paid(payapi)
    made = refund(payapi, payment).data
    settle(payapi, made, "process")
    settle(payapi, made, "fail")
    wait_for_refunds(payapi, payment, "failed")
    assert payapi.payment_of(payment["orderId"])["status"] == "completed"
    assert ledger(payapi, payment) == [("charge", 10000)]
    assert refund(payapi, payment).status == 201


def test_a_refund_that_needs_attention_says_so_and_goes_on(payapi):
    settings(payapi, refund_status="needs-attention")
    payment = paid(payapi)
    made = refund(payapi, payment).data
    wait_for_refunds(payapi, payment, "requires_action")
    settle(payapi, made, "process")
    settle(payapi, made, "succeed")
    wait_for_refunds(payapi, payment, "succeeded")
    assert ledger(payapi, payment) == [("charge", 10000), ("refund", -10000)]


def test_a_refund_made_in_the_dashboard_is_adopted(payapi):
    payment = paid(payapi)
    act(payapi, payment, "refund", {"amount": 700})
    wait_for_refunds(payapi, payment, "succeeded")
    assert ledger(payapi, payment) == [("charge", 10000), ("refund", -700)]


def test_more_than_is_left_there_is_a_conflict_and_the_books_learn_why(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    act(payapi, payment, "refund", {"amount": 9000})
    answer = refund(payapi, payment, {"amountMinor": 5000})
    assert answer.status == 409 and answer.json["type"].endswith("/invalid-payment-state"), answer
    assert payapi.payment_of(payment["orderId"])["refundedAmountMinor"] == 9000


def test_a_list_of_more_than_a_page_is_read_to_its_end(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    for _ in range(130):
        act(payapi, payment, "refund", {"amount": 1})
    assert sync(payapi, payment).data["refundedAmountMinor"] == 130
    pages = {r["path"] for r in requests(payapi, "GET", "/refund")}
    assert len(refunds_of(payapi, payment)) == 130 and pages


# --- Lost answers ---------------------------------------------------------------------------------

LOST_AFTER = [{"action": "lose_answer"}, {"action": "status", "status": 500, "after_work": True},
              {"action": "cut_body", "after_work": True}, {"action": "malformed", "after_work": True}]
LOST_BEFORE = [{"action": "reset"}, {"action": "status", "status": 500}]
REFUSED = [{"action": "status", "status": 429}, {"action": "status", "status": 401}]


@pytest.mark.parametrize("lost", LOST_AFTER, ids=lambda f: f["action"])
def test_a_lost_answer_is_found_in_the_list(payapi, lost):
    payment = paid(payapi)
    payapi.fault(path="/refund", **lost)
    answer = refund(payapi, payment, {"amountMinor": 2500}, key="lost-" + payment["id"])
    assert answer.status == 202 and answer.data["status"] == "pending", answer
    wait_for_refunds(payapi, payment, "succeeded")
    assert len(sent(payapi, payment)) == 1 and len(given_back(payapi, payment)) == 1
    again = refund(payapi, payment, {"amountMinor": 2500}, key="lost-" + payment["id"])
    assert again.status == 201 and again.data["id"] == answer.data["id"]
    assert len(given_back(payapi, payment)) == 1


def a_day_passes(payapi, payment):
    payapi.rows("UPDATE payapi.provider_calls SET started_at = started_at - interval '24 h' WHERE payment_id = %s"
                " AND finished_at IS NULL", payment["id"])
    time_passes(payapi, payment)


@pytest.mark.parametrize("lost", LOST_BEFORE, ids=lambda f: f"{f['action']}-{f.get('status', '')}")
def test_a_request_that_may_have_arrived_is_never_sent_again(payapi, lost):
    payment = paid(payapi)
    payapi.fault(path="/refund", **lost)
    first = refund(payapi, payment, {"amountMinor": 2500}, key="never-" + payment["id"])
    assert (first.status, first.data["status"]) == (202, "pending"), first
    for _ in range(3):
        time_passes(payapi, payment)
        assert sync(payapi, payment).status == 202
        assert refund(payapi, payment, {"amountMinor": 2500}, key="never-" + payment["id"]).status == 202
    assert len(sent(payapi, payment)) == 1 and given_back(payapi, payment) == []
    a_day_passes(payapi, payment)
    asked = sync(payapi, payment)
    assert asked.status == 202 and asked.data["needsReview"] is True, asked
    assert "not carried out" in payapi.row("SELECT review_reason FROM payapi.payments"
                                          " WHERE payment_id = %s", payment["id"])[0]
    assert len(sent(payapi, payment)) == 1


def test_a_refund_in_the_list_without_our_mark_may_be_ours(payapi):
    """Its event books it; a human decides whether it is ours."""
    payment = paid(payapi)
    payapi.webhook_settings(delivery="hold")
    payapi.fault("reset", path="/refund")
    assert refund(payapi, payment, {"amountMinor": 2500}).status == 202
    act(payapi, payment, "refund", {"amount": 2500})
    time_passes(payapi, payment)
    wait_until(lambda: payapi.payment_of(payment["orderId"])["needsReview"], 20, "the question")
    payapi.webhook_settings(delivery="on")
    payapi.sandbox("POST", "/_sandbox/webhooks/flush", {})
    wait_for_refunds(payapi, payment, "pending", "succeeded")
    assert len(sent(payapi, payment)) == 1 and ledger(payapi, payment) == [("charge", 10000), ("refund", -2500)]


@pytest.mark.parametrize("refused", REFUSED, ids=lambda f: str(f["status"]))
def test_a_request_that_was_refused_goes_out_again_after_a_look(payapi, refused):
    payment = paid(payapi)
    payapi.fault(path="/refund", **refused)
    first = refund(payapi, payment, {"amountMinor": 2500}, key="again-" + payment["id"])
    assert (first.status, first.data["status"]) == (202, "pending"), first
    wait_for_refunds(payapi, payment, "succeeded")
    assert len(sent(payapi, payment)) == 2 and len({r["body"] for r in sent(payapi, payment)}) == 1
    assert len(given_back(payapi, payment)) == 1


def test_while_the_list_does_not_come_nothing_is_sent(payapi):
    payment = paid(payapi)
    payapi.fault("status", method="GET", path="/refund", times=-1, status=500)
    assert refund(payapi, payment, {"amountMinor": 2500}).status == 202
    for _ in range(3):
        time_passes(payapi, payment)
        assert sync(payapi, payment).status == 202
    assert sent(payapi, payment) == []
    payapi.clear_faults()
    time_passes(payapi, payment)
    wait_for_refunds(payapi, payment, "succeeded")
    assert len(given_back(payapi, payment)) == 1


def test_a_key_whose_refund_we_lost_finds_it_there(payapi):
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    first = refund(payapi, payment, {"amountMinor": 2500}, key="restored-" + payment["id"])
    assert first.status == 201, first
    forget_refunds(payapi, payment["id"])
    again = refund(payapi, payment, {"amountMinor": 2500}, key="restored-" + payment["id"])
    assert (again.status, again.data["id"]) == (201, first.data["id"]), again
    assert len(sent(payapi, payment)) == 1 and len(given_back(payapi, payment)) == 1


# --- Lost events ----------------------------------------------------------------------------------

@pytest.mark.parametrize("acts, status, back", [(["process", "succeed"], "succeeded", 2500),
                                                (["process", "fail"], "failed", 0)])
def test_a_refund_whose_events_were_all_lost_ends_by_itself(payapi, acts, status, back):
    settings(payapi, refund_status="pending")
    payment = paid(payapi)
    payapi.webhook_settings(delivery="off")
    made = refund(payapi, payment, {"amountMinor": 2500}).data
    for each in acts:
        settle(payapi, made, each)
    assert [r["status"] for r in refunds_of(payapi, payment)] == ["pending"]
    lose(payapi, [("UPDATE payapi.refunds SET created_at = now() - interval '10 min' WHERE refund_id = %s",
                   made["id"])])
    wait_for_refunds(payapi, payment, status)
    assert payapi.payment_of(payment["orderId"])["refundedAmountMinor"] == back
    assert ledger(payapi, payment) == [("charge", 10000)] + [("refund", -back)] * (back > 0)
