"""An instance for the recovery suites, and the sandbox's record of what became of each call."""
import pytest

from payapi_instance import Instance, wait_until


@pytest.fixture(scope="module")
def payapi():
    """A separate instance, because its jobs are killed and its clock is moved."""
    instance = Instance("recovery", RECOVERY_FIRST_DELAY_MS="500", PROVIDER_TIMEOUT_MS="3000")
    try:
        instance.up()
        yield instance
        instance.clear_faults()
        converge(instance)
        assert_charged_at_most_once(instance)
        instance.assert_invariants()
    finally:
        instance.down()


@pytest.fixture(autouse=True)
def no_faults_left(payapi):
    yield
    payapi.clear_faults()
    payapi.webhook_settings(delivery="on")


# --- what the sandbox saw -------------------------------------------------------------------
def charges_of(payapi, order):
    return [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]


def requests_for(payapi, text, method="POST", path="/v1/checkout/sessions"):
    requests = payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]
    return [r for r in requests if r["method"] == method and r["path"] == path and text in r["body"]]


def assert_charged_at_most_once(payapi):
    orders = [c["metadata"].get("order_id") for c in payapi.ledger["charges"]]
    assert len(orders) == len(set(orders)), "an order was charged twice"
    paid = {r[0] for r in payapi.rows("SELECT order_id FROM payapi.orders WHERE status <> 'open'")}
    assert set(orders) == paid, "the provider's ledger and ours differ"


def converge(payapi, seconds=60):
    wait_until(lambda: payapi.row("SELECT count(*) FROM payapi.provider_calls"
                                  " WHERE finished_at IS NULL AND verdict IS DISTINCT FROM 'unknown'"
                                  "   OR finished_at IS NULL AND payment_id IN (SELECT payment_id"
                                  "      FROM payapi.payments WHERE NOT needs_review)") == (0,),
               seconds, "every call to have an outcome")


def pay(payapi, order):
    payapi.sandbox_do(payapi.payment_of(order)["externalId"], "pay")
    payapi.wait_for_status(order, "completed")
    assert len(charges_of(payapi, order)) == 1
