"""The lists of a whole account, as the providers have them, and the ledger's own list of movements."""
import datetime
import urllib.parse

import pytest

from conftest import wait_for
from paystack_calls import act, opened, paid, refund, settings

BALANCE = "/v1/balance_transactions"


def listed(sandbox, path, **params):
    answer = sandbox.api("GET", path, params)
    assert answer.status == 200, answer.body
    return answer.json["data"]


def pages(sandbox, path, **params):
    """The ids of all pages, as a client reads them by starting_after."""
    ids, after = [], {}
    while True:
        answer = sandbox.api("GET", path, {**params, **after}).json
        ids += [each["id"] for each in answer["data"]]
        if not answer["has_more"]:
            return ids
        after = {"starting_after": ids[-1]}


def paystack_list(sandbox, path, **params):
    answer = sandbox.paystack("GET", path + "?" + urllib.parse.urlencode(params))
    assert answer.status == 200, answer.body
    return answer.json


# --- Stripe --------------------------------------------------------------------------------


def test_a_charge_comes_in_less_its_fee(sandbox):
    intent = sandbox.paid_intent()
    charge, = listed(sandbox, "/v1/charges")
    movement, = listed(sandbox, BALANCE)
    assert charge["balance_transaction"] == movement["id"] and movement["source"] == charge["id"]
    assert (movement["type"], movement["reporting_category"]) == ("charge", "charge")
    assert (movement["amount"], movement["fee"], movement["net"]) == (9999, 319, 9680)
    assert movement["fee_details"] == [{"amount": 319, "application": None, "currency": "usd",
                                        "description": "Stripe processing fees",
                                        "type": "stripe_fee"}]
    assert (movement["currency"], movement["status"]) == ("usd", "pending")
    assert movement["created"] == charge["created"] < movement["available_on"]
    assert sandbox.api("GET", f"{BALANCE}/{movement['id']}").json == movement
    session = sandbox.api("GET", "/v1/payment_intents/" + intent,
                          {"expand": ["latest_charge.balance_transaction"]}).json
    assert session["latest_charge"]["balance_transaction"] == movement


def test_each_movement_names_its_source_and_type(sandbox):
    intent = sandbox.paid_intent()
    refunded = sandbox.control(f"payment_intents/{intent}/refund", {"amount": 500})
    sandbox.control(f"refunds/{refunded['id']}/fail", {})
    dispute = sandbox.control(f"payment_intents/{intent}/dispute", {"amount": 700})
    sandbox.control(f"disputes/{dispute['id']}/close", {"status": "won"})
    charge, = listed(sandbox, "/v1/charges")
    movements = [(each["reporting_category"], each["type"], each["source"], each["amount"],
                  each["fee"], each["net"]) for each in listed(sandbox, BALANCE)]
    assert movements == [
        ("dispute_reversal", "adjustment", dispute["id"], 700, 0, 700),
        ("dispute", "adjustment", dispute["id"], -700, 1500, -2200),
        ("refund_failure", "refund_failure", refunded["id"], 500, 0, 500),
        ("refund", "refund", refunded["id"], -500, 0, -500),
        ("charge", "charge", charge["id"], 9999, 319, 9680)]
    assert [each["amount"] for each in listed(sandbox, BALANCE, source=dispute["id"])] == [700, -700]
    assert [each["amount"] for each in listed(sandbox, BALANCE, type="refund")] == [-500]
    assert listed(sandbox, BALANCE, currency="eur") == listed(sandbox, BALANCE, payout="po_1") == []
    failed = sandbox.api("GET", "/v1/refunds/" + refunded["id"]).json
    assert failed["balance_transaction"] != failed["failure_balance_transaction"]
    expanded = listed(sandbox, BALANCE, expand=["data.source"], type="adjustment")
    assert [each["source"]["object"] for each in expanded] == ["dispute", "dispute"]


def test_a_bank_debit_is_a_payment_and_moves_when_it_succeeds(sandbox):
    session = sandbox.session()
    sandbox.control(f"sessions/{session['id']}/async_pay", {})
    assert listed(sandbox, BALANCE) == []
    sandbox.control("clock", {"advance_s": 3 * 86400})
    sandbox.control(f"sessions/{session['id']}/async_succeed", {})
    charge, = listed(sandbox, "/v1/charges")
    movement, = listed(sandbox, BALANCE)
    assert movement["type"] == "payment"
    assert movement["created"] >= charge["created"] + 3 * 86400


