"""payapi-sandbox: what the payer of the played Paystack sees, and faults on the way."""
import http.client
import json

import pytest

from conftest import wait_for
from paystack_calls import (INITIALIZE, act, initialize, opened, order, paid, refund, refunds_of,
                           verify, wait_for_events)


def page(sandbox, data, path=""):
    return sandbox.request("GET", f"/checkout/{data['access_code']}{path}")


def press(sandbox, data, name):
    return sandbox.request("POST", f"/checkout/{data['access_code']}/{name}")


# --- The page ------------------------------------------------------------------------------


def test_the_page_shows_the_order_and_escapes_it(sandbox):
    data = opened(sandbox, email='"<a>"@b.example')
    shown = page(sandbox, data)
    assert shown.status == 200 and shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "NGN 100.00" in shown.text and "&lt;a&gt;" in shown.text and "<a>" not in shown.text
    assert "TEST MODE" in shown.text and data["reference"] in shown.text and "a sandbox of Paystack" in shown.text
    assert "https://shop.example" in shown.headers["Content-Security-Policy"]
    for button in ("pay", "decline", "otp", "bank-transfer", "leave"):
        assert f'id="{button}"' in shown.text
    assert sandbox.request("GET", "/pay/style.css").status == 200
    assert sandbox.request("GET", "/checkout/none").status == 404
    assert sandbox.request("POST", "/checkout/none/pay").status == 404


def test_paying_leads_back_with_both_names_of_the_reference(sandbox):
    data = opened(sandbox, reference="r=1")
    for _ in range(2):          # the button may be pressed twice
        back = press(sandbox, data, "pay")
        assert (back.status, back.headers["Location"]) == (
            303, "https://shop.example/back?order=1&trxref=r%3D1&reference=r%3D1")
    assert verify(sandbox, "r=1")["status"] == "success"
    wait_for_events(sandbox, "charge.success")
    assert "is paid" in page(sandbox, data).text
    other = opened(sandbox, callback_url="https://shop.example/back")
    assert press(sandbox, other, "pay").headers["Location"] == \
        "https://shop.example/back?trxref={0}&reference={0}".format(other["reference"])


def test_without_a_callback_the_payer_stays(sandbox):
    data = opened(sandbox, callback_url=None)
    assert press(sandbox, data, "pay").headers["Location"] == "/checkout/" + data["access_code"]


def test_a_decline_is_shown_and_not_final(sandbox):
    data = opened(sandbox)
    assert press(sandbox, data, "decline").headers["Location"] == \
        "/checkout/" + data["access_code"]
    assert "Insufficient Funds" in page(sandbox, data).text
    assert verify(sandbox, data["reference"])["status"] == "failed"
    assert press(sandbox, data, "pay").status == 303
    assert verify(sandbox, data["reference"])["status"] == "success"
    assert press(sandbox, data, "decline").status == 409


def test_an_otp_is_one_more_page(sandbox):
    data = opened(sandbox)
    assert press(sandbox, data, "authenticate").status == 409
    otp = press(sandbox, data, "otp").headers["Location"]
    assert otp == f"/checkout/{data['access_code']}/otp"
    assert 'id="authenticate"' in sandbox.request("GET", otp).text
    assert verify(sandbox, data["reference"])["status"] == "ongoing"
    press(sandbox, data, "fail-authentication")
    assert verify(sandbox, data["reference"])["gateway_response"] == "Incorrect OTP"
    assert sandbox.request("GET", otp).status == 303
    press(sandbox, data, "otp")
    assert press(sandbox, data, "authenticate").status == 303
    assert verify(sandbox, data["reference"])["status"] == "success"


def test_a_bank_transfer_takes_its_time(sandbox):
    data = opened(sandbox)
    assert press(sandbox, data, "bank-transfer").headers["Location"].startswith("https://shop")
    assert verify(sandbox, data["reference"])["status"] == "pending"
    assert "once it succeeds" in page(sandbox, data).text
    assert press(sandbox, data, "pay").status == 409


def test_leaving_keeps_the_page_open(sandbox):
    data = opened(sandbox)
    press(sandbox, data, "otp")
    assert press(sandbox, data, "leave").headers["Location"] == "https://shop.example/left"
    assert verify(sandbox, data["reference"])["status"] == "abandoned"
    assert press(sandbox, data, "pay").status == 303
    other = opened(sandbox, metadata={"cancel_action": "javascript:alert(1)"})
    assert press(sandbox, other, "leave").headers["Location"] == \
        "/checkout/" + other["access_code"]


# --- Faults --------------------------------------------------------------------------------


def fault(sandbox, action, **more):
    return sandbox.control("faults", {"action": action, "match": {"provider": "paystack"}, **more})


@pytest.mark.parametrize("status, members", [
    (400, {"type": "validation_error", "code": "invalid_params"}), (401, {}), (403, {}),
    (429, {}), (500, {"type": "api_error"}), (503, {"type": "api_error"})])
def test_an_error_before_the_work_does_nothing(sandbox, status, members):
    fault(sandbox, "status", status=status, headers={"Retry-After": "1"})
    answer = initialize(sandbox, reference="r.1")
    assert answer.status == status and answer.json["status"] is False and answer.json["message"]
    assert {name: answer.json.get(name) for name in members} == members
    assert answer.headers["Retry-After"] == "1"
    assert initialize(sandbox, reference="r.1").status == 200


