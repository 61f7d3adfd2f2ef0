"""The money movements: lists, filters, exports."""
import csv
import io
import json

import pytest

ADMIN = {"sub": "root", "role": "admin"}
URL = "/api/v1/transactions"


def paid(payapi, amount="99.99", currency="USD"):
    order = payapi.create_order(amount, currency)
    payapi.sandbox_do(payapi.checkout(order).data["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    return order


def test_a_charge_is_listed_with_its_payment(payapi):
    order = paid(payapi)
    answer = payapi.get(f"{URL}?orderId={order}", **ADMIN)
    assert answer.status == 200
    [charge] = answer.data
    assert list(charge) == ["id", "type", "status", "amount", "amountMinor", "currency", "provider",
                            "externalId", "paymentId", "orderId", "occurredAt", "recordedAt", "traceId",
                            "fee", "feeMinor", "net", "netMinor", "settlementCurrency"]
    assert (charge["type"], charge["status"], charge["amountMinor"]) == ("charge", "posted", 9999)
    assert charge["paymentId"] == payapi.payment_of(order)["id"]
    assert answer.json["meta"] == {"limit": 20, "nextCursor": None}


def test_both_paging_modes_show_everything_once(payapi):
    for _ in range(3):
        paid(payapi)
    seen, cursor = [], ""
    while cursor is not None:
        answer = payapi.get(f"{URL}?limit=2" + (f"&cursor={cursor}" if cursor else ""), **ADMIN)
        seen += [t["id"] for t in answer.data]
        cursor = answer.json["meta"]["nextCursor"]
    pages = payapi.get(f"{URL}?limit=2&page=1", **ADMIN).json["meta"]
    assert pages["total"] == len(seen) == len(set(seen)) and seen == sorted(seen, reverse=True)
    numbered = [t["id"] for page in range(1, pages["pages"] + 1)
                for t in payapi.get(f"{URL}?limit=2&page={page}", **ADMIN).data]
    assert numbered == seen


def test_csv_and_ndjson_give_all_that_match(payapi):
    order = paid(payapi, "500", "JPY")
    sheet = payapi.get(f"{URL}?orderId={order}", headers={"Accept": "text/csv"}, **ADMIN)
    assert sheet.headers["Content-Type"].startswith("text/csv")
    assert "transactions.csv" in sheet.headers["Content-Disposition"]
    [row] = list(csv.DictReader(io.StringIO(sheet.body.decode())))
    assert (row["amount"], row["currency"], row["orderId"].lstrip("'")) == ("500", "JPY", order)
    lines = payapi.get(URL, headers={"Accept": "application/x-ndjson"}, **ADMIN)
    objects = [json.loads(line) for line in lines.body.splitlines()]
    assert len(objects) == payapi.row("SELECT count(*) FROM payapi.transactions")[0]


def test_head_of_an_export_has_no_body(payapi):
    answer = payapi.request("HEAD", URL, headers={"Accept": "text/csv"}, **ADMIN)
    assert answer.status == 200 and answer.body == b""


def test_another_format_is_not_acceptable(payapi):
    answer = payapi.get(URL, headers={"Accept": "text/html"}, **ADMIN)
    assert answer.status == 406 and answer.json["type"].endswith("/not-acceptable")


def test_only_admins_see_it(payapi):
    assert payapi.get(URL).status == 403
    assert payapi.get(URL, sub=None).status == 401


@pytest.mark.parametrize("query, parameter", [
    ("limit=0", "limit"), ("limit=1000", "limit"), ("cursor=forged", "cursor"),
    ("from=tomorrow", "from"), ("to=2026-13-01T00:00:00Z", "to"), ("type=gift", "type"),
    ("currency=XXZ", "currency"), ("paymentId=1", "paymentId"), ("nope=1", "nope")])
def test_bad_filters_are_named(payapi, query, parameter):
    answer = payapi.get(f"{URL}?{query}", **ADMIN)
    assert answer.status == 422
    assert parameter in [e["parameter"] for e in answer.json["errors"]]
