/*
 * store_jobs.h - work that is due, claimed with a lease and a fence (see store.h for queue and wait).
 *
 * Any number of runners: SKIP LOCKED hands each row to one of them; a lease that ran out hands it to
 * another, and the fence keeps the first from finishing.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_JOBS_H
#define PAYAPI_APPLICATION_STORE_STORE_JOBS_H

#include "store.h"

#define JOBS_BATCH_MAX         20
#define WEBHOOK_LEASE_S        60
#define PAYMENT_EXPIRY_GRACE_S 60       /* the page ends by itself first, and the provider tells us */

struct due_webhook {
    struct inbox_id inbox_id;
    const char     *provider;
    struct bytes    body;               /* as it was signed */
    int             attempts;           /* this one included; also the fence */
    int             tries;              /* of them, those since the last replay */
};

/*
 * Payments with an open call whose time has come, or open past their expiry (PAYMENT_EXPIRY_GRACE_S)
 * with no such call; oldest first. Claimed: nobody else gets a call's payment for CALL_LEASE_S. Only those
 * of configured providers: nobody can ask the others.
 */
const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out);                       /* wait */

struct unserved {
    const char *provider;               /* not configured here; in the arena */
    int64_t     payments;               /* that are due all the same */
};
/* What waits in vain: due payments of providers that are not configured, by name. */
const struct problem *store_unserved_payments(struct ctx *ctx,
                                              struct unserved unserved_out[PROVIDERS_MAX],
                                              int *count_out);                  /* wait */
/*
 * Events that wait to be applied, oldest due time first, limit at most; leases them. fresh_only: those
 * that nobody tried yet, which need not queue behind others that keep failing. Claiming counts as an
 * attempt: claim no more than will be tried within WEBHOOK_LEASE_S.
 */
const struct problem *store_due_webhooks(struct ctx *ctx, bool fresh_only, int limit,
                                         struct due_webhook *events_out, int *count_out);   /* wait */
/*
 * Inside the transaction that applies it: locks the payment that the event names (ref, else intent,
 * else our id). Another runner's claim in between is a repeatable problem.
 */
const struct problem *store_webhook_lock(struct ctx *ctx, const struct due_webhook *due,
                                         const struct provider_event *event,
                                         struct webhook_lock *lock_out);        /* wait */
/* It stays received, and is due again in delay_ms. The same fence. */
void store_webhook_postpone(struct ctx *ctx, const struct due_webhook *due, int64_t delay_ms,
                            const char *reason);                                /* queue */
/* Wakes those who wait for work, when this transaction commits. */
void store_work_notify(struct ctx *ctx);                                        /* queue */
/* Until something is due, a notification or a signal comes, or max_ms are over. */
const struct problem *store_wait_for_work(struct ctx *ctx, int max_ms);         /* wait */

struct recovery_lock {
    struct payment_lock  payment;
    int64_t              now_ms;        /* the database's clock, which says what is overdue */
    bool                 call_found;    /* of its calls without a known outcome, the one due first */
    struct provider_call call;          /* leased: to somebody else; otherwise to us, from now on */
    struct refund        refund;        /* when the call is about one */
};
/* Locks the payment and takes its open call's lease for one more attempt, if it is free. */
const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct recovery_lock *lock_out); /* wait */

#endif
