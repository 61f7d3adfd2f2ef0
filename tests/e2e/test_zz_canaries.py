"""No secret that the earlier suites used is where it must not be; and the search would notice one.

Its name makes it the last. The instance searches once more when it ends (conftest.py), after the later tests.
"""
import pytest
from canaries import CARD, EMAIL, Canaries


@pytest.fixture(scope="module")
def canaries(payapi):
    order = payapi.create_order()
    payapi.api_key("orders:read")
    payapi.checkout(order)
    payapi.sandbox_do(payapi.session_of(payapi.payment_of(order)["id"]), "pay")
    payapi.wait_for_status(order, "completed")
    return Canaries(payapi)


def test_no_secret_stands_in_logs_answers_and_database(canaries):
    assert canaries.everywhere() == set()


def test_the_canaries_were_there_to_be_found(canaries, payapi):
    assert payapi.rows("SELECT 1 FROM payapi.orders WHERE customer_email = %s", EMAIL)
    assert {"email", "client secret"} <= canaries.in_bytes(canaries.dump().replace(b"\\\\x", b"")) | {
        name for (body,) in payapi.rows("SELECT body FROM payapi.webhook_events")
        for name in canaries.in_bytes(bytes(body))}
    assert len(payapi.heard) > 2 and len(payapi.tokens) >= 1


@pytest.mark.parametrize("name, value", [
    ("secret key", lambda p: p.settings["STRIPE_SECRET_KEY"]), ("jwt secret", lambda p: p.settings["JWT_SECRET"]),
    ("webhook secret", lambda p: p.settings["STRIPE_WEBHOOK_SECRET"]), ("token", lambda p: p.token()),
    ("api key", lambda p: p.api_keys[-1]),
    ("email", lambda p: EMAIL.replace("@", "%40")), ("card", lambda p: CARD),
    ("client secret", lambda p: "pi_1_secret_sandbox"),
])
def test_a_leak_is_noticed_wherever_it_is(canaries, payapi, name, value):
    leak = value(payapi)
    log = payapi.log_dir / "leak.log"
    log.write_text('{"event":"request","cause":"%s"}\n' % leak)
    try:
        assert canaries.in_logs() == {("leak.log", name)}
    finally:
        log.unlink()

    payapi.heard.append(("/api/v1/payments", 200, leak.encode()))
    assert canaries.in_answers() == {("/api/v1/payments", name)}
    payapi.heard.pop()

    payapi.rows("CREATE TABLE payapi.leak (id int, kept bytea)")
    try:
        payapi.rows("INSERT INTO payapi.leak VALUES (1, %s)", leak.encode())
        assert canaries.in_database() == {("leak", "kept", name)}
    finally:
        payapi.rows("DROP TABLE payapi.leak")
