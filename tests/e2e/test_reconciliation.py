"""Our books against Stripe's own lists: differences are found, and healed if they are provably ours."""
import csv
import io

import pytest

from lost_rows import forget_order, hurry, lose
from payapi_instance import Instance, wait_until
from reconciling import books_of, delivered, findings_of, kept_of, reconcile, today

FEE = 9999 * 29 // 1000 + 30            # the sandbox's fee for 99.99


@pytest.fixture(scope="module")
def payapi():
    """A separate instance that learns nothing: no webhook comes, and the provider's events are not read."""
    instance = Instance("reconciliation", EVENTS_PULL_INTERVAL_S="86400")
    try:
        instance.up()
        instance.webhook_settings(delivery="off")
        yield instance
        instance.assert_invariants()
    finally:
        instance.down()


def paid(payapi, told=True, **act):
    payment = payapi.checkout(payapi.create_order()).data
    answer = payapi.sandbox("POST", f"/_sandbox/sessions/{payment['externalId']}/pay", act)
    assert answer.status == 200, answer
    if told:
        assert payapi.post(f"/api/v1/payments/{payment['id']}/sync").data["status"] == "completed"
    return payment


def intent_of(payapi, payment):
    return [c["payment_intent"] for c in payapi.ledger["charges"] if c["session"] == payment["externalId"]][0]


def act_on(payapi, payment, act, **members):
    return payapi.sandbox("POST", f"/_sandbox/payment_intents/{intent_of(payapi, payment)}/{act}", members).json


def refund(payapi, payment, minor):
    made = payapi.post(f"/api/v1/payments/{payment['id']}/refund", {"amountMinor": minor}, role="admin",
                       headers={"Idempotency-Key": f"r-{payment['id']}-{minor}"})
    assert made.status == 201, made
    return made.data


def test_books_that_agree_have_no_findings(payapi):
    payment = paid(payapi)
    refund(payapi, payment, 1000)
    told = reconcile(payapi)
    assert (told["open"], told["healed"], told["findings"]) == (0, 0, [])
    assert told["compared"] == 2


