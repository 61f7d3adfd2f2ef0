"""payapi-sandbox, from the outside: the Paystack it plays."""
import http.client
import re
import urllib.parse

import pytest

from conftest import PAYSTACK_SECRET_KEY, Receiver, Sandbox
from paystack_calls import (INITIALIZE, act, initialize, is_error, opened, order, paid, refund,
                            settings, verify, wait_for_events)


# --- The key and the envelope --------------------------------------------------------------


@pytest.mark.parametrize("authorization, message", [
    ("Bearer sk_test_wrong", "Invalid key"), ("Bearer ", "Invalid key"),
    ("Basic " + PAYSTACK_SECRET_KEY, "No Authorization Header was found"),
])
def test_only_the_key_opens(sandbox, authorization, message):
    answer = sandbox.paystack("GET", "/balance", Authorization=authorization)
    assert (answer.status, answer.json) == (401, {"status": False, "message": message})
    assert sandbox.paystack("GET", "/balance").json["status"] is True
    assert sandbox.request("GET", "/balance").status == 401


@pytest.mark.parametrize("authorization", ["Bearer ", "Bearer x"])
def test_without_a_key_nobody_comes_in(authorization):
    receiver = Receiver()
    sandbox = Sandbox(receiver, paystack_key=())
    answer = sandbox.paystack("GET", "/balance", Authorization=authorization)
    assert (answer.status, answer.json["status"]) == (401, False)
    assert sandbox.create().status == 200
    sandbox.stop()
    receiver.shutdown()


def test_the_key_may_be_in_a_file_and_is_the_first_of_a_list(tmp_path):
    (tmp_path / "key").write_text(PAYSTACK_SECRET_KEY + ",sk_test_old\n")
    receiver = Receiver()
    sandbox = Sandbox(receiver, paystack_key=("--paystack-secret-key-file", tmp_path / "key"))
    assert sandbox.paystack("GET", "/balance").status == 200
    assert sandbox.paystack("GET", "/balance", Authorization="Bearer sk_test_old").status == 401
    sandbox.stop()
    receiver.shutdown()


def test_unknown_paths_and_bodies_that_are_no_json(sandbox):
    assert sandbox.paystack("GET", "/transaction/totals/all").status == 404
    assert sandbox.paystack("DELETE", "/refund/1").status == 404
    for body in (b"{", b"[]", b"email=a%40b.example&amount=10000", b'{"email":"\xff"}'):
        assert is_error(sandbox.paystack("POST", INITIALIZE, body), 400, "invalid_params")


# --- Transactions --------------------------------------------------------------------------


def test_a_new_transaction_is_abandoned_and_has_a_page(sandbox):
    data = opened(sandbox, reference="ord-7f3a.1=a")
    assert set(data) == {"authorization_url", "access_code", "reference"}
    assert data["reference"] == "ord-7f3a.1=a"
    assert data["authorization_url"] == f"{sandbox.url}/checkout/{data['access_code']}"
    found = verify(sandbox, "ord-7f3a.1=a")
    assert (found["status"], found["domain"]) == ("abandoned", "test")
    assert (found["amount"], found["requested_amount"], found["currency"]) == (10000, 10000, "NGN")
    assert (found["paid_at"], found["fees"], found["authorization"]) == (None, None, {})
    assert found["metadata"] == order()["metadata"]
    assert found["customer"]["email"] == "a@b.example"
    assert sandbox.paystack("GET", f"/transaction/{found['id']}").json["data"] == found


def test_a_reference_is_made_when_none_is_given(sandbox):
    assert re.fullmatch(r"[0-9A-Za-z]+", opened(sandbox)["reference"])


@pytest.mark.parametrize("reference", ["a_b", "a b", "a/b", "ä", "", "x" * 101, "a+b"])
def test_references_keep_to_their_alphabet(sandbox, reference):
    assert is_error(initialize(sandbox, reference=reference), 400, "invalid_params")


