/*
 * store_health.h - the state of the database (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_HEALTH_H
#define PAYAPI_APPLICATION_STORE_STORE_HEALTH_H

#include "application/ctx.h"

struct store_health {
    int64_t latency_ms;                 /* one round trip */
    int64_t now_ms;                     /* by the database's clock, like the next one */
    int64_t round_at_ms;                /* last store_round_done; 0 never */
    int64_t planned_at_ms;              /* last planning of deliveries; 0: no endpoint wants any */
    int64_t commits_waiting;            /* for a standby, for some time already */
    bool    refuses_writes;             /* refused this pool's last write: disk full, read-only */
};
/* Reads only, with a shorter time limit than other work: the caller waits for the answer. */
const struct problem *store_read_health(struct ctx *ctx,
                                        struct store_health *health_out);       /* wait */
/* Records that payapi-jobs has done what was due. Commits at once. */
const struct problem *store_round_done(struct ctx *ctx);                        /* wait */
/* Writes through the triggers and rolls back; checks the schema version that this program needs. */
const struct problem *store_check_writable(struct ctx *ctx);                    /* wait */
/* The provider answers again: makes the work that waits for it due, spread over spread_ms. */
void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms);  /* queue */

#endif
