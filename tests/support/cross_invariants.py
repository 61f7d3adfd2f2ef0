"""X1-X7: our records must agree with what the provider really did.

The sandbox keeps a ledger of its own, which is the reference. Each function returns the contradictions
it finds, as sentences; none means that both sides agree. Source: docs/reliability.md section 5.4.
"""
import collections
import hashlib
import json

# Currencies whose smallest unit at Stripe is not the one of ISO 4217; Stripe counts in its own unit.
OTHER_MINOR_UNITS = {"isk", "ugx"}
# Paystack's currencies without decimals; it counts hundredths of every currency.
WITHOUT_DECIMALS = {"XOF"}
SUCCEEDED = {"succeeded", "processed"}


def rows(database, sql):
    with database.cursor() as cursor:
        cursor.execute(sql)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


def is_ours(charge):
    """A charge that another program made on the same account looks like ours; the sandbox tells them apart."""
    return "payment_id" in charge["metadata"] and not charge.get("foreign")


def is_at_paystack(row):
    return row.get("provider") == "paystack"


def ours_of(row):
    """The row's amount in ISO 4217 minor units; for a charge, without the fees on top."""
    amount, asked = row["amount"], row.get("requested_amount", row["amount"])
    if 0 < amount - asked <= row.get("fees", 0):
        amount = asked
    if is_at_paystack(row) and row["currency"] in WITHOUT_DECIMALS:
        return amount // 100
    return amount


def same_amount(charge, minor, currency):
    if is_at_paystack(charge):
        return ours_of(charge) == minor and charge["currency"] == currency
    factor = 100 if charge["currency"] in OTHER_MINOR_UNITS else 1
    return charge["amount"] == minor * factor and charge["currency"] == currency.lower()


def x1_captures_are_in_the_ledger_once(database, provider):
    """A capture in another currency or mode is under review, and must not be booked."""
    booked = collections.Counter(
        row["payment_id"] for row in rows(database, "SELECT payment_id FROM payapi.transactions"
                                                    " WHERE kind = 'charge'"))
    reviewed = {row["payment_id"] for row in rows(database, "SELECT payment_id FROM payapi.payments"
                                                            " WHERE mismatch AND needs_review"
                                                            "   AND captured_minor = 0")}
    return [f"X1: charge {charge['id']} of {charge['metadata']['payment_id']} is booked"
            f" {booked[charge['metadata']['payment_id']]} times"
            for charge in provider["charges"] if is_ours(charge)
            and charge["metadata"]["payment_id"] not in reviewed
            and booked[charge["metadata"]["payment_id"]] != 1]


def x2_booked_charges_exist_with_their_amount(database, provider):
    taken = {charge["metadata"]["payment_id"]: charge for charge in provider["charges"]
             if is_ours(charge)}
    wrong = []
    for row in rows(database, "SELECT payment_id, amount_minor, currency FROM payapi.transactions"
                              " WHERE kind = 'charge'"):
        charge = taken.get(row["payment_id"])
        if charge is None:
            wrong.append(f"X2: {row['payment_id']} is booked, but nothing was charged")
        elif not same_amount(charge, row["amount_minor"], row["currency"]):
            wrong.append(f"X2: {row['payment_id']} is booked with {row['amount_minor']}"
                         f" {row['currency']}, charged with {charge['amount']} {charge['currency']}")
    return wrong


def x1_refunds_are_in_the_ledger_once(database, provider):
    """Refunds of our charges; one that failed at the provider was never booked, or was booked back."""
    ours = {charge["id"] for charge in provider["charges"] if is_ours(charge)}
    booked = collections.Counter()
    for row in rows(database, "SELECT provider_ref, amount_minor FROM payapi.transactions"
                              " WHERE kind IN ('refund', 'refund_reversal')"):
        booked[row["provider_ref"]] -= row["amount_minor"]
    return [f"X1: refund {refund['id']} of {refund['amount']} ({refund['status']}) is booked with"
            f" {booked[refund['id']]}" for refund in provider["refunds"] if refund["charge"] in ours
            and booked[refund["id"]] != (ours_of(refund) if refund["status"] in SUCCEEDED else 0)]


def x2_booked_refunds_exist(database, provider):
    known = {refund["id"]: refund for refund in provider["refunds"]}
    return [f"X2: refund {row['provider_ref']} is booked with {row['amount_minor']} {row['currency']},"
            f" the provider says {known.get(row['provider_ref'])}"
            for row in rows(database, "SELECT provider_ref, amount_minor, currency"
                                      " FROM payapi.transactions WHERE kind = 'refund'"
                                      " AND provider_ref NOT LIKE 'elsewhere:%'")
            if row["provider_ref"] not in known or not same_amount(
                known[row["provider_ref"]], -row["amount_minor"], row["currency"])]


def x3_orders_are_charged_once(database, provider):
    kept = collections.Counter(charge["metadata"].get("order_id") for charge in provider["charges"]
                               if is_ours(charge) and charge["amount_refunded"] < charge["amount"])
    return [f"X3: order {order} has {count} unrefunded charges" for order, count in kept.items()
            if count > 1]


