"""payapi-sandbox: a payer of the played Paystack asks the bank for the money back."""
import urllib.parse

import pytest

from paystack_calls import act, is_error, opened, paid, refund, verify, wait_for_events

RESOLVED = {"resolution": "merchant-accepted", "message": "Sorry", "refund_amount": 10000,
            "uploaded_filename": "proof.pdf"}


def disputed(sandbox, **members):
    transaction = paid(sandbox)
    return transaction, act(sandbox, transaction["reference"], "dispute", members)


def fetch(sandbox, dispute):
    return sandbox.paystack("GET", f"/dispute/{dispute['id']}").json["data"]


def resolve(sandbox, dispute, **changes):
    return sandbox.paystack("PUT", f"/dispute/{dispute['id']}/resolve", {**RESOLVED, **changes})


def bank(sandbox, dispute, word, body=None, status=200):
    return sandbox.control(f"paystack/disputes/{dispute['id']}/{word}", body or {}, status=status)


def listed(sandbox, **params):
    answer = sandbox.paystack("GET", "/dispute?" + urllib.parse.urlencode(params)).json
    return [each["id"] for each in answer["data"]], answer["meta"]


def test_a_dispute_is_told_and_can_be_fetched(sandbox):
    transaction, dispute = disputed(sandbox, refund_amount=4000, category="fraud")
    assert fetch(sandbox, dispute) == dispute
    assert (dispute["status"], dispute["resolution"], dispute["category"]) == \
        ("awaiting-merchant-feedback", None, "fraud")
    assert (dispute["refund_amount"], dispute["currency"]) == (4000, "NGN")
    assert dispute["transaction"]["reference"] == transaction["reference"]
    assert dispute["id"] and dispute["dueAt"] and dispute["resolvedAt"] is None
    bank(sandbox, dispute, "remind")
    _, created, reminded = wait_for_events(sandbox, "charge.success", "charge.dispute.create",
                                           "charge.dispute.remind")
    # Webhooks spell it created_at, the API createdAt.
    assert created == reminded and created["created_at"] == dispute["createdAt"]
    assert "createdAt" not in created and "created_at" not in dispute
    assert created["id"] == dispute["id"]
    assert created["transaction"]["id"] == transaction["id"]


def test_what_is_accepted_goes_back(sandbox):
    transaction, dispute = disputed(sandbox)
    answer = resolve(sandbox, dispute).json["data"]
    assert (answer["status"], answer["resolution"]) == ("resolved", "merchant-accepted")
    assert (answer["attachments"], answer["messages"][0]["body"]) == ("proof.pdf", "Sorry")
    assert [each["status"] for each in answer["history"]] == \
        ["awaiting-merchant-feedback", "resolved"]
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"
    assert refund(sandbox, transaction["id"]).status == 400
    event = wait_for_events(sandbox, "charge.success", "charge.dispute.create",
                            "charge.dispute.resolve")[-1]
    assert (event["status"], event["resolution"]) == ("resolved", "merchant-accepted")
    ledger = sandbox.control("ledger")
    assert ledger["charges"][0]["amount_charged_back"] == 10000
    row, = ledger["disputes"]
    assert (row["provider"], row["amount"], row["resolution"], row["metadata"]["payment_id"]) == \
        ("paystack", 10000, "merchant-accepted", "p1")
    assert is_error(resolve(sandbox, dispute), 400, "invalid_params")


def test_what_is_declined_stays(sandbox):
    transaction, dispute = disputed(sandbox)
    assert resolve(sandbox, dispute, resolution="declined",
                   refund_amount=0).json["data"]["resolution"] == "declined"
    assert verify(sandbox, transaction["reference"])["status"] == "success"
    assert sandbox.control("ledger")["charges"][0]["amount_charged_back"] == 0


def test_a_part_may_be_accepted(sandbox):
    transaction, dispute = disputed(sandbox)
    assert resolve(sandbox, dispute, refund_amount=4000).json["data"]["refund_amount"] == 4000
    assert verify(sandbox, transaction["reference"])["status"] == "success"
    assert refund(sandbox, transaction["id"], amount=6001).status == 400
    assert refund(sandbox, transaction["id"], amount=6000).status == 200
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"


def test_no_more_than_the_dispute_is_given_back(sandbox):
    _, dispute = disputed(sandbox, refund_amount=4000)
    too_much = {"resolution": "merchant-accepted", "refund_amount": 4001}
    bank(sandbox, dispute, "resolve", too_much, 409)
    bank(sandbox, dispute, "resolve", {**too_much, "refund_amount": -1}, 400)
    assert sandbox.control("ledger")["charges"][0]["amount_charged_back"] == 0


def test_a_refund_meanwhile_leaves_less_to_give_back(sandbox):
    transaction, dispute = disputed(sandbox)
    assert refund(sandbox, transaction["id"], amount=7000).status == 200
    assert resolve(sandbox, dispute).json["data"]["refund_amount"] == 3000
    charge, = sandbox.control("ledger")["charges"]
    assert charge["amount_refunded"] + charge["amount_charged_back"] == 10000


