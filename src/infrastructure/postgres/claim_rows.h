/* claim_rows.h - claiming a key inside a larger pipeline. */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_CLAIM_ROWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_CLAIM_ROWS_H

#include "application/idempotency.h"
#include "infrastructure/postgres/pg/pg.h"

/* The results of the claim's statements; claim_read turns them into a claim after pg_wait. */
struct claim_rows {
    struct pg_rows taken;
    struct pg_rows key;
};

void         claim_queue(struct ctx *ctx, const struct idempotency_key *key,
                         struct claim_rows *rows_out);
struct claim claim_read(const struct idempotency_key *key, const struct claim_rows *rows);

#endif
