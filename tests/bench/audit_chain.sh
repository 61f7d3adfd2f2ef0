#!/bin/bash
#
# tests/bench/audit_chain.sh - what the hash chain costs: pgbench with and without its trigger, in turns.
#
#     ./dev up --no-demo && tests/bench/audit_chain.sh [SECONDS]
#
# One transaction is one UPDATE of a payment and one audit row, over 1,000 payments, 8 clients. Run it on
# a throw-away instance (VAR_DIR=...): it fills the audit log, and the rows written without the trigger
# break the chain.

set -euo pipefail
seconds=${1:-10}
sql=$(mktemp)
trap 'rm -f "$sql"' EXIT
setting()
{
    sed -n "s/^$1=//p" "${VAR_DIR:-var}/payapi.env"
}
PGHOST=$(setting DATABASE_HOST) PGPORT=$(setting DATABASE_PORT) PGDATABASE=$(setting DATABASE_NAME) PGUSER=dev
export PGHOST PGPORT PGDATABASE PGUSER
export PGOPTIONS='-c search_path=payapi,pg_temp'

psql -qX <<'SQL'
INSERT INTO orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)
SELECT 'bench-' || n, 'bench', 100, 'EUR', now(), now() FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
INSERT INTO payments (payment_id, order_id, amount_minor, currency, provider, expires_at, created_at, updated_at)
SELECT 'pay_' || lpad(n::text, 26, '0'), 'bench-' || n, 100, 'EUR', 'stripe', now(), now(), now()
  FROM generate_series(1, 1000) n ON CONFLICT DO NOTHING;
SQL
cat >"$sql" <<'SQL'
\set n random(1, 1000)
BEGIN;
UPDATE payments SET updated_at = now() WHERE payment_id = 'pay_' || lpad(:n::text, 26, '0');
INSERT INTO audit_log (order_id, payment_id, actor, action, body, trace_id, hash)
VALUES ('bench-' || :n, 'pay_' || lpad(:n::text, 26, '0'), 'jobs', 'facts', '{"from":"pending","to":"pending"}', 'b', '');
COMMIT;
SQL

tps()
{
    psql -qX -c "ALTER TABLE audit_log $1 TRIGGER audit_chain"
    pgbench -n -c 8 -j 2 -T "$seconds" -f "$sql" | sed -n 's/^tps = \([0-9]*\).*/\1/p'
}

for round in 1 2 3; do
    with=$(tps ENABLE) without=$(tps DISABLE)
    echo "round $round: with the chain $with/s, without $without/s, ratio $((100 * with / without)) %"
done
psql -qX -c "ALTER TABLE audit_log ENABLE TRIGGER audit_chain"
