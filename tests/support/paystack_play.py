"""Stories at Paystack: what a payer, the bank and Paystack itself do, played on the sandbox."""
import hashlib
import hmac
import json
import urllib.parse
import uuid

EMAIL = "ada@example.com"


def create_order(payapi, amount="100.00", currency="NGN", **members):
    return payapi.create_order(amount, currency, **{"customerEmail": EMAIL, **members})


def checkout(payapi, order, provider="paystack", **members):
    return payapi.post(f"/api/v1/orders/{order}/checkout", {"provider": provider, **members})


def opened(payapi, amount="100.00", currency="NGN"):
    """A payment whose page is open."""
    answer = checkout(payapi, create_order(payapi, amount, currency))
    assert answer.status == 201, answer
    return answer.data


def paid(payapi, amount="100.00", currency="NGN"):
    payment = opened(payapi, amount, currency)
    act(payapi, payment, "pay")
    return payapi.wait_for_status(payment["orderId"], "completed")


def reference(payment):
    return payment["id"].replace("_", "-")


def act(payapi, payment, name, body=None, status=200):
    """The payer's or the bank's act on the transaction."""
    answer = payapi.sandbox("POST", f"/_sandbox/paystack/transactions/{reference(payment)}/{name}",
                            body or {})
    assert answer.status == status, answer
    return answer.json


def press(payapi, payment, button):
    """Presses a button on the hosted page, as a browser does."""
    return payapi.sandbox("POST", urllib.parse.urlsplit(payment["checkoutUrl"]).path + "/" + button)


def settings(payapi, **members):
    answer = payapi.sandbox("POST", "/_sandbox/paystack/settings", members)
    assert answer.status == 200, answer


DEFAULTS = {"refund_status": "processed", "metadata": "as_sent", "fees_passed_on": False,
            "status_as_text": False, "message_only": False, "ids_as_text": False,
            "charge_failed": False, "missing_status": 404, "domain": "test"}


def charges(payapi, order):
    return [c for c in payapi.ledger["charges"] if c["metadata"].get("order_id") == order]


def given_back(payapi, payment):
    return [r for r in payapi.ledger["refunds"] if r.get("reference") == reference(payment)]


def requests(payapi, method, path, text=""):
    made = payapi.sandbox("GET", "/_sandbox/requests?limit=1000").json["requests"]
    return [r for r in made if r["method"] == method and r["path"].startswith(path)
            and text in r["path"] + (r["body"] or "")]


def initialized(payapi, payment):
    return requests(payapi, "POST", "/transaction/initialize", reference(payment))


def ledger(payapi, payment):
    return payapi.rows("SELECT kind, amount_minor FROM payapi.transactions WHERE payment_id = %s"
                       " ORDER BY transaction_id", payment["id"])


def refund(payapi, payment, body=None, key=None):
    return payapi.post(f"/api/v1/payments/{payment['id']}/refund", body or {}, sub="boss",
                       role="admin", headers={"Idempotency-Key": key or uuid.uuid4().hex})


def sync(payapi, payment):
    return payapi.post(f"/api/v1/payments/{payment['id']}/sync", {})


def time_passes(payapi, payment):
    """Makes the last attempt end more than a minute ago, and the next one due."""
    payapi.rows("UPDATE payapi.provider_calls SET lease_until = now() - interval '61 s', next_at = now(),"
                " sent_at = CASE WHEN sent_at IS NOT NULL THEN least(sent_at, now() - interval '61 s') END"
                " WHERE payment_id = %s AND finished_at IS NULL", payment["id"])


def out_of_time(payapi, payment):
    """Lets the payment expire. The application may not change that time, so the superuser does."""
    payapi.rows("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard")
    payapi.rows("UPDATE payapi.payments SET expires_at = now() - interval '2 min'"
                " WHERE payment_id = %s", payment["id"])
    payapi.rows("ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard")


# --- events made here -------------------------------------------------------------------------
def signature(payapi, body, key=None):
    key = key or payapi.settings["PAYSTACK_SECRET_KEY"].split(",")[0]
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def digest(body):
    """Our name for an event, which has no id: from what it says of an object with an id, else from its bytes."""
    event = json.loads(body)
    data = event.get("data") if isinstance(event.get("data"), dict) else {}
    named = data.get("id")["id"] if isinstance(data.get("id"), dict) and "id" in data["id"] else data.get("id")
    if not isinstance(event.get("event"), str) or not event["event"].startswith(("charge.", "refund.")) \
            or isinstance(named, bool) or not str(named).isdigit():
        return hashlib.sha256(body).hexdigest()

    def text(name):
        return data[name] if isinstance(data.get(name), str) else ""

    def amount(name):
        value = data.get(name)
        return str(value) if isinstance(value, int) and not isinstance(value, bool) or text(name).isdigit() else ""
    return hashlib.sha256("|".join([
        event["event"], str(named), text("reference"), text("status"), text("resolution"), amount("amount"),
        amount("refund_amount")]).encode()).hexdigest()


def event_of(payment, event="charge.success", **members):
    return json.dumps({"event": event, "data": {
        "id": 302961, "domain": "test", "status": "success", "reference": reference(payment),
        "amount": 10000, "currency": "NGN", **members}}).encode()


def deliver(payapi, body, header=None, **options):
    return payapi.post("/api/v1/webhooks/paystack", body, sub=None, headers={
        "x-paystack-signature": signature(payapi, body) if header is None else header}, **options)