def test_a_reference_is_unique_for_ever(sandbox):
    opened(sandbox, reference="r.1")
    again = initialize(sandbox, reference="r.1")
    assert is_error(again, 400, "duplicate_reference")
    assert again.json["message"] == "Duplicate Transaction Reference"
    sandbox.control("clock", {"advance_s": 400 * 24 * 3600})
    assert initialize(sandbox, reference="r.1").status == 400
    assert opened(sandbox, reference="r.2")["reference"] == "r.2"


@pytest.mark.parametrize("changes, code", [
    ({"email": None}, "missing_params"), ({"email": ""}, "missing_params"),
    ({"email": "nobody"}, "invalid_params"), ({"email": 7}, "invalid_params"),
    ({"amount": None}, "missing_params"), ({"amount": "1e4"}, "invalid_params"),
    ({"amount": 100.5}, "invalid_params"), ({"amount": -5000}, "invalid_params"),
    ({"amount": 0}, "invalid_params"), ({"amount": 10 ** 15}, "invalid_params"),
    ({"callback_url": "javascript:alert(1)"}, "invalid_params"),
    ({"channels": "card"}, "invalid_params"), ({"channels": ["cash"]}, "invalid_params"),
    ({"metadata": "text"}, "invalid_params"), ({"metadata": [1]}, "invalid_params"),
    ({"currency": "EUR"}, "invalid_params"), ({"currency": "ngn"}, "invalid_params"),
])
def test_wrong_parameters_are_refused(sandbox, changes, code):
    assert is_error(initialize(sandbox, **changes), 400, code)
    assert sandbox.paystack("GET", "/transaction").json["meta"]["total"] == 0


@pytest.mark.parametrize("amount, currency, is_right", [
    (5000, "NGN", True), (4999, "NGN", False), (200, "USD", True), (199, "USD", False),
    (10, "GHS", True), (9, "GHS", False), (100, "ZAR", True), (99, "ZAR", False),
    (300, "KES", True), (299, "KES", False), (100, "XOF", True), (50050, "XOF", False),
    (50000, "XOF", True), ("50000", "NGN", True),
])
def test_amounts_are_hundredths_in_every_currency(sandbox, amount, currency, is_right):
    assert initialize(sandbox, amount=amount, currency=currency).status == \
        (200 if is_right else 400)


def test_an_account_has_the_currencies_switched_on_for_it(sandbox):
    settings(sandbox, currencies=["GHS", "NGN"])
    refused = initialize(sandbox, currency="USD")
    assert (refused.status, refused.json["message"]) == (400, "Currency not supported by merchant")
    assert initialize(sandbox, currency="GHS").status == 200
    assert verify(sandbox, opened(sandbox, currency=None)["reference"])["currency"] == "NGN"


def test_what_is_made_may_be_answered_by_201(sandbox):
    settings(sandbox, created_status=201)
    made = initialize(sandbox, channels=["card", "bank_transfer"])
    assert made.status == 201 and made.json["status"] is True
    transaction = act(sandbox, made.json["data"]["reference"], "pay")
    assert refund(sandbox, transaction["id"]).status == 201
    assert sandbox.paystack("GET", "/balance").status == 200


@pytest.mark.parametrize("status", [404, 400])
def test_an_unknown_reference_is_not_found(sandbox, status):
    settings(sandbox, missing_status=status)
    answer = sandbox.paystack("GET", "/transaction/verify/r.none")
    assert is_error(answer, status, "transaction_not_found")
    assert "not found" in answer.json["message"]


def test_transactions_are_listed_newest_first_in_pages(sandbox):
    references = [opened(sandbox)["reference"] for _ in range(5)][::-1]
    act(sandbox, references[1], "pay")

    def page(**params):
        answer = sandbox.paystack("GET", "/transaction?" + urllib.parse.urlencode(params)).json
        return [each["reference"] for each in answer["data"]], answer["meta"]

    found, meta = page(perPage=2, page=2)
    assert found == references[2:4]
    assert meta == {"total": 5, "total_volume": 50000, "skipped": 2, "perPage": 2, "page": 2,
                    "pageCount": 3}
    assert page(per_page=2, page=3)[0] == references[4:]
    assert page(perPage=2, page=4)[0] == []
    assert page(status="success")[0] == [references[1]]
    assert page()[1]["perPage"] == 50 and page(perPage=1000)[1]["perPage"] == 100
    assert page(**{"from": "2001-01-01T00:00:00.000Z"})[0] == references
    assert page(to="2001-01-01")[0] == []
    assert sandbox.paystack("GET", "/transaction?page=0").status == 400
    assert sandbox.paystack("GET", "/transaction?from=yesterday").status == 400


