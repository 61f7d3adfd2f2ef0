"""What `payapi-admin reconcile` reports of a day."""
import datetime
import json

from lost_rows import hurry
from payapi_instance import wait_until


def today(days=0):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days)).date().isoformat()


def reconcile(payapi, provider="stripe", day=None):
    """Compares the day now; the comparison must complete."""
    done = payapi.admin("reconcile", "--from", day or today(), "--provider", provider, "--json")
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"id"')]
    assert len(told) == 1 and told[0]["state"] == "done", done.stdout
    assert done.returncode == (1 if told[0]["open"] else 0)
    return told[0]


def findings_of(told, ref):
    return [(f["kind"], f["object"], f["state"]) for f in told["findings"] if f["externalId"] == str(ref)]


def books_of(payapi, payment):
    return payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                       " ORDER BY kind, amount_minor", payment["id"])


def kept_of(payapi, payment):
    """What the provider kept of its charge: fee, net, and their currency."""
    return payapi.rows("SELECT c.fee_minor, c.net_minor, c.settled_currency FROM payapi.ledger_confirmations AS c"
                       " JOIN payapi.transactions AS t USING (transaction_id)"
                       " WHERE t.payment_id = %s AND t.kind = 'charge'", payment["id"])


def all_is_applied(payapi):
    """Waits until every event that was delivered or pulled has its outcome."""
    def nothing_waits():
        hurry(payapi)
        return payapi.row("SELECT count(*) FROM payapi.webhook_events WHERE status = 'received'") == (0,)
    wait_until(lambda: payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json["pending"] == 0, 30, "the deliveries")
    wait_until(nothing_waits, 60, "the inbox")


def delivered(payapi, do):
    """Runs do() with webhooks switched on, and waits until they are applied."""
    payapi.webhook_settings(delivery="on")
    try:
        done = do()
        all_is_applied(payapi)
        return done
    finally:
        payapi.webhook_settings(delivery="off")
