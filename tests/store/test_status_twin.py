"""The status that follows from the facts: the guard of payments must agree with the table below.

tests/infrastructure/postgres/test_store_derivation.c compares the same guard with src/domain/payment.c.
"""
import itertools

from conftest import PAYMENT

DUE = 9999
MONEY = [(0, 0), (9999, 0), (9999, 1), (9999, 9998), (9999, 9999), (1, 0), (1, 1), (9998, 0), (9998, 1),
         (20000, 0), (20000, 10001), (20000, 20000)]
CLOSES = ["open", "failed", "expired", "cancelled"]
PROGRESS = ["none", "opened", "requires_action", "processing", "failed"]
STATUSES = ["pending", "processing", "requires_action", "completed", "failed", "cancelled", "expired",
            "partially_refunded", "refunded"]
OF_PROGRESS = {"none": "pending", "opened": "processing", "requires_action": "requires_action",
               "processing": "processing", "failed": "failed"}


def meaning(captured, refunded, close, progress, human_accepted):
    if captured and refunded == captured:
        return "refunded"
    if 0 < captured < DUE and not human_accepted:
        return "processing"
    if captured:
        return "partially_refunded" if refunded else "completed"
    return OF_PROGRESS[progress] if close == "open" else close


def test_the_check_accepts_the_one_status_that_facts_mean(shop):
    seen = set()
    for (captured, refunded), close, progress, human_accepted in itertools.product(MONEY, CLOSES, PROGRESS,
                                                                                   [False, True]):
        expected = meaning(captured, refunded, close, progress, human_accepted)
        accepted = []
        for status in STATUSES:
            refusal = shop.refusal(
                "UPDATE payments SET captured_minor = %s, refund_held_minor = %s, refunded_minor = %s,"
                " close_reason = %s, progress = %s, status = %s, completed_at = CASE WHEN %s > 0 THEN now() END,"
                " accepted = %s, mismatch = true, review_reason = 'another amount' WHERE payment_id = %s",
                captured, refunded, refunded, close, progress, status, captured, human_accepted, PAYMENT)
            if refusal is None:
                accepted.append(status)
            else:
                assert refusal.diag.constraint_name == "status_follows_from_facts", refusal
        assert accepted == [expected], (captured, refunded, close, progress, human_accepted)
        seen.add(expected)
    assert seen == set(STATUSES)