def test_an_error_says_what_the_fault_says(sandbox):
    fault(sandbox, "status", status=400, type="processor_error", code="insufficient_funds",
          message="Insufficient funds")
    body = initialize(sandbox).json
    assert (body["type"], body["code"], body["message"]) == \
        ("processor_error", "insufficient_funds", "Insufficient funds")


def test_an_error_after_the_work_hides_it(sandbox):
    fault(sandbox, "status", status=500, after_work=True)
    assert initialize(sandbox, reference="r.1").status == 500
    assert verify(sandbox, "r.1")["status"] == "abandoned"


def test_a_lost_refund_is_found_by_its_note(sandbox):
    transaction = paid(sandbox)
    sandbox.fault("lose_answer", path="/refund")
    with pytest.raises(http.client.RemoteDisconnected):
        refund(sandbox, transaction["id"], amount=1000, merchant_note="ref-1")
    found, = refunds_of(sandbox, transaction["id"])["data"]
    assert (found["merchant_note"], found["amount"]) == ("ref-1", 1000)


def test_a_reset_comes_before_the_work(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "reset")
    with pytest.raises(ConnectionResetError):
        refund(sandbox, transaction["id"])
    assert refunds_of(sandbox, transaction["id"])["data"] == []


def test_spoilt_bodies(sandbox):
    fault(sandbox, "malformed")
    with pytest.raises(json.JSONDecodeError):
        initialize(sandbox).json
    fault(sandbox, "html", status=502)
    assert initialize(sandbox).headers["Content-Type"] == "text/html"
    fault(sandbox, "huge")
    assert len(initialize(sandbox).body) == 10 * 1024 * 1024
    fault(sandbox, "cut_body")
    with pytest.raises(http.client.IncompleteRead):
        initialize(sandbox)


def test_a_wrong_amount_is_too_small_and_a_wrong_currency_another_one(sandbox):
    transaction = paid(sandbox)
    fault(sandbox, "wrong_amount")
    wrong = verify(sandbox, transaction["reference"])
    assert (wrong["amount"], wrong["requested_amount"]) == (9999, 10000)
    fault(sandbox, "wrong_currency")
    assert verify(sandbox, transaction["reference"])["currency"] == "USD"
    refund(sandbox, transaction["id"], amount=1000)
    fault(sandbox, "wrong_amount")
    assert refunds_of(sandbox, transaction["id"])["data"][0]["amount"] == 999


def test_a_hang_after_the_work(sandbox):
    fault(sandbox, "hang", seconds=60, after_work=True)
    with pytest.raises(TimeoutError):
        sandbox.paystack("POST", INITIALIZE, order(reference="r.1"), timeout=0.5)
    assert verify(sandbox, "r.1")["status"] == "abandoned"
    sandbox.control("faults", method="DELETE")


def test_one_provider_is_down_and_the_other_is_not(sandbox):
    data = opened(sandbox)
    fault(sandbox, "reset", times=-1)
    for call in (lambda: initialize(sandbox), lambda: page(sandbox, data),
                 lambda: sandbox.paystack("GET", "/balance")):
        with pytest.raises(ConnectionResetError):
            call()
    assert sandbox.create().status == 200
    sandbox.control("faults", method="DELETE")
    sandbox.control("faults", {"action": "status", "match": {"provider": "stripe"}, "times": -1})
    assert sandbox.create().status == 500
    assert initialize(sandbox).status == 200
    assert sandbox.control("faults", {"action": "status", "match": {"provider": "paypal"}},
                           status=400)["error"]


def test_answers_are_lost_by_a_seed(sandbox):
    def run():
        sandbox.control("faults", method="DELETE")
        fault(sandbox, "lose_answer", probability=0.3, seed=7)
        lost = []
        for _ in range(30):
            try:
                lost.append(initialize(sandbox).status)
            except http.client.RemoteDisconnected:
                lost.append(0)
        return lost

    first = run()
    assert run() == first and set(first) == {0, 200}
    sandbox.control("faults", method="DELETE")
    assert sandbox.paystack("GET", "/transaction").json["meta"]["total"] == 60


# --- What a test can see -------------------------------------------------------------------


def test_requests_and_counts_name_the_operation(sandbox):
    data = opened(sandbox, reference="r.1")
    verify(sandbox, "r.1")
    verify(sandbox, "r.1")
    last = sandbox.control("requests?limit=1")["requests"][0]
    assert (last["provider"], last["path"]) == ("paystack", "/transaction/verify/r.1")
    counts = {(each["method"], each["path"]): each["count"]
              for each in sandbox.control("ledger")["requests"]}
    assert counts == {("POST", INITIALIZE): 1, ("GET", "/transaction/verify/:id"): 2}
    assert data["reference"] == "r.1"


def test_the_ledger_sums_up_both_providers(sandbox):
    sandbox.paid_intent()
    first = paid(sandbox)
    act(sandbox, first["reference"], "refund", {"amount": 2500})
    paid(sandbox, metadata={"payment_id": "p2"}, currency="GHS")
    rows = {(row["provider"], row["payment_id"], row["currency"]):
            (row["charges"], row["charged"], row["refunded"])
            for row in sandbox.control("ledger")["payments"]}
    assert rows == {("stripe", "p1", "usd"): (1, 9999, 0),
                    ("paystack", "p1", "NGN"): (1, 10000, 2500),
                    ("paystack", "p2", "GHS"): (1, 10000, 0)}
    sandbox.control("reset", {})
    assert sandbox.control("ledger")["payments"] == []
    wait_for(lambda: sandbox.control("webhooks/deliveries")["deliveries"] == [], "no deliveries")