# --- What becomes of a payment -------------------------------------------------------------


def test_a_success_is_pushed_and_nothing_else_is(sandbox):
    reference = opened(sandbox)["reference"]
    act(sandbox, reference, "decline")
    act(sandbox, reference, "require_action")
    act(sandbox, reference, "abandon")
    assert act(sandbox, reference, "pay")["status"] == "success"
    data, = wait_for_events(sandbox, "charge.success")
    found = verify(sandbox, reference)
    assert data == found
    assert (found["status"], found["gateway_response"], found["fees"]) == \
        ("success", "Successful", 150)
    assert re.fullmatch(r"AUTH_\w+", found["authorization"]["authorization_code"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["paid_at"])
    act(sandbox, reference, "pay", status=409)
    assert len(sandbox.paystack_receiver.received) == 1


def test_a_failed_payment_may_be_tried_again_on_the_same_page(sandbox):
    reference = opened(sandbox)["reference"]
    act(sandbox, reference, "decline", {"gateway_response": "Do Not Honour"})
    found = verify(sandbox, reference)
    assert (found["status"], found["gateway_response"], found["message"]) == \
        ("failed", "Do Not Honour", "Do Not Honour")
    act(sandbox, reference, "abandon")
    assert verify(sandbox, reference)["status"] == "failed"
    assert act(sandbox, reference, "pay")["status"] == "success"


def test_an_otp_makes_it_ongoing(sandbox):
    reference = opened(sandbox)["reference"]
    act(sandbox, reference, "authenticate", status=409)
    assert act(sandbox, reference, "require_action")["status"] == "ongoing"
    assert act(sandbox, reference, "fail_authentication")["status"] == "failed"
    act(sandbox, reference, "fail_authentication", status=409)
    act(sandbox, reference, "require_action")
    assert act(sandbox, reference, "abandon")["status"] == "abandoned"
    act(sandbox, reference, "require_action")
    assert act(sandbox, reference, "authenticate")["status"] == "success"


@pytest.mark.parametrize("status", ["pending", "processing", "queued"])
def test_a_bank_may_take_its_time(sandbox, status):
    first, second = opened(sandbox)["reference"], opened(sandbox)["reference"]
    for reference in (first, second):
        assert act(sandbox, reference, "async_pay", {"status": status})["status"] == status
        act(sandbox, reference, "pay", status=409)
    assert act(sandbox, first, "async_succeed")["status"] == "success"
    assert act(sandbox, second, "async_fail")["status"] == "failed"
    act(sandbox, first, "async_fail", status=409)
    data, = wait_for_events(sandbox, "charge.success")
    assert (data["reference"], data["channel"]) == (first, "bank_transfer")


def test_a_closed_page_takes_no_money(sandbox):
    data = opened(sandbox)
    act(sandbox, data["reference"], "require_action")
    assert act(sandbox, data["reference"], "expire")["status"] == "abandoned"
    act(sandbox, data["reference"], "pay", status=409)
    assert sandbox.request("GET", "/checkout/" + data["access_code"]).status == 410
    assert sandbox.request("POST", f"/checkout/{data['access_code']}/pay").status == 409


def test_fees_may_be_passed_on_and_transfers_may_be_short(sandbox):
    settings(sandbox, fees_passed_on=True)
    more = paid(sandbox)
    assert (more["requested_amount"], more["amount"], more["fees"]) == (10000, 10150, 150)
    settings(sandbox, fees_passed_on=False)
    less = act(sandbox, opened(sandbox)["reference"], "pay", {"amount": 9000})
    assert (less["requested_amount"], less["amount"]) == (10000, 9000)
    act(sandbox, opened(sandbox)["reference"], "pay", {"amount": -1}, status=400)


def test_a_lost_page_can_not_be_had_again(sandbox):
    sandbox.fault("lose_answer", path=INITIALIZE)
    with pytest.raises(http.client.RemoteDisconnected):
        initialize(sandbox, reference="p1.1")
    assert verify(sandbox, "p1.1")["status"] == "abandoned"
    assert is_error(initialize(sandbox, reference="p1.1"), 400, "duplicate_reference")
    other = opened(sandbox, reference="p1.2")
    act(sandbox, "p1.1", "pay")
    act(sandbox, other["reference"], "pay")
    row, = sandbox.control("ledger")["payments"]
    assert (row["charges"], row["charged"]) == (2, 20000)


# --- What their own samples do -------------------------------------------------------------


@pytest.mark.parametrize("form, expected", [
    ("as_sent", {"payment_id": "p1"}), ("text", '{"payment_id":"p1"}'), ("empty", ""),
    ("zero", 0), ("null", None)])
def test_metadata_comes_back_in_any_form(sandbox, form, expected):
    settings(sandbox, metadata=form)
    assert paid(sandbox, metadata={"payment_id": "p1"})["metadata"] == expected
    data, = wait_for_events(sandbox, "charge.success")
    assert data["metadata"] == expected
    assert sandbox.control("ledger")["charges"][0]["metadata"] == {"payment_id": "p1"}


def test_metadata_may_be_sent_as_text_or_not_at_all(sandbox):
    text = '{"payment_id": "p2"}'
    assert paid(sandbox, metadata=text)["metadata"] == text
    assert paid(sandbox, metadata=None)["metadata"] == ""
    assert [each["payment_id"] for each in sandbox.control("ledger")["payments"]] == ["p2"]


def test_a_status_may_be_text_and_an_error_bare(sandbox):
    settings(sandbox, status_as_text=True)
    assert initialize(sandbox, amount=1).json["status"] == "false"
    settings(sandbox, status_as_text=False, message_only=True)
    assert set(initialize(sandbox, amount=1).json) == {"status", "message"}


def test_ids_in_webhooks_may_be_text(sandbox):
    settings(sandbox, ids_as_text=True)
    transaction = paid(sandbox)
    data, = wait_for_events(sandbox, "charge.success")
    assert data["id"] == str(transaction["id"])
    assert verify(sandbox, transaction["reference"])["id"] == transaction["id"]


def test_charge_failed_is_sent_only_when_asked_for(sandbox):
    settings(sandbox, charge_failed=True)
    act(sandbox, opened(sandbox)["reference"], "decline")
    data, = wait_for_events(sandbox, "charge.failed")
    assert data["status"] == "failed"


def test_the_mode_may_be_the_other_one(sandbox):
    settings(sandbox, domain="live")
    assert paid(sandbox)["domain"] == "live"


@pytest.mark.parametrize("members", [
    {"refund_status": "maybe"}, {"metadata": "object"}, {"domain": "prod"},
    {"currencies": ["EUR"]}, {"currencies": "NGN"}, {"missing_status": 500},
    {"created_status": 202}, {"unknown": 1}])
def test_a_wrong_setting_is_refused_and_changes_nothing(sandbox, members):
    before = settings(sandbox)
    settings(sandbox, status=400, fees_passed_on=True, **members)
    assert settings(sandbox) == before


def test_ids_are_of_the_size_of_paystacks_own(sandbox):
    for _ in range(2):
        transaction = paid(sandbox)
        assert 10 ** 9 < transaction["id"] < 10 ** 13 < 2 ** 53
        assert transaction["customer"]["id"] < 2 ** 53


def test_ids_beyond_what_a_double_holds_are_an_option(sandbox):
    settings(sandbox, large_ids=True)
    first, second = paid(sandbox), paid(sandbox)
    assert second["id"] == first["id"] + 1 > 2 ** 60
    assert float(first["id"]) == float(second["id"])
    assert sandbox.paystack("GET", f"/transaction/{second['id']}").json["data"]["id"] == second["id"]
