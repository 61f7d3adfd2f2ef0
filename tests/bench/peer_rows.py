"""The peer's rows in quantity, named after their numbers like payapi's (rows.py), as large and as many."""
from rows import NAME, OWNER

ORDERS = f"""
INSERT INTO orders (id, "ownerId", "amountMinor", currency, description, status)
SELECT 'bench-' || {NAME}, '{OWNER}', 9999, 'USD', 'Two tickets', '%(order_status)s'
  FROM generate_series(%(first)s, %(last)s) AS n"""

PAYMENTS = f"""
INSERT INTO payments (id, "orderId", "ownerId", "amountMinor", currency, status, "sessionId", "intentId", "checkoutUrl",
    "capturedMinor", "completedAt")
SELECT 'pay_' || {NAME}, 'bench-' || {NAME}, '{OWNER}', 9999, 'USD',
    CASE WHEN %(paid)s THEN 'completed' ELSE 'processing' END, 'cs_bench_' || {NAME},
    CASE WHEN %(paid)s THEN 'pi_bench_' || {NAME} END, 'http://127.0.0.1/pay/cs_bench_' || {NAME},
    CASE WHEN %(paid)s THEN 9999 ELSE 0 END, CASE WHEN %(paid)s THEN now() END
  FROM generate_series(%(first)s, %(last)s) AS n"""

EVENTS = f"""
INSERT INTO events ("paymentId", type, actor, payload)
SELECT 'pay_' || {NAME}, 'payment.processing', 'user:{OWNER}', '{{"orderId": "bench", "amountMinor": 9999}}'
  FROM generate_series(%(first)s, %(last)s) AS n,
       generate_series(1, CASE WHEN %(paid)s THEN 3 ELSE 2 END) AS seq"""

TRANSACTIONS = f"""
INSERT INTO transactions ("paymentId", "orderId", kind, "amountMinor", currency, "providerRef")
SELECT 'pay_' || {NAME}, 'bench-' || {NAME}, 'charge', 9999, 'USD', 'pi_bench_' || {NAME}
  FROM generate_series(%(first)s, %(last)s) AS n"""

WEBHOOKS = f"""
INSERT INTO webhook_events (id, type, body, "paymentId")
SELECT 'evt_bench_' || {NAME}, 'payment_intent.succeeded',
    convert_to(repeat('"metadata":"pay_' || {NAME} || '",', 12), 'UTF8'), 'pay_' || {NAME}
  FROM generate_series(%(first)s, %(last)s) AS n"""

KEYS = f"""
INSERT INTO idempotency_keys (principal, route, key, fingerprint, "targetId", answer, "lockedUntil")
SELECT '{OWNER}', 'checkout', 'old-' || {NAME}, repeat('0', 64), 'pay_' || {NAME},
    json_build_object('note', repeat('x', 520)), now()
  FROM generate_series(%(first)s, %(last)s) AS n
 WHERE n %% 10 = 0"""

STAGES = {"order": [ORDERS], "processing": [ORDERS, PAYMENTS, EVENTS],
          "completed": [ORDERS, PAYMENTS, EVENTS, TRANSACTIONS, WEBHOOKS, KEYS]}


class PeerRows:
    """Numbers are given out once, to both variants of the peer."""

    def __init__(self, connect):
        self.connect = connect
        self.next = 1

    def run(self, *statements):
        """[(sql, parameters), ...], each in a transaction of its own; triggers, so foreign keys, are off."""
        connection = self.connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
        connection.close()

    def fill(self, stage, count):
        numbers = range(self.next, self.next + count)
        self.next += count
        paid = stage == "completed"
        values = {"first": numbers[0], "last": numbers[-1], "paid": str(paid).lower(),
                  "order_status": "paid" if paid else "open"}
        self.run(*((sql % values, None) for sql in STAGES[stage]))
        return numbers

    def replace_intents(self, intents):
        self.run(("UPDATE payments SET \"intentId\" = made.intent"
                  "  FROM unnest(%s, %s) AS made (payment, intent) WHERE id = made.payment",
                  [list(column) for column in zip(*intents)]))

    def settle(self):
        self.run(("VACUUM ANALYZE", None), ("CHECKPOINT", None))
