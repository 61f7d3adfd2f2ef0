/*
 * store_inbox.h - events of providers as received, stored once (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_INBOX_H
#define PAYAPI_APPLICATION_STORE_STORE_INBOX_H

#include "domain/dispute.h"
#include "domain/refund.h"
#include "store_payments.h"

enum inbox_status { INBOX_RECEIVED, INBOX_PROCESSED, INBOX_IGNORED, INBOX_DEAD };
const char *inbox_status_name(enum inbox_status status);           /* "received" */

struct inbox_lock {
    bool                fresh;          /* false: a duplicate; nothing is locked */
    struct inbox_id     inbox_id;
    bool                is_noted;       /* its row already says processed */
    struct payment_lock payment;
    bool                refund_found;   /* the refund that event->refund names (our id, else ref) */
    struct refund       refund;         /* locked */
    struct dispute     *disputes;       /* if the event is about one: the payment's, all locked */
    int                 dispute_count;
};
/*
 * Stores the event once and locks the payment that it names (by ref, else intent, else our id). If
 * one is found, the row says processed from the start, because the transaction nearly always
 * applies it: an update would write every index of the row again. A caller that does not apply it
 * must say so (store_inbox_finish).
 */
const struct problem *store_inbox_insert(struct ctx *ctx, const struct provider *provider,
                                         const struct provider_event *event,
                                         struct bytes raw_body,
                                         struct inbox_lock *lock_out);          /* wait */
/* Nothing proves that the event's payment is its own: the event waits without a payment. */
void store_inbox_disown(struct ctx *ctx, struct inbox_id id);                   /* queue */
void store_inbox_finish(struct ctx *ctx, struct inbox_id id, enum inbox_status status,
                        struct payment_id payment_id, const char *reason);      /* queue */

/* --- Waiting events, claimed with a lease and a fence (store_jobs.h) ------------------------- */

#define INBOX_LEASE_S 60

struct due_event {
    struct inbox_id inbox_id;
    const char     *provider;
    struct bytes    body;               /* as it was signed */
    int             attempts;           /* this one included; also the fence */
    int             tries;              /* of them, those since the last replay */
};

/*
 * Leases at most limit events that wait to be applied, the longest due first. fresh_only: events
 * without an attempt, so that they need not queue behind those that keep failing. A claim counts as
 * an attempt: claim no more than you can try within INBOX_LEASE_S.
 */
const struct problem *store_inbox_due(struct ctx *ctx, bool fresh_only, int limit,
                                      struct due_event *events_out, int *count_out);  /* wait */
/*
 * Inside the transaction that applies it: locks the payment that the event names (by ref, else
 * intent, else our id). A claim by another runner in between is a repeatable problem.
 */
const struct problem *store_inbox_lock(struct ctx *ctx, const struct due_event *due,
                                       const struct provider_event *event,
                                       struct inbox_lock *lock_out);            /* wait */
/* Keeps the event received and due again in delay_ms. Checks the same fence. */
void store_inbox_postpone(struct ctx *ctx, const struct due_event *due, int64_t delay_ms,
                          const char *reason);                                  /* queue */

#endif