def x4_accepted_webhooks_are_kept(database, deliveries):
    """Matched by name or bytes; if Paystack's lists told it before the webhook came, by type and transaction."""
    kept = set()
    for row in rows(database, "SELECT event_id, type, body FROM payapi.webhook_events"):
        body = bytes(row["body"])
        kept |= {row["event_id"], hashlib.sha256(body).hexdigest(), (row["type"], reference_in(body))}
    return [f"X4: {delivery['event']} ({delivery['type']}) was accepted and is not stored"
            for delivery in deliveries["deliveries"]
            if delivery["delivered"] and not {delivery["event"], delivery.get("sha256"), (
                delivery["type"], delivery.get("provider") == "paystack" and delivery["order_key"])} & kept]


def reference_in(body):
    """The reference of the transaction that Paystack's event is about; None: it names none, or its body is purged."""
    try:
        data = json.loads(body)["data"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(data, dict):
        return None
    transaction = data.get("transaction")
    return data.get("transaction_reference") or (transaction.get("reference") if isinstance(transaction, dict)
                                                 else data.get("reference"))


def x5_answers_are_true(database, answers):
    """answers: every 2xx document that a client got, as (kind, id)."""
    known = {("order", row["order_id"]) for row in
             rows(database, "SELECT order_id FROM payapi.orders")}
    known |= {("payment", row["payment_id"]) for row in
              rows(database, "SELECT payment_id FROM payapi.payments")}
    if rows(database, "SELECT to_regclass('payapi.refunds') AS refunds")[0]["refunds"]:
        known |= {("refund", row["refund_id"]) for row in
                  rows(database, "SELECT refund_id FROM payapi.refunds")}
    return [f"X5: {kind} {identity} was acknowledged and does not exist"
            for kind, identity in answers if (kind, identity) not in known]


def movements_of(provider):
    """
    (payment, kind, day) and our minor units of each movement of our charges and refunds. Money that the bank took
    back without a refund is in our books as given back elsewhere, once a human has said so.
    """
    charges = {charge["id"]: charge for charge in provider["charges"]}
    for movement in provider["movements"]:
        row = charges.get(movement["source"], movement) if movement["kind"] == "charge" else movement
        if is_ours(movement) and movement["kind"] in ("charge", "refund", "refund_failure", "reversal"):
            factor = 100 if row["currency"] in OTHER_MINOR_UNITS else 1
            kind = "refund" if movement["kind"] == "reversal" else movement["kind"]
            yield (movement["metadata"]["payment_id"], kind, movement["day"]), \
                ours_of(row) // factor


def x6_books_agree_by_amount_and_day(database, provider):
    """Compares each payment's money per day; a payment under review in another currency has none."""
    apart = {row["payment_id"] for row in rows(
        database, "SELECT payment_id FROM payapi.payments WHERE mismatch AND needs_review")}
    theirs, ours = collections.Counter(), collections.Counter()
    recorded = {}                       # the last day on which we recorded one
    for row in rows(database, "SELECT payment_id, kind, amount_minor,"
                              "       (occurred_at AT TIME ZONE 'UTC')::date AS day,"
                              "       (recorded_at AT TIME ZONE 'UTC')::date AS recorded_day"
                              "  FROM payapi.transactions"
                              " WHERE kind IN ('charge', 'refund', 'refund_reversal')"):
        kind = "refund_failure" if row["kind"] == "refund_reversal" else row["kind"]
        ours[row["payment_id"], kind, row["day"].isoformat()] += row["amount_minor"]
        recorded[row["payment_id"], kind] = max(recorded.get((row["payment_id"], kind), ""),
                                                row["recorded_day"].isoformat())
    for (payment, kind, day), minor in movements_of(provider):
        # The provider's clock may be ahead of ours. We date nothing later than when we learned of it.
        theirs[payment, kind, min(day, recorded.get((payment, kind), day))] += minor
    return [f"X6: {payment}: {kind} of {day} is {ours[payment, kind, day]} in our books,"
            f" {theirs[payment, kind, day]} at the provider"
            for payment, kind, day in sorted(theirs.keys() | ours.keys(), key=str)
            if payment not in apart and ours[payment, kind, day] != theirs[payment, kind, day]]


def x7_money_of_others_is_left_alone(provider):
    return [f"X7: refund {refund['id']} of {refund['amount']} went out of another program's payment"
            for refund in provider["refunds"] if refund.get("foreign")]


def contradictions(payapi, answers=()):
    """All contradictions that X1-X7 find in an instance."""
    database = payapi.database()
    try:
        provider = payapi.ledger
        deliveries = payapi.sandbox("GET", "/_sandbox/webhooks/deliveries").json
        return (x1_captures_are_in_the_ledger_once(database, provider)
                + x2_booked_charges_exist_with_their_amount(database, provider)
                + x1_refunds_are_in_the_ledger_once(database, provider)
                + x2_booked_refunds_exist(database, provider)
                + x3_orders_are_charged_once(database, provider)
                + x4_accepted_webhooks_are_kept(database, deliveries)
                + x5_answers_are_true(database, answers)
                + x6_books_agree_by_amount_and_day(database, provider)
                + x7_money_of_others_is_left_alone(provider))
    finally:
        database.close()
