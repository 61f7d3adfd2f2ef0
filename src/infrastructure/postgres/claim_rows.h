/* claim_rows.h - peeking at a key inside a larger statement. */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_CLAIM_ROWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_CLAIM_ROWS_H

#include "application/idempotency.h"
#include "infrastructure/postgres/pg/pg.h"

/*
 * One row, whether the key is there or not: $1 principal, $2 route, $3 key, $4 hours that it is
 * kept (claim_args). Other tables may be joined to it.
 */
#define FROM_KEY \
    " FROM (SELECT) AS request" \
    "   LEFT JOIN idempotency_keys AS k ON k.principal = $1 AND k.route = $2 AND k.key = $3"

/* FROM_KEY */
#define KEY_COLUMNS \
    " k.xmin AS key_version, k.fingerprint, k.state = 'done' AS is_done, k.holder, k.fence," \
    " k.locked_until <= now() AS lease_is_over," \
    " k.created_at < now() - make_interval(hours => $4) AS is_old, k.payment_id," \
    " k.answer_status, k.answer_body, k.answer_retry_after_s"

void claim_args(const struct ctx *ctx, struct pg_args *args,
                const struct idempotency_key *key);                 /* key NULL: no key */
/* row: the part with KEY_COLUMNS. */
struct claim claim_of(const struct idempotency_key *key, struct pg_row row);

#endif
