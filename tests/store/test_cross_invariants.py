"""X1-X7 report nothing if both sides agree, and report each contradiction."""
import datetime
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import cross_invariants as cross  # noqa: E402
from conftest import PAYMENT, other  # noqa: E402


def charge(payment=PAYMENT, order="o1", amount=9999, currency="usd", refunded=0, identity="ch_1"):
    return {"id": identity, "amount": amount, "currency": currency, "amount_refunded": refunded,
            "metadata": {"payment_id": payment, "order_id": order}}


def given_booked(shop, amount=9999, currency="USD", days_ago=0):
    shop.run("INSERT INTO transactions (transaction_id, payment_id, order_id, kind, amount_minor, currency,"
             " provider, provider_ref, occurred_at, trace_id)"
             " VALUES (%s, %s, 'o1', 'charge', %s, %s, 'stripe', 'pi_1', now() - %s * interval '1 day', 't')",
             other("txn", 1), PAYMENT, amount, currency, days_ago)


def told(findings):
    return [finding[:2] for finding in findings]


def test_one_story_told_twice_is_no_contradiction(shop):
    given_booked(shop)
    provider = {"charges": [charge()]}
    stored = {"deliveries": [{"event": "evt_1", "type": "x", "delivered": True},
                             {"event": "evt_2", "type": "x", "delivered": False}]}
    assert cross.x1_captures_are_in_the_ledger_once(shop.connection, provider) == []
    assert cross.x2_booked_charges_exist_with_their_amount(shop.connection, provider) == []
    assert cross.x3_orders_are_charged_once(shop.connection, provider) == []
    assert cross.x4_accepted_webhooks_are_kept(shop.connection, stored) == []
    assert cross.x5_answers_are_true(shop.connection, [("order", "o1"), ("payment", PAYMENT)]) == []


def test_x1_finds_money_that_is_not_booked(shop):
    assert told(cross.x1_captures_are_in_the_ledger_once(shop.connection, {"charges": [charge()]})) == ["X1"]


def test_x1_knows_money_under_review(shop):
    shop.run("UPDATE payments SET mismatch = true, needs_review = true, review_reason = 'amount'"
             " WHERE payment_id = %s", PAYMENT)
    assert cross.x1_captures_are_in_the_ledger_once(shop.connection, {"charges": [charge()]}) == []


@pytest.mark.parametrize("taken", [[], [charge(amount=9998)], [charge(currency="eur")]],
                         ids=["nothing", "another amount", "another currency"])
def test_x2_finds_bookings_that_the_provider_does_not_know(shop, taken):
    given_booked(shop)
    assert told(cross.x2_booked_charges_exist_with_their_amount(shop.connection,
                                                                {"charges": taken})) == ["X2"]


def test_x2_counts_the_currencies_whose_units_differ(shop):
    given_booked(shop, 500, "ISK")
    provider = {"charges": [charge(amount=50000, currency="isk")]}
    assert cross.x2_booked_charges_exist_with_their_amount(shop.connection, provider) == []


def refund(amount=2500, currency="usd", status="succeeded"):
    return {"id": "re_1", "charge": "ch_1", "amount": amount, "currency": currency, "status": status}


def given_refund_booked(shop, kind="refund", amount=-2500, number=2):
    shop.run("INSERT INTO transactions (transaction_id, payment_id, order_id, kind, amount_minor, currency,"
             " provider, provider_ref, occurred_at, trace_id)"
             " VALUES (%s, %s, 'o1', %s, %s, 'USD', 'stripe', 're_1', now(), 't')",
             other("txn", number), PAYMENT, kind, amount)


def test_x1_finds_a_refund_that_is_not_booked(shop):
    provider = {"charges": [charge(refunded=2500)], "refunds": [refund()]}
    assert told(cross.x1_refunds_are_in_the_ledger_once(shop.connection, provider)) == ["X1"]
    given_refund_booked(shop)
    assert cross.x1_refunds_are_in_the_ledger_once(shop.connection, provider) == []


