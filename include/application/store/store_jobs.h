/*
 * store_jobs.h - work that is due, claimed with a lease and a fence (see store.h for queue and
 * wait).
 *
 * There may be any number of runners. SKIP LOCKED gives each row to one of them; once its lease
 * has expired, another may take it, and the fence keeps the first one from finishing.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_JOBS_H
#define PAYAPI_APPLICATION_STORE_STORE_JOBS_H

#include "store.h"

#define JOBS_BATCH_MAX         20
#define PAYMENT_EXPIRY_GRACE_S 60       /* the page expires first, and the provider says so */

/*
 * Payments with an open call that is due, or open past their expiry (PAYMENT_EXPIRY_GRACE_S)
 * without such a call; oldest first. Claimed: nobody else gets a call's payment for CALL_LEASE_S.
 * Only those of configured providers: nobody can ask the others.
 */
const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out);                       /* wait */

struct unserved {
    const char *provider;               /* not configured here; in the arena */
    int64_t     payments;               /* due, but nobody can ask */
};
/* Counts the due payments of providers that are not configured, by name. */
const struct problem *store_unserved_payments(struct ctx *ctx,
                                              struct unserved unserved_out[PROVIDERS_MAX],
                                              int *count_out);                  /* wait */
/* Wakes the runners that wait for work when this transaction commits. */
void store_work_notify(struct ctx *ctx);                                        /* queue */
/* Returns when something is due, on a notification or a signal, or after max_ms. */
const struct problem *store_wait_for_work(struct ctx *ctx, int max_ms);         /* wait */

struct recovery_lock {
    struct payment_lock  payment;
    int64_t              now_ms;        /* the database's clock, which says what is overdue */
    bool                 call_found;    /* of the open calls, the one due first */
    struct provider_call call;          /* leased: to another; else to us, from now on */
    struct refund        refund;        /* if the call is about one */
};
/* Locks the payment and, if it is free, takes the lease of its open call for one more attempt. */
const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner,
                                          struct recovery_lock *lock_out);      /* wait */

#endif
