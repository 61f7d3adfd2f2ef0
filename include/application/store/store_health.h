/*
 * store_health.h - what the database says of itself (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_HEALTH_H
#define PAYAPI_APPLICATION_STORE_STORE_HEALTH_H

#include "application/ctx.h"

struct store_health {
    int64_t latency_ms;                 /* one round trip */
    int64_t now_ms;                     /* the database's clock, and so the next one */
    int64_t round_at_ms;                /* store_round_done; 0 never */
    int64_t commits_waiting;            /* for a standby, since a while */
    bool    refuses_writes;             /* the last write of this pool: disk full, read-only, ... */
};
/* Reads only. Silence ends it sooner than other work: whoever asks wants to know. */
const struct problem *store_read_health(struct ctx *ctx, struct store_health *health_out);  /* wait */
/* payapi-jobs has done what was due: committed at once. */
const struct problem *store_round_done(struct ctx *ctx);                        /* wait */
/* A write through the triggers, rolled back; and the schema version this program needs. */
const struct problem *store_check_writable(struct ctx *ctx);                    /* wait */
/*
 * What waits for this provider is due again, spread over spread_ms: it answers after a time when it
 * did not.
 */
void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms);  /* queue */

#endif