def test_a_charge_that_nobody_told_us_of_is_found_and_booked(payapi):
    payment = paid(payapi, told=False)
    told = reconcile(payapi)
    assert findings_of(told, intent_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert payapi.payment_of(payment["orderId"])["status"] == "completed"


def test_a_lost_payment_is_found_and_comes_back(payapi):
    payment = paid(payapi)
    forget_order(payapi, payment["orderId"])
    told = reconcile(payapi)
    assert findings_of(told, intent_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert books_of(payapi, payment) == [("charge", 9999)]


def test_a_foreign_charge_is_counted_and_is_no_finding(payapi):
    like = paid(payapi)
    before = reconcile(payapi)
    foreign = payapi.sandbox("POST", "/_sandbox/foreign", {"like": like["externalId"]}).json
    told = reconcile(payapi)
    assert told["foreign"] == before["foreign"] + 1
    assert findings_of(told, intent_of(payapi, {"externalId": foreign["id"]})) == []
    assert payapi.rows("SELECT count(*) FROM payapi.payments WHERE order_id = %s", like["orderId"]) == [(1,)]


def test_a_refund_made_elsewhere_is_found_and_booked(payapi):
    payment = paid(payapi)
    refund(payapi, payment, 1500)
    second = act_on(payapi, payment, "refund", amount=1500)
    told = reconcile(payapi)
    assert findings_of(told, second["id"]) == [("missing_here", "refund", "healed")]
    assert books_of(payapi, payment) == [("charge", 9999), ("refund", -1500), ("refund", -1500)]


def test_a_dispute_that_nobody_told_us_of_is_found_and_booked(payapi):
    payment = paid(payapi)
    dispute = act_on(payapi, payment, "dispute")
    told = reconcile(payapi)
    assert findings_of(told, dispute["id"]) == [("missing_here", "dispute", "healed")]
    assert payapi.payment_of(payment["orderId"])["dispute"] == "open"
    assert books_of(payapi, payment) == [("charge", 9999), ("dispute", -9999)]


def test_money_of_another_amount_is_booked_as_it_came(payapi):
    payment = paid(payapi, told=False, amount=6000)
    told = reconcile(payapi)
    assert findings_of(told, intent_of(payapi, payment)) == [("missing_here", "charge", "healed")]
    assert books_of(payapi, payment) == [("charge", 6000)]


def test_a_booked_charge_of_another_amount_is_found(payapi):
    payment = paid(payapi)
    intent = intent_of(payapi, payment)
    lose(payapi, [("UPDATE payapi.transactions SET amount_minor = 9998 WHERE payment_id = %s", payment["id"])])
    try:
        told = reconcile(payapi)
        assert findings_of(told, intent) == [("other_amount", "charge", "open")]
        found = [f for f in told["findings"] if f["paymentId"] == payment["id"]][0]
        assert (found["ours"]["amountMinor"], found["theirs"]["amountMinor"]) == (9998, 9999)
        assert found["evidence"]["intent"] == intent and found["orderId"] == payment["orderId"]
    finally:
        lose(payapi, [("UPDATE payapi.transactions SET amount_minor = 9999 WHERE payment_id = %s", payment["id"])])
    assert findings_of(reconcile(payapi), intent) == [("other_amount", "charge", "healed")]


def test_a_booked_charge_of_another_day_is_found(payapi):
    payment = paid(payapi)
    lose(payapi, [("UPDATE payapi.transactions SET occurred_at = occurred_at - interval '3 days'"
                   " WHERE payment_id = %s", payment["id"])])
    assert findings_of(reconcile(payapi), intent_of(payapi, payment)) == [("other_day", "charge", "open")]
    lose(payapi, [("UPDATE payapi.transactions SET occurred_at = occurred_at + interval '3 days'"
                   " WHERE payment_id = %s", payment["id"])])


def test_a_refund_of_ours_that_the_provider_lacks_is_found(payapi):
    payment = paid(payapi)
    made = refund(payapi, payment, 1000)
    lose(payapi, [("UPDATE payapi.refunds SET provider_ref = 're_nowhere', refund_id = 'ref_' || repeat('0', 26)"
                   " WHERE refund_id = %s", made["id"]),
                  ("UPDATE payapi.provider_calls SET refund_id = 'ref_' || repeat('0', 26) WHERE refund_id = %s",
                   made["id"]),
                  ("UPDATE payapi.transactions SET provider_ref = 're_nowhere' WHERE payment_id = %s"
                   " AND kind = 'refund'", payment["id"])])
    told = reconcile(payapi)
    assert findings_of(told, "re_nowhere") == [("missing_there", "refund", "open")]
    assert findings_of(told, made["externalId"]) == [("missing_here", "refund", "healed")]


def named_otherwise(payapi, name):
    """A payment whose reference in our books the provider does not know."""
    payment = paid(payapi)
    lose(payapi, [("UPDATE payapi.payments SET provider_ref = 'cs_' || %s, provider_intent = 'pi_' || %s,"
                   " authored = false, order_id = order_id WHERE payment_id = %s", name, name, payment["id"]),
                  ("UPDATE payapi.transactions SET provider_ref = 'pi_' || %s WHERE payment_id = %s", name, payment["id"])])
    return payment


def test_a_charge_of_ours_that_the_provider_lacks_is_found(payapi):
    named_otherwise(payapi, "nowhere")
    assert findings_of(reconcile(payapi), "pi_nowhere") == [("missing_there", "charge", "open")]


def test_a_refund_by_other_means_is_explained(payapi):
    """One transfer may refund two payments, and is booked once for each of them."""
    def note(payment):
        return payapi.post(f"/api/v1/payments/{payment['id']}/review", {
            "verdict": "refund_elsewhere", "amountMinor": 500, "reference": "bank transfer 4711",
            "reason": "the card was closed"}, role="admin").status
    payment = paid(payapi)
    assert [note(payment), note(paid(payapi)), note(payment)] == [200, 200, 409]
    told = reconcile(payapi)
    found = [f for f in told["findings"] if f["paymentId"] == payment["id"]]
    assert [(f["kind"], f["object"], f["state"]) for f in found] == [("missing_there", "refund", "explained")]


def number_of(told, ref):
    [number] = [f["number"] for f in told["findings"] if f["externalId"] == ref]
    return number


def test_what_a_human_explains_alarms_nobody_any_more(payapi):
    payment = named_otherwise(payapi, "away")
    told = reconcile(payapi)
    number = number_of(told, "pi_away")
    url = f"/api/v1/reconciliations/{told['id']}/explain"
    assert payapi.post(url, {"finding": number, "reason": "x"}).status == 403
    assert payapi.post(url, {"finding": 2**53, "reason": "x"}, role="admin").status == 404
    for fault in ({"finding": "7", "reason": "x"}, {"finding": 1.5, "reason": "x"}, {"finding": number, "reason": ""}):
        assert payapi.post(url, fault, role="admin").status == 422
    done = payapi.post(url, {"finding": number, "reason": "an account of before"}, role="admin")
    assert done.status == 200 and (done.data["open"], done.data["explained"]) == (told["open"] - 1, told["explained"] + 1)
    assert payapi.post(url, {"finding": number, "reason": "again"}, role="admin").status == 409
    again = reconcile(payapi)
    assert again["open"] == told["open"] - 1
    assert [f["note"] for f in again["findings"] if f["number"] == number] == ["an account of before"]
    [entry] = payapi.get(f"/api/v1/audit?paymentId={payment['id']}&action=finding.explained", role="admin").data
    assert (entry["body"]["finding"], entry["body"]["reason"]) == (number, "an account of before")


def test_the_command_line_explains_too(payapi):
    named_otherwise(payapi, "gone")
    number = str(number_of(reconcile(payapi), "pi_gone"))
    assert payapi.admin("reconcile", "explain", number).returncode not in (0, 1)
    done = payapi.admin("reconcile", "explain", "--reason", "Known.", number)
    assert done.returncode == 0, done.stdout
    assert payapi.admin("reconcile", "explain", "--reason", "Known.", number).returncode == 1


def test_a_second_comparison_finds_the_same_once(payapi):
    first, second = reconcile(payapi), reconcile(payapi)
    assert second["id"] == first["id"] and second["passes"] == first["passes"] + 1
    assert first["findings"] and second["findings"] == first["findings"]


def test_what_the_provider_kept_stands_beside_the_ledger(payapi):
    payment = paid(payapi)
    assert kept_of(payapi, payment) == []
    reconcile(payapi)
    assert kept_of(payapi, payment) == [(FEE, 9999 - FEE, "USD")]


def test_it_is_shown_with_the_movement(payapi):
    payment = paid(payapi)
    url = f"/api/v1/transactions?paymentId={payment['id']}"
    [before] = payapi.get(url, role="admin").data
    assert (before["fee"], before["feeMinor"], before["net"], before["settlementCurrency"]) == (None,) * 4
    reconcile(payapi)
    [after] = payapi.get(url, role="admin").data
    assert (after["feeMinor"], after["netMinor"], after["settlementCurrency"]) == (FEE, 9999 - FEE, "USD")
    [row] = csv.DictReader(io.StringIO(payapi.get(url, role="admin", headers={"Accept": "text/csv"}).body.decode()))
    assert (row["feeMinor"], row["netMinor"], row["settlementCurrency"]) == (str(FEE), str(9999 - FEE), "USD")


def test_the_days_and_their_findings_are_shown(payapi):
    told = reconcile(payapi)
    for day in (-41, -40):
        reconcile(payapi, day=today(day))
    seen, cursor = [], ""
    while cursor is not None:
        page = payapi.get(f"/api/v1/reconciliations?provider=stripe&limit=2{cursor}", role="admin")
        seen += page.data
        cursor = page.json["meta"]["nextCursor"] and "&cursor=" + page.json["meta"]["nextCursor"]
    assert sorted(run["day"] for run in seen) == [today(-41), today(-40), today()]
    one = payapi.get("/api/v1/reconciliations/" + told["id"], role="admin").data
    assert one == told and len(told["findings"]) == told["open"] + told["healed"] + told["explained"]
    sheet = payapi.get("/api/v1/reconciliations/" + told["id"], role="admin", headers={"Accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(sheet.body.decode())))
    assert [row["externalId"] for row in rows] == [f["externalId"] for f in told["findings"]]
    assert payapi.get("/api/v1/reconciliations/" + told["id"]).status == 403


def test_a_fee_that_is_told_late_is_added_by_a_later_comparison(payapi):
    payapi.sandbox("POST", "/_sandbox/settings", {"balance_delay_s": 2})
    try:
        payment = paid(payapi)
        reconcile(payapi)
        assert kept_of(payapi, payment) == [(None, None, None)]
        payapi.sandbox("POST", "/_sandbox/clock", {"advance_s": 3})
        reconcile(payapi)
        assert kept_of(payapi, payment) == [(FEE, 9999 - FEE, "USD")]
    finally:
        payapi.sandbox("POST", "/_sandbox/settings", {"balance_delay_s": 0})


def test_an_object_that_nobody_can_read_stops_nothing(payapi):
    payment = paid(payapi, told=False)
    payapi.fault("odd_text", method="GET", path="/v1/charges", text="all")
    told = reconcile(payapi)
    assert findings_of(told, intent_of(payapi, payment)) == [("missing_here", "charge", "healed")]


def test_a_provider_that_does_not_answer_leaves_the_day_open(payapi):
    payapi.fault("status", method="GET", path="/v1/refunds", status=503)
    done = payapi.admin("reconcile", "--from", today(), "--provider", "stripe")
    assert done.returncode == 1 and "running" in done.stdout and "answered 503" in done.stdout, done.stdout
    assert payapi.rows("SELECT state, book, error FROM payapi.reconciliations WHERE day = %s", today()) == [
        ("running", "refunds", "the provider answered 503")]
    assert reconcile(payapi)["state"] == "done"


@pytest.mark.parametrize("claims_our_payment", [False, True])
def test_another_programs_money_is_never_in_our_books(payapi, claims_our_payment):
    payment = payapi.checkout(payapi.create_order()).data
    claim = {"metadata": {"payment_id": payment["id"]}} if claims_our_payment else {}
    foreign = delivered(payapi, lambda: payapi.sandbox(
        "POST", "/_sandbox/foreign", {"like": payment["externalId"], **claim}).json)
    assert findings_of(reconcile(payapi), intent_of(payapi, {"externalId": foreign["id"]})) == []


def test_a_refund_whose_repeat_was_turned_away_is_booked(payapi):
    """The first try took effect but its answer was lost; the repeat's error says nothing about the first try."""
    payment = paid(payapi)
    wanted = {"body": {"amountMinor": 2500}, "role": "admin", "headers": {"Idempotency-Key": f"late-{payment['id']}"}}
    payapi.fault("lose_answer", path="/v1/refunds")
    payapi.post(f"/api/v1/payments/{payment['id']}/refund", **wanted)
    payapi.fault("status", path="/v1/refunds", status=429)
    payapi.post(f"/api/v1/payments/{payment['id']}/refund", **wanted)
    payapi.clear_faults()

    def answered():
        payapi.rows("UPDATE payapi.provider_calls SET next_at = now() WHERE payment_id = %s AND finished_at IS NULL"
                    " AND (lease_until IS NULL OR lease_until <= now())", payment["id"])
        hurry(payapi)
        return payapi.rows("SELECT 1 FROM payapi.provider_calls WHERE payment_id = %s AND operation = 'refund'"
                           " AND finished_at IS NOT NULL", payment["id"])

    wait_until(answered, 60, "the refund's outcome")
    [made] = [r for r in payapi.ledger["refunds"] if r["payment_intent"] == intent_of(payapi, payment)]
    assert findings_of(reconcile(payapi), made["id"]) == []


def test_payapi_jobs_compares_the_days_that_are_over(payapi):
    payment = paid(payapi, told=False, ago_s=2 * 86400)
    lose(payapi, [("UPDATE payapi.payments SET created_at = created_at - interval '2 days'"
                   " WHERE payment_id = (SELECT min(payment_id) FROM payapi.payments)",)])
    payapi.kill_jobs()
    payapi.up()
    wait_until(lambda: payapi.rows("SELECT 1 FROM payapi.reconciliation_findings AS f"
                                   " JOIN payapi.reconciliations AS r USING (reconciliation_id)"
                                   " WHERE r.day = current_date - 2 AND f.state = 'healed'"
                                   " AND f.provider_ref = %s", intent_of(payapi, payment)), 30, "the comparison")
    wait_until(lambda: payapi.events("reconciliation_found", "jobs"), 10, "the report")