def test_x1_finds_a_failed_refund_that_was_not_booked_back(shop):
    provider = {"charges": [charge()], "refunds": [refund(status="failed")]}
    given_refund_booked(shop)
    assert told(cross.x1_refunds_are_in_the_ledger_once(shop.connection, provider)) == ["X1"]
    given_refund_booked(shop, "refund_reversal", 2500, 3)
    assert cross.x1_refunds_are_in_the_ledger_once(shop.connection, provider) == []


@pytest.mark.parametrize("made", [[], [refund(amount=2499)], [refund(currency="eur")]],
                         ids=["nothing", "another amount", "another currency"])
def test_x2_finds_refunds_that_the_provider_does_not_know(shop, made):
    given_refund_booked(shop)
    assert told(cross.x2_booked_refunds_exist(shop.connection, {"refunds": made})) == ["X2"]


def test_x3_finds_an_order_that_was_charged_twice(shop):
    twice = {"charges": [charge(), charge(other("pay", 2), identity="ch_2")]}
    assert told(cross.x3_orders_are_charged_once(shop.connection, twice)) == ["X3"]
    given_back = {"charges": [charge(), charge(other("pay", 2), identity="ch_2", refunded=9999)]}
    assert cross.x3_orders_are_charged_once(shop.connection, given_back) == []


def test_x4_finds_an_accepted_event_that_is_gone(shop):
    lost = {"deliveries": [{"event": "evt_404", "type": "x", "delivered": True}]}
    assert told(cross.x4_accepted_webhooks_are_kept(shop.connection, lost)) == ["X4"]


@pytest.mark.parametrize("answer", [("order", "o404"), ("payment", other("pay", 404)),
                                    ("refund", "rfd_404")], ids=["order", "payment", "refund"])
def test_x5_finds_an_answer_that_was_not_true(shop, answer):
    assert told(cross.x5_answers_are_true(shop.connection, [answer])) == ["X5"]


def movement(kind="charge", amount=9999, day=None, source="ch_1", **more):
    return {"kind": kind, "amount": amount, "currency": "usd", "source": source,
            "day": day or datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
            "metadata": {"payment_id": PAYMENT}, **more}


def x6(shop, *movements):
    return told(cross.x6_books_agree_by_amount_and_day(
        shop.connection, {"charges": [charge()], "movements": list(movements)}))


def test_x6_is_silent_about_the_same_movements(shop):
    given_booked(shop)
    given_refund_booked(shop)
    given_refund_booked(shop, "refund_reversal", 2500, 3)
    assert x6(shop, movement(), movement("refund", -2500, source="re_1"),
              movement("refund_failure", 2500, source="re_1")) == []


def test_x6_finds_money_that_is_there_and_not_here_and_the_contrary(shop):
    assert x6(shop, movement()) == ["X6"]
    given_booked(shop)
    assert x6(shop) == ["X6"]
    assert x6(shop, movement(), movement("refund", -2500, source="re_1")) == ["X6"]


def test_x6_finds_money_that_is_dated_on_another_day(shop):
    given_booked(shop)
    assert x6(shop, movement()) == []
    assert x6(shop, movement(day="2026-01-31")) == ["X6", "X6"]


def days_on(days):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)).date().isoformat()


def test_x6_allows_a_clock_ahead_of_ours(shop):
    given_booked(shop)
    assert x6(shop, movement(day=days_on(1))) == []


def test_x6_finds_money_that_we_dated_too_early(shop):
    given_booked(shop, days_ago=2)
    assert x6(shop, movement(day=days_on(-2))) == []
    assert x6(shop, movement(day=days_on(-1))) == ["X6", "X6"]
    assert x6(shop, movement(day=days_on(1))) == ["X6", "X6"]


def test_x6_and_x1_know_what_another_program_did(shop):
    theirs = {"charges": [dict(charge(), foreign=True)], "movements": [movement(foreign=True)]}
    assert cross.x6_books_agree_by_amount_and_day(shop.connection, theirs) == []
    assert cross.x1_captures_are_in_the_ledger_once(shop.connection, theirs) == []


def test_x7_finds_a_refund_of_another_programs_payment():
    assert told(cross.x7_money_of_others_is_left_alone(
        {"refunds": [dict(refund(), foreign=True), refund()]})) == ["X7"]
