-- Least SQL: the fewest rows that any such API must write, in the fewest calls. Read by tests/bench/least.py.
--
-- One function for each transaction. A checkout or a refund is two of them, because the provider is asked in
-- between: the order (payment) locked, the key, the payment (refund) and an event; then its outcome, an event
-- and the answer under the key. A webhook is one: the event of the provider, stored once, and the payment.
-- No guard, no foreign key, no audit: a floor to measure from, not a design.

CREATE TABLE orders (id bigint PRIMARY KEY, owner text, amount bigint, currency text, status text);
CREATE TABLE payments (id bigint PRIMARY KEY, order_id bigint, owner text, amount bigint, currency text, status text,
                       captured bigint DEFAULT 0, refunded bigint DEFAULT 0, session text, intent text, url text,
                       created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now());
CREATE INDEX payments_by_order ON payments (order_id);
CREATE TABLE refunds (id bigint PRIMARY KEY, payment_id bigint, amount bigint, status text, provider_ref text);
CREATE TABLE keys (principal text, route text, key text, fingerprint text, answer text,
                   created_at timestamptz DEFAULT now(), PRIMARY KEY (principal, route, key));
CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payment_id bigint, type text, payload text,
                     created_at timestamptz DEFAULT now());
CREATE TABLE webhooks (id text PRIMARY KEY, body text, received_at timestamptz DEFAULT now());
CREATE TABLE transactions (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, payment_id bigint, kind text,
                           amount bigint, currency text, provider text, provider_ref text,
                           created_at timestamptz DEFAULT now());

CREATE FUNCTION checkout_open(u bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM orders WHERE id = u FOR UPDATE;
    INSERT INTO keys (principal, route, key, fingerprint) VALUES ('alice', 'checkout', 'key-' || u, repeat('0', 64));
    INSERT INTO payments (id, order_id, owner, amount, currency, status) VALUES (u, u, 'alice', 9999, 'USD', 'pending');
    INSERT INTO events (payment_id, type, payload) VALUES (u, 'payment.created', repeat('x', 200));
END $$;

CREATE FUNCTION checkout_record(u bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payments SET status = 'processing', session = 'cs_test_' || repeat('x', 58),
        url = 'http://127.0.0.1/pay/cs_test_' || repeat('x', 58), updated_at = now() WHERE id = u;
    INSERT INTO events (payment_id, type, payload) VALUES (u, 'payment.processing', repeat('x', 200));
    UPDATE keys SET answer = repeat('x', 520) WHERE principal = 'alice' AND route = 'checkout' AND key = 'key-' || u;
END $$;

CREATE FUNCTION refund_open(u bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM payments WHERE id = u FOR UPDATE;
    INSERT INTO keys (principal, route, key, fingerprint) VALUES ('root', 'refund', 'key-' || u, repeat('0', 64));
    INSERT INTO refunds (id, payment_id, amount, status) VALUES (u, u, 9999, 'pending');
    INSERT INTO events (payment_id, type, payload) VALUES (u, 'refund.created', repeat('x', 200));
END $$;

CREATE FUNCTION refund_record(u bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE refunds SET status = 'succeeded', provider_ref = 're_' || repeat('x', 24) WHERE id = u;
    UPDATE payments SET status = 'refunded', refunded = 9999, updated_at = now() WHERE id = u;
    INSERT INTO events (payment_id, type, payload) VALUES (u, 'refund.succeeded', repeat('x', 200));
    UPDATE keys SET answer = repeat('x', 520) WHERE principal = 'root' AND route = 'refund' AND key = 'key-' || u;
END $$;

CREATE FUNCTION webhook(u bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhooks (id, body) VALUES ('evt_' || u, repeat('x', 2000)) ON CONFLICT DO NOTHING;
    UPDATE payments SET status = 'completed', captured = 9999, intent = 'pi_' || u, updated_at = now() WHERE id = u;
END $$;