def test_movements_are_told_late_when_so_set(sandbox):
    sandbox.control("settings", {"balance_delay_s": 5})
    sandbox.paid_intent()
    charge, = listed(sandbox, "/v1/charges")
    assert charge["balance_transaction"] is None and listed(sandbox, BALANCE) == []
    assert charge["paid"] and "charge.updated" not in sandbox.receiver.types
    sandbox.control("clock", {"advance_s": 6})
    wait_for(lambda: "charge.updated" in sandbox.receiver.types, "the event")
    movement, = listed(sandbox, BALANCE)
    updated, = listed(sandbox, "/v1/charges")
    event, = listed(sandbox, "/v1/events", type="charge.updated")
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    assert updated == event["data"]["object"]
    assert updated["balance_transaction"] == movement["id"]
    assert movement["created"] == charge["created"]


@pytest.mark.parametrize("path", ["/v1/charges", "/v1/refunds", "/v1/disputes", BALANCE])
def test_the_lists_of_the_account_are_paged_and_filtered_by_time(sandbox, path):
    moments = []
    for _ in range(5):
        intent = sandbox.paid_intent()
        sandbox.control(f"payment_intents/{intent}/refund", {"amount": 100})
        sandbox.control(f"payment_intents/{intent}/dispute", {"amount": 100})
        moments.append(sandbox.control("health")["now"])
        sandbox.control("clock", {"advance_s": 3600})
    ids = pages(sandbox, path, limit=2)
    per_intent = 3 if path == BALANCE else 1
    assert len(set(ids)) == len(ids) == 5 * per_intent
    middle = pages(sandbox, path, limit=2,
                   created={"gte": moments[1] - 60, "lte": moments[3] + 60})
    assert middle == ids[per_intent:-per_intent]
    assert pages(sandbox, path, limit=2, created={"gt": moments[4] + 60}) == []


@pytest.mark.parametrize("path, params", [
    ("/v1/charges", {"paid": "true"}), ("/v1/charges", {"created": {"since": 1}}),
    (BALANCE, {"charge": "ch_1"}), (BALANCE, {"limit": 101}), (BALANCE, {"limit": 0}),
    ("/v1/refunds", {"status": "succeeded"}), ("/v1/disputes", {"status": "lost"})])
def test_what_stripe_does_not_take_is_refused(sandbox, path, params):
    answer = sandbox.api("GET", path, params)
    assert answer.status == 400 and answer.error["type"] == "invalid_request_error"


# --- Paystack ------------------------------------------------------------------------------


def test_paystacks_transactions_are_listed_by_status_and_time(sandbox):
    moments, ids = [], []
    for _ in range(4):
        opened(sandbox)
        ids.insert(0, paid(sandbox)["id"])
        moments.append(sandbox.control("health")["now"])
        sandbox.control("clock", {"advance_s": 86400})
    answer = paystack_list(sandbox, "/transaction", status="success", perPage=3)
    assert [each["id"] for each in answer["data"]] == ids[:3]
    assert answer["meta"] == {"total": 4, "total_volume": 40000, "skipped": 0, "perPage": 3,
                              "page": 1, "pageCount": 2}
    assert {each["fees"] for each in answer["data"]} == {150}
    second = paystack_list(sandbox, "/transaction", status="success", perPage=3, page=2)
    assert [each["id"] for each in second["data"]] == ids[3:] and second["meta"]["skipped"] == 3

    def moment(at):
        return datetime.datetime.fromtimestamp(at, datetime.timezone.utc) \
            .strftime("%Y-%m-%dT%H:%M:%S.000Z")

    middle = paystack_list(sandbox, "/transaction", status="success",
                           **{"from": moment(moments[1] - 60), "to": moment(moments[2] + 60)})
    assert [each["id"] for each in middle["data"]] == ids[1:3]
    assert len(paystack_list(sandbox, "/transaction", status="abandoned")["data"]) == 4
    assert sandbox.paystack("GET", "/transaction?status=ongoing").status == 400


def test_a_list_read_by_cursor_does_not_shift(sandbox):
    ids = [paid(sandbox)["id"] for _ in range(5)][::-1]
    seen, params = [], {"use_cursor": "true", "perPage": 2}
    while True:
        answer = paystack_list(sandbox, "/transaction", **params)
        seen += [each["id"] for each in answer["data"]]
        paid(sandbox)
        if answer["meta"]["next"] is None:
            break
        params["next"] = answer["meta"]["next"]
    assert seen == ids and answer["meta"]["perPage"] == 2
    assert sandbox.paystack("GET", "/transaction?use_cursor=true&next=nonsense").status == 400


