"""Erasing a payer's data: what goes, what stays, and who may not do it."""
import psycopg2.errors
import pytest

from conftest import given_shop

ADDRESS = "Alice.O+shop@Example.com"
ESCAPED = "Alice.O%2Bshop%40Example.com"


def given_a_person(db):
    """Her order is paid; another person's order exists too."""
    given_shop(db)
    db.run("UPDATE orders SET customer_email = %s, description = 'for ' || %s, metadata = '{\"a\":\"b\"}'"
           " WHERE order_id = 'o1'", ADDRESS.lower(), ADDRESS)
    db.run("UPDATE orders SET customer_email = 'bob@example.com' WHERE order_id = 'o2'")
    db.run("UPDATE provider_calls SET request_body = 'mode=payment&customer_email=' || %s, finished_at = now(),"
           " verdict = 'done'", ESCAPED)
    db.run("UPDATE webhook_events SET body = '{\"email\":\"ALICE.O+SHOP@EXAMPLE.COM\"}', status = 'ignored'")
    db.run("UPDATE idempotency_keys SET state = 'done', answer_status = 201,"
           " answer_body = '{\"customerEmail\":\"' || %s || '\",\"amount\":1}'", ADDRESS)


@pytest.fixture()
def person(db):
    given_a_person(db)
    return db


ERASE = "SELECT * FROM payapi.erase_email(%s, %s, 'admin:cli.root', 't')"


def erase(db):
    """The counts of orders, requests, events, answers, and of what still waits."""
    return db.run(ERASE, ADDRESS.upper(), ESCAPED.upper())[0]


def everything(db):
    return str([db.run(f"SELECT *, {more} FROM {table}") for table, more in [
        ("orders", "1"), ("provider_calls", "1"), ("webhook_events", "encode(body, 'escape')"),
        ("idempotency_keys", "1"), ("audit_log", "1")]]).lower()


def test_a_persons_data_end_and_the_books_stay(person):
    assert erase(person) == (1, 1, 1, 1, 0)
    assert "alice.o" not in everything(person) and "bob@example.com" in everything(person)
    assert person.run("SELECT amount_minor, metadata::text FROM orders ORDER BY 1") == [(500, "{}"), (9999, '{"a":"b"}')]
    assert person.value("SELECT answer_body FROM idempotency_keys") == '{"customerEmail":null,"amount":1}'
    assert person.run("SELECT order_id, actor FROM audit_log WHERE action = 'personal-data.erased'"
                      " ORDER BY audit_id") == [("o1", "admin:cli.root"), (None, "admin:cli.root")]
    assert erase(person) == (0, 0, 0, 0, 0)


def test_an_address_that_only_the_events_have_is_found(person):
    """At the provider, the payer may have typed an address other than the order's."""
    person.run("UPDATE orders SET customer_email = 'other@example.com', description = ''")
    assert erase(person) == (0, 1, 1, 1, 0)
    assert "alice.o" not in everything(person)


def test_all_that_came_about_her_payments_goes(person):
    person.run("UPDATE webhook_events SET body = '{\"name\":\"Alice\"}', payment_id = (SELECT payment_id FROM payments)")
    assert erase(person)[2] == 1
    assert person.value("SELECT body_purged_at IS NOT NULL FROM webhook_events")


def test_what_is_not_finished_keeps_what_it_needs(person):
    person.run("UPDATE provider_calls SET finished_at = NULL")
    person.run("UPDATE webhook_events SET status = 'received'")
    assert erase(person) == (1, 0, 0, 1, 2)
    assert person.value("SELECT request_body FROM provider_calls").endswith(ESCAPED)


def test_nothing_is_no_address(person):
    for address in ("", "@", "alice"):
        assert isinstance(person.refusal(ERASE, address, ""), psycopg2.errors.InvalidParameterValue)


@pytest.mark.parametrize("role", ["payapi_app", "payapi_read", "payapi_sealer"])
def test_nobody_who_works_erases(person, role):
    assert isinstance(person.refusal(ERASE, ADDRESS, ESCAPED, role=role), psycopg2.errors.InsufficientPrivilege)
