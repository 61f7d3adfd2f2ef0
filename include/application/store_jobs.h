/*
 * store_jobs.h - work that is due, claimed with a lease and a fence (see store.h for queue and wait).
 *
 * Any number of runners: SKIP LOCKED hands each row to one of them; a lease that ran out hands it to
 * another, and the fence keeps the first from finishing.
 */
#ifndef PAYAPI_APPLICATION_STORE_JOBS_H
#define PAYAPI_APPLICATION_STORE_JOBS_H

#include "application/store.h"

#define JOBS_BATCH_MAX 20

struct due_webhook {
    struct inbox_id inbox_id;
    const char     *provider;
    struct bytes    body;               /* as it was signed */
    int             attempts;           /* this one included; also the fence */
};

/* Payments with an open call whose time has come, or past their expiry; oldest first. */
const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out);                       /* wait */
/* Events that wait to be applied; leases them. */
const struct problem *store_due_webhooks(struct ctx *ctx, struct due_webhook events_out[JOBS_BATCH_MAX],
                                         int *count_out);                       /* wait */
/* Milliseconds until something is due, at most max_ms; LISTEN wakes earlier. */
const struct problem *store_wait_for_work(struct ctx *ctx, int max_ms);         /* wait */

struct recovery_lock {
    struct payment_lock  payment;
    bool                 call_found;    /* its oldest call without a known outcome, leased to us now */
    struct provider_call call;
    struct refund        refund;        /* when the call is about one */
};
/* Locks the payment and takes its open call's lease for one more attempt, if it is free. */
const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct recovery_lock *lock_out); /* wait */

#endif