def test_what_nobody_answers_is_accepted_when_it_is_due(sandbox):
    transaction, dispute = disputed(sandbox, due_s=3600)
    sandbox.control("clock", {"advance_s": 3500})
    assert fetch(sandbox, dispute)["status"] == "awaiting-merchant-feedback"
    sandbox.control("clock", {"advance_s": 200})
    assert fetch(sandbox, dispute)["resolution"] == "auto-accepted"
    assert verify(sandbox, transaction["reference"])["status"] == "reversed"
    wait_for_events(sandbox, "charge.success", "charge.dispute.create", "charge.dispute.resolve")


def test_a_dispute_at_the_bank_is_not_accepted_by_itself(sandbox):
    _, dispute = disputed(sandbox)
    assert bank(sandbox, dispute, "update", {"status": "awaiting-bank-feedback"})["status"] == \
        "awaiting-bank-feedback"
    sandbox.control("clock", {"advance_s": 2 * 24 * 3600})
    assert fetch(sandbox, dispute)["status"] == "awaiting-bank-feedback"
    assert bank(sandbox, dispute, "update", {"status": "pending"})["status"] == "pending"
    assert bank(sandbox, dispute, "resolve", {"resolution": "declined"})["status"] == "resolved"
    for word, body in (("update", {"status": "pending"}), ("remind", {}),
                       ("resolve", {"resolution": "declined"})):
        bank(sandbox, dispute, word, body, 409)
    wait_for_events(sandbox, "charge.success", "charge.dispute.create", "charge.dispute.resolve")


def test_a_dispute_may_be_archived(sandbox):
    _, dispute = disputed(sandbox)
    assert bank(sandbox, dispute, "update", {"status": "archived"})["status"] == "archived"
    assert is_error(resolve(sandbox, dispute), 400, "invalid_params")
    bank(sandbox, dispute, "update", {"status": "pending"}, 409)
    sandbox.control("clock", {"advance_s": 2 * 24 * 3600})
    assert listed(sandbox, status="archived")[0] == [dispute["id"]]
    _, other = disputed(sandbox)
    bank(sandbox, other, "resolve", {"resolution": "declined"})
    assert bank(sandbox, other, "update", {"status": "archived"})["resolution"] == "declined"


def test_disputes_are_listed(sandbox):
    first, one = disputed(sandbox)
    _, two = disputed(sandbox)
    bank(sandbox, one, "resolve", {"resolution": "auto-accepted"})
    assert listed(sandbox)[0] == [two["id"], one["id"]]
    assert listed(sandbox, status="resolved")[0] == [one["id"]]
    assert listed(sandbox, transaction=first["id"])[0] == [one["id"]]
    found, meta = listed(sandbox, perPage=1, page=2)
    assert found == [one["id"]] and (meta["total"], meta["pageCount"]) == (2, 2)
    path = f"/dispute/transaction/{first['id']}"
    assert sandbox.paystack("GET", path).json["data"]["id"] == one["id"]
    assert sandbox.paystack("GET", "/dispute/transaction/1").status == 404
    assert sandbox.paystack("GET", "/dispute/1").status == 404


def test_evidence_is_kept(sandbox):
    _, dispute = disputed(sandbox)
    path = f"/dispute/{dispute['id']}"
    evidence = {"customer_email": "a@b.example", "customer_name": "A B", "customer_phone": "1",
                "service_details": "Two tickets"}
    assert is_error(sandbox.paystack("POST", path + "/evidence", {}), 400, "missing_params")
    made = sandbox.paystack("POST", path + "/evidence", evidence).json["data"]
    assert {**made, **evidence} == made and made["dispute"] == dispute["id"]
    assert fetch(sandbox, dispute)["evidence"] == made
    upload = sandbox.paystack("GET", path + "/upload_url?upload_filename=x.pdf").json["data"]
    assert upload["fileName"] == "x.pdf" and upload["signedUrl"].startswith("http")
    assert sandbox.paystack("GET", path + "/upload_url").status == 400
    updated = sandbox.paystack("PUT", path, {"refund_amount": 10, "uploaded_filename": "x.pdf"})
    assert (updated.json["data"]["refund_amount"], updated.json["data"]["attachments"]) == \
        (10, "x.pdf")


@pytest.mark.parametrize("changes, code", [
    ({"resolution": "auto-accepted"}, "invalid_params"), ({"resolution": None}, "missing_params"),
    ({"message": ""}, "missing_params"), ({"uploaded_filename": None}, "missing_params"),
    ({"refund_amount": None}, "missing_params"), ({"refund_amount": 10001}, "invalid_params"),
    ({"refund_amount": 0}, "invalid_params")])
def test_wrong_resolutions_are_refused(sandbox, changes, code):
    _, dispute = disputed(sandbox)
    assert is_error(resolve(sandbox, dispute, **changes), 400, code)
    assert fetch(sandbox, dispute)["status"] == "awaiting-merchant-feedback"


def test_only_what_was_paid_can_be_disputed(sandbox):
    act(sandbox, opened(sandbox)["reference"], "dispute", status=409)
    transaction = paid(sandbox)
    act(sandbox, transaction["reference"], "dispute", {"refund_amount": 10001}, 409)
    refund(sandbox, transaction["id"])
    act(sandbox, transaction["reference"], "dispute", status=409)
    act(sandbox, "r.none", "dispute", status=404)
