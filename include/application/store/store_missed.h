/*
 * store_missed.h - searches for what never reached us, and purges what is kept for a limited time
 * (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_MISSED_H
#define PAYAPI_APPLICATION_STORE_STORE_MISSED_H

#include "store_jobs.h"

/* --- Reading the provider's list of events ------------------------------------------------- */

#define PULL_LEASE_S 60

struct pull_cursor {
    const char *provider;
    int64_t     fence;
    int64_t     pulled_to_s;            /* the provider's clock; all earlier events were seen */
    int64_t     sweep_from_s;           /* where the present reading began... */
    int64_t     sweep_to_s;             /* ... and the newest event that it has seen */
    const char *page_after;             /* the last event of its last page; "": no reading */
    bool        sweep_is_deep;          /* the present reading goes far back */
    bool        deep_is_due;            /* the last such reading ended long ago */
};

/*
 * Takes the lease if it is free and the cursor is due; now: even if it is not due. A new cursor
 * begins an hour back, or at the oldest open payment.
 */
const struct problem *store_pull_claim(struct ctx *ctx, const char *provider, bool now,
                                       struct pull_cursor *cursor_out,
                                       bool *claimed_out);                      /* wait */
/* Renews the lease, or frees it, due in due_in_s. A claim by another in between is a problem. */
void store_pull_renew(struct ctx *ctx, const struct pull_cursor *cursor);       /* queue */
void store_pull_end(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s);  /* queue */

/* --- Looking at payments without events ------------------------------------------------------ */

/*
 * Payments of that provider with a pending refund, and open ones if open_too: 1 min after they were
 * created, then after 5 and 15 min, and hourly. Claiming restarts the wait for the next look.
 */
const struct problem *store_due_looks(struct ctx *ctx, const char *provider, bool open_too,
                                      struct payment_id ids_out[JOBS_BATCH_MAX],
                                      int *count_out);                          /* wait */

/* --- Kept for a limited time --------------------------------------------------------------- */

#define PURGE_BATCH 1000

/* At most PURGE_BATCH, oldest first; only of finished events. */
const struct problem *store_purge_bodies(struct ctx *ctx, int older_than_days,
                                         int64_t *count_out);                   /* wait */
const struct problem *store_purge_keys(struct ctx *ctx, int older_than_h,
                                       int64_t *count_out);                     /* wait */
/* PURGE_BATCH of each endpoint. */
const struct problem *store_purge_deliveries(struct ctx *ctx, int older_than_days,
                                             int64_t *count_out);               /* wait */

#endif
