"""payapi-sandbox: money going back at the played Paystack."""
import re

import pytest

from paystack_calls import (act, is_error, opened, paid, refund, refunds_of, settings, verify,
                            wait_for_events)


def test_a_refund_is_queued_and_then_processed(sandbox):
    transaction = paid(sandbox)
    answer = refund(sandbox, transaction["reference"], amount=2500, currency="NGN",
                    merchant_note="ref-1")
    assert answer.json["message"] == "Refund has been queued for processing"
    made = answer.json["data"]
    assert (made["status"], made["amount"], made["currency"]) == ("pending", 2500, "NGN")
    assert made["transaction"]["reference"] == transaction["reference"]
    found = sandbox.paystack("GET", f"/refund/{made['id']}").json["data"]
    assert (found["status"], found["transaction"], found["merchant_note"]) == \
        ("processed", transaction["id"], "ref-1")
    _, pending, processed = wait_for_events(sandbox, "charge.success", "refund.pending",
                                            "refund.processed")
    assert (pending["status"], pending["amount"], pending["refund_reference"]) == \
        ("pending", "2500", None)
    assert (processed["status"], processed["amount"]) == ("processed", "2500")
    assert re.fullmatch(r"\d+", processed["refund_reference"])
    assert processed["transaction_reference"] == transaction["reference"]
    assert "id" not in pending and "id" not in processed
    assert verify(sandbox, transaction["reference"])["status"] == "success"


def test_the_same_refund_twice_is_two_refunds(sandbox):
    transaction = paid(sandbox)
    for _ in range(2):
        assert refund(sandbox, transaction["reference"], amount=1000,
                      merchant_note="ref-1").status == 200
    assert [each["amount"] for each in
            refunds_of(sandbox, transaction["reference"])["data"]] == [1000, 1000]
    assert sandbox.control("ledger")["payments"][0]["refunded"] == 2000


def test_no_more_goes_back_than_came_in(sandbox):
    transaction = paid(sandbox)
    assert refund(sandbox, str(transaction["id"]), amount="4000").status == 200
    too_much = refund(sandbox, transaction["id"], amount=6001)
    assert is_error(too_much, 400, "invalid_params")
    assert refund(sandbox, transaction["id"]).json["data"]["amount"] == 6000
    assert "fully reversed" in refund(sandbox, transaction["id"]).json["message"]
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"
    assert sandbox.control("ledger")["charges"][0]["amount_refunded"] == 10000


@pytest.mark.parametrize("members, status", [
    ({"transaction": "r.none"}, 404), ({"transaction": None}, 400), ({"amount": 0}, 400),
    ({"amount": 2500.5}, 400), ({"currency": "GHS"}, 400), ({"merchant_note": 7}, 400)])
def test_wrong_refunds_are_refused(sandbox, members, status):
    transaction = paid(sandbox)
    body = {"transaction": transaction["reference"], "amount": 2500, **members}
    assert sandbox.paystack("POST", "/refund", body).status == status
    assert refunds_of(sandbox, transaction["id"])["meta"]["total"] == 0


def test_only_what_was_paid_goes_back(sandbox):
    reference = opened(sandbox)["reference"]
    assert refund(sandbox, reference).status == 400
    act(sandbox, reference, "decline")
    assert refund(sandbox, reference).status == 400


def test_francs_have_no_fraction_when_they_go_back(sandbox):
    transaction = paid(sandbox, amount=50000, currency="XOF")
    assert refund(sandbox, transaction["id"], amount=2550).status == 400
    assert refund(sandbox, transaction["id"], amount=2500).status == 200


def test_refunds_are_listed_by_transaction_in_pages(sandbox):
    first, second = paid(sandbox, reference="r=1"), paid(sandbox)
    made = [refund(sandbox, "r=1", amount=100 * n, merchant_note=f"ref-{n}").json["data"]["id"]
            for n in range(1, 6)][::-1]
    refund(sandbox, second["id"])
    page = refunds_of(sandbox, "r=1", perPage=2, page=2)
    assert [each["id"] for each in page["data"]] == made[2:4]
    assert page["meta"] == {"total": 5, "skipped": 2, "perPage": "2", "page": 2, "pageCount": 3,
                            "failedRefundCount": 0}
    by_id = refunds_of(sandbox, first["id"])["data"]
    assert [each["merchant_note"] for each in by_id] == [f"ref-{n}" for n in range(5, 0, -1)]
    assert refunds_of(sandbox, "r.none")["data"] == []
    assert sandbox.paystack("GET", "/refund").json["meta"]["total"] == 6
    assert sandbox.paystack("GET", "/refund/1").status == 404


def test_a_refund_is_settled_by_the_bank(sandbox):
    settings(sandbox, refund_status="pending")
    transaction = paid(sandbox)
    failing, needy = (refund(sandbox, transaction["id"], amount=n).json["data"]["id"]
                      for n in (3000, 4000))
    bank = lambda refund_id, word, status=200: sandbox.control(
        f"paystack/refunds/{refund_id}/{word}", {}, status=status)
    assert bank(failing, "process")["status"] == "processing"
    assert bank(failing, "fail")["status"] == "failed"
    bank(failing, "succeed", 409)
    assert bank(needy, "need_attention")["status"] == "needs-attention"
    events = wait_for_events(sandbox, "charge.success", "refund.pending", "refund.pending",
                             "refund.processing", "refund.failed", "refund.needs-attention")
    assert [each["amount"] for each in events[1:]] == ["3000", "4000", "3000", 3000, 4000]
    # What failed may go back after all.
    assert refund(sandbox, transaction["id"]).json["data"]["amount"] == 6000
    bank(1, "succeed", 404)


def test_a_refund_that_needs_attention_is_retried_with_an_account(sandbox):
    settings(sandbox, refund_status="needs-attention")
    made = refund(sandbox, paid(sandbox)["id"]).json["data"]
    path = f"/refund/retry_with_customer_details/{made['id']}"
    account = {"currency": "NGN", "account_number": "1234567890", "bank_id": "9"}
    assert sandbox.paystack("POST", path, {}).status == 400
    answer = sandbox.paystack("POST", path, {"refund_account_details": account})
    assert answer.json["data"]["status"] == "processing"
    assert sandbox.paystack("POST", path, {"refund_account_details": account}).status == 400


def test_a_dashboard_refund_knows_nothing_of_us(sandbox):
    transaction = paid(sandbox)
    made = act(sandbox, transaction["reference"], "refund", {"amount": 700})
    assert (made["amount"], made["status"]) == (700, "processed")
    assert transaction["reference"] in made["merchant_note"]
    act(sandbox, transaction["reference"], "refund", {"amount": 9301}, status=409)
