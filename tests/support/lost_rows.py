"""A database restored to an earlier moment: later rows are gone, but the provider still has its side."""

OF_PAYMENT = ["audit_log", "transactions", "provider_calls", "idempotency_keys", "webhook_events",
              "refunds"]


def forget_payment(payapi, payment):
    """Deletes every row of the payment, past all triggers; the order is as it was before the payment."""
    lose(payapi, [("DELETE FROM payapi.ledger_confirmations WHERE transaction_id IN"
                   " (SELECT transaction_id FROM payapi.transactions WHERE payment_id = %s)", payment)]
         + [(f"DELETE FROM payapi.{table} WHERE payment_id = %s", payment) for table in OF_PAYMENT]
         + [("UPDATE payapi.orders SET status = 'open' WHERE order_id ="
             " (SELECT order_id FROM payapi.payments WHERE payment_id = %s)", payment),
            ("DELETE FROM payapi.payments WHERE payment_id = %s", payment)])


def forget_order(payapi, order):
    for (payment,) in payapi.rows("SELECT payment_id FROM payapi.payments WHERE order_id = %s", order):
        forget_payment(payapi, payment)
    lose(payapi, [("DELETE FROM payapi.audit_log WHERE order_id = %s", order),
                  ("DELETE FROM payapi.orders WHERE order_id = %s", order)])


def forget_refunds(payapi, payment):
    """Restores the state before the payment's first refund, which has moved no money yet; the payment stays."""
    [since] = payapi.row("SELECT min(seq) FROM payapi.audit_log WHERE payment_id = %s AND action = 'refund.created'", payment)
    lose(payapi, [
        ("DELETE FROM payapi.idempotency_keys WHERE key IN (SELECT client_key FROM payapi.refunds WHERE payment_id = %s)",
         payment),
        ("DELETE FROM payapi.provider_calls WHERE operation = 'refund' AND payment_id = %s", payment),
        ("DELETE FROM payapi.refunds WHERE payment_id = %s", payment),
        ("DELETE FROM payapi.audit_log WHERE payment_id = %s AND seq >= %s", payment, since),
        ("UPDATE payapi.payments SET refund_held_minor = 0 WHERE payment_id = %s", payment)])


def lose(payapi, statements):
    connection = payapi.database()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for sql, *arguments in statements:
                cursor.execute(sql, arguments)
    finally:
        connection.close()


def hurry(payapi):
    """Makes every event that waits for its next try due now: the hours of back-off pass at once."""
    payapi.rows("UPDATE payapi.webhook_events SET next_at = now()"
                " WHERE status = 'received' AND (lease_until IS NULL OR lease_until <= now())"
                "   AND next_at > now()")
    payapi.rows("SELECT pg_notify('payapi_work', '')")


def hours_pass(payapi):
    """Makes all postponed work due, as if its time had come."""
    hurry(payapi)
    payapi.rows("UPDATE payapi.provider_calls SET next_at = now() WHERE finished_at IS NULL AND next_at > now()"
                " AND (lease_until IS NULL OR lease_until <= now())")
    payapi.rows("UPDATE payapi.provider_cursors SET next_at = now()")
