"""Rows in quantity: orders, payments and what belongs to them, made by PostgreSQL itself.

Everything about a payment is named after its number: order bench-N, payment pay_N, session cs_bench_N,
N in 26 digits. So that the load, the statements and the rows meet without telling each other anything.
Constraints hold, but for the audit chain's hashes (triggers are off: a million of them takes minutes).
"""
import itertools

DIGITS = 26
OWNER = "alice"
NAME = "lpad(n::text, 26, '0')"
TRACE = "'0af7651916cd43dd8448eb211c80319c'"

ORDERS = f"""
INSERT INTO orders (order_id, owner_id, amount_minor, currency, status, description, created_at, updated_at)
SELECT 'bench-' || {NAME}, '{OWNER}', 9999, 'USD', '%(order_status)s', 'Two tickets', now(), now()
  FROM generate_series(%(first)s, %(last)s) AS n"""

PAYMENTS = f"""
INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, provider_ref, provider_intent,
    checkout_url, captured_minor, progress, progress_at_s, status, expires_at, created_at, updated_at,
    completed_at)
SELECT 'pay_' || {NAME}, 'bench-' || {NAME}, 9999, 'USD', 'stripe', 'cs_bench_' || {NAME},
    CASE WHEN %(paid)s THEN 'pi_bench_' || {NAME} END, 'http://127.0.0.1/pay/cs_bench_' || {NAME},
    CASE WHEN %(paid)s THEN 9999 ELSE 0 END, 'opened', extract(epoch FROM now())::bigint,
    CASE WHEN %(paid)s THEN 'completed' ELSE 'processing' END, now() + interval '1 day', now(), now(),
    CASE WHEN %(paid)s THEN timestamptz '2026-01-01 00:00+00' END
  FROM generate_series(%(first)s, %(last)s) AS n"""

CALLS = f"""
INSERT INTO provider_calls (call_id, payment_id, provider, operation, request_method, request_path, request_body,
    idempotency_key, started_at, recorded_at, finished_at, verdict, http_status, duration_ms, trace_id)
SELECT 'pca_' || {NAME}, 'pay_' || {NAME}, 'stripe', 'checkout', 'POST', '/v1/checkout/sessions',
    repeat('metadata[payment_id]=pay_' || {NAME} || '&', 14), 'payapi-pca_' || {NAME}, now(), now(), now(),
    'done', 200, 5, {TRACE}
  FROM generate_series(%(first)s, %(last)s) AS n"""

AUDIT = f"""
INSERT INTO audit_log (order_id, payment_id, seq, actor, action, body, trace_id, event_id, event_type, event_payload)
SELECT 'bench-' || {NAME}, 'pay_' || {NAME}, seq, 'user:{OWNER}', 'status', '{{"note":"' || repeat('x', 130) || '"}}',
    {TRACE}, 'evt_' || chr(87 + seq) || lpad(n::text, 25, '0'), 'payment.processing',
    '{{"note":"' || repeat('x', 520) || '"}}'
  FROM generate_series(%(first)s, %(last)s) AS n,
       generate_series(1, CASE WHEN %(paid)s THEN 3 ELSE 2 END) AS seq"""

TRANSACTIONS = f"""
INSERT INTO transactions (transaction_id, payment_id, order_id, kind, amount_minor, currency, provider,
    provider_ref, occurred_at, trace_id)
SELECT 'txn_' || {NAME}, 'pay_' || {NAME}, 'bench-' || {NAME}, 'charge', 9999, 'USD', 'stripe',
    'pi_bench_' || {NAME}, now(), {TRACE}
  FROM generate_series(%(first)s, %(last)s) AS n"""

WEBHOOKS = f"""
INSERT INTO webhook_events (provider, event_id, inbox_id, type, livemode, body, status, payment_id, event_created_at,
    received_at, finished_at, trace_id)
SELECT 'stripe', 'evt_bench_' || {NAME}, 'whe_' || {NAME}, 'payment_intent.succeeded', false,
    convert_to(repeat('"metadata":"pay_' || {NAME} || '",', 12), 'UTF8'), 'processed', 'pay_' || {NAME}, now(),
    now() - interval '2 days', now() - interval '2 days', {TRACE}
  FROM generate_series(%(first)s, %(last)s) AS n"""

# Keys live for a day, payments for years: one of ten payments still has its own.
KEYS = f"""
INSERT INTO idempotency_keys (principal, route, key, fingerprint, state, holder, locked_until, payment_id,
    answer_status, answer_body, created_at)
SELECT '{OWNER}', 'POST /api/v1/orders/:id/checkout', 'old-' || {NAME}, repeat('0', 64), 'done', {TRACE}, now(),
    'pay_' || {NAME}, 200, '{{"note":"' || repeat('x', 520) || '"}}', now() - interval '2 hours'
  FROM generate_series(%(first)s, %(last)s) AS n
 WHERE n %% 10 = 0"""

STAGES = {"order": [ORDERS],
          "processing": [ORDERS, PAYMENTS, CALLS, AUDIT],
          "completed": [ORDERS, PAYMENTS, CALLS, AUDIT, TRANSACTIONS, WEBHOOKS,
                        KEYS]}
TABLES = ["orders", "payments", "provider_calls", "audit_log", "transactions", "webhook_events",
          "idempotency_keys"]


def name(number):
    return str(number).zfill(DIGITS)


class Rows:
    """The rows of one instance; numbers are given out once."""

    def __init__(self, payapi):
        self.payapi = payapi
        self.next = 1

    def numbers(self, count):
        first = self.next
        self.next += count
        return range(first, self.next)

    def fill(self, stage, count, block=100000):
        """Makes the rows of `count` payments up to that stage, and returns their numbers."""
        numbers = self.numbers(count)
        paid = stage == "completed"
        connection = self.payapi.database()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET search_path = payapi; SET session_replication_role = replica;"
                           " SET synchronous_commit = off")
            for first, sql in itertools.product(range(numbers.start, numbers.stop, block), STAGES[stage]):
                cursor.execute(sql % {"first": first, "last": min(first + block, numbers.stop) - 1,
                                      "paid": str(paid).lower(), "order_status": "paid" if paid else "open"})
        connection.close()
        return numbers

    def settle(self):
        """Statistics and visibility as autovacuum would leave them; nothing left to write for others."""
        connection = self.payapi.database()
        connection.autocommit = True
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"VACUUM ANALYZE payapi.{table}")
            cursor.execute("CHECKPOINT")
        connection.close()