def test_the_same_list_read_by_pages_shifts(sandbox):
    ids = [paid(sandbox)["id"] for _ in range(4)][::-1]
    first = paystack_list(sandbox, "/transaction", perPage=2)["data"]
    paid(sandbox)
    second = paystack_list(sandbox, "/transaction", perPage=2, page=2)["data"]
    assert [each["id"] for each in first + second] == ids[:2] + ids[1:3]


def test_paystacks_refunds_and_disputes_are_listed_for_the_account(sandbox):
    settings(sandbox, refund_status="failed")
    first, second = paid(sandbox), paid(sandbox)
    for transaction in (first, second):
        refund(sandbox, transaction["id"], amount=1000)
    settings(sandbox, refund_status="processed")
    refund(sandbox, second["id"], amount=2000)
    disputes = [act(sandbox, each["reference"], "dispute")["id"] for each in (first, second)]
    refunds = paystack_list(sandbox, "/refund", perPage=2)
    assert [each["amount"] for each in refunds["data"]] == [2000, 1000]
    assert refunds["meta"] == {"total": 3, "skipped": 0, "perPage": "2", "page": 1, "pageCount": 2,
                               "failedRefundCount": 2}
    assert [each["transaction"] for each in paystack_list(sandbox, "/refund", page=2, perPage=2)["data"]] \
        == [first["id"]]
    assert [each["id"] for each in paystack_list(sandbox, "/dispute")["data"]] == disputes[::-1]
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    for path in ("/refund", "/dispute"):
        assert paystack_list(sandbox, path, **{"from": tomorrow.isoformat()})["data"] == []
    assert sandbox.paystack("GET", "/dispute?status=lost").status == 400


# --- The ledger ----------------------------------------------------------------------------


def movements_of(sandbox, provider):
    return [(each["kind"], each["amount"]) for each in sandbox.control("ledger")["movements"]
            if each["provider"] == provider]


def test_the_ledger_dates_each_movement_at_stripe(sandbox):
    intent = sandbox.paid_intent()
    paid_at = sandbox.control("health")["now"]
    sandbox.control("clock", {"advance_s": 2 * 86400})
    refunded = sandbox.control(f"payment_intents/{intent}/refund", {"amount": 500})
    sandbox.control("clock", {"advance_s": 5 * 86400})
    sandbox.control(f"refunds/{refunded['id']}/fail", {})
    movements = sandbox.control("ledger")["movements"]
    assert [(each["kind"], each["amount"], each["payment_id"]) for each in movements] == [
        ("charge", 9999, "p1"), ("refund", -500, "p1"), ("refund_failure", 500, "p1")]
    days = [datetime.date.fromisoformat(each["day"]) for each in movements]
    assert [(day - days[0]).days for day in days] == [0, 2, 7]
    assert abs(movements[0]["at"] - paid_at) < 60


def test_a_refund_that_never_succeeded_moved_nothing(sandbox):
    sandbox.control("settings", {"refund_status": "failed"})
    sandbox.control(f"payment_intents/{sandbox.paid_intent()}/refund", {"amount": 500})
    settings(sandbox, refund_status="failed")
    refund(sandbox, paid(sandbox)["id"], amount=500)
    assert movements_of(sandbox, "stripe") == [("charge", 9999)]
    assert movements_of(sandbox, "paystack") == [("charge", 10000)]


def test_the_ledger_dates_each_movement_at_paystack(sandbox):
    transaction = paid(sandbox)
    refund(sandbox, transaction["id"], amount=1000)
    dispute = act(sandbox, transaction["reference"], "dispute", {"refund_amount": 300})
    assert movements_of(sandbox, "paystack") == [("charge", 10000), ("refund", -1000)]
    sandbox.control("clock", {"advance_s": 3 * 86400})
    sandbox.control("ledger")
    charge, refunded, disputed = sandbox.control("ledger")["movements"]
    assert (disputed["kind"], disputed["amount"], disputed["source"]) == \
        ("dispute", -300, str(dispute["id"]))
    assert charge["fee"] == 150 and charge["reference"] == transaction["reference"]
    assert (disputed["at"] - charge["at"]) >= 86400 > refunded["at"] - charge["at"]
