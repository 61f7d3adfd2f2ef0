/*
 * store_missed.h - rows about what never reached us, and about what is kept for a time only (see store.h
 * for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_MISSED_H
#define PAYAPI_APPLICATION_STORE_STORE_MISSED_H

#include "store_jobs.h"

/* --- Reading the provider's list of events ------------------------------------------------- */

#define PULL_LEASE_S 60

struct pull_cursor {
    const char *provider;
    int64_t     fence;
    int64_t     pulled_to_s;            /* the provider's clock: every event created before was seen */
    int64_t     sweep_from_s;           /* the reading under way began there... */
    int64_t     sweep_to_s;             /* ... and this is the newest event that it has seen */
    const char *page_after;             /* its next page begins after this event; "": none is under way */
    bool        sweep_is_deep;          /* the reading under way is one far back */
    bool        deep_is_due;            /* the last one of those that came to its end was long ago */
};

/*
 * Takes the lease when it is free and the time has come; now: without waiting for that time. The first
 * time the cursor is an hour back, or at the oldest open payment.
 */
const struct problem *store_pull_claim(struct ctx *ctx, const char *provider, bool now,
                                       struct pull_cursor *cursor_out, bool *claimed_out);    /* wait */
/* The lease is renewed, or free and due in due_in_s. Another's claim in between is a problem. */
void store_pull_renew(struct ctx *ctx, const struct pull_cursor *cursor);       /* queue */
void store_pull_end(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s);     /* queue */

/* --- Looking at payments of which no event came ---------------------------------------------- */

/*
 * Payments of that provider with a refund under way, and open ones if open_too: 1 min after they came
 * to be, then after 5, 15 min and hourly. Claimed: the next time is counted from now.
 */
const struct problem *store_due_looks(struct ctx *ctx, const char *provider, bool open_too,
                                      struct payment_id ids_out[JOBS_BATCH_MAX], int *count_out); /* wait */

/* --- Keeping for a time only --------------------------------------------------------------- */

#define PURGE_BATCH 1000

/* At most PURGE_BATCH, oldest first; of finished events only. */
const struct problem *store_purge_bodies(struct ctx *ctx, int older_than_days, int64_t *count_out);  /* wait */
const struct problem *store_purge_keys(struct ctx *ctx, int older_than_h, int64_t *count_out);       /* wait */

#endif
