/*
 * store_inbox_events.h - the inbox for operators (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_INBOX_EVENTS_H
#define PAYAPI_APPLICATION_STORE_STORE_INBOX_EVENTS_H

#include "store_jobs.h"

#define WEBHOOK_ATTEMPTS_SHOWN 100
#define INBOX_LIST_MAX         100

/* Texts live in the arena. Times are Unix milliseconds; 0: not yet. */
struct webhook_event {
    const char *inbox_id;
    const char *provider;
    const char *event_id;               /* the provider's */
    const char *type;
    const char *status;                 /* received, processed, ignored, dead */
    const char *reason;                 /* why it waits, is dead or was ignored; "" */
    const char *payment_id;             /* "" unknown */
    const char *trace_id;               /* of the delivery */
    bool        livemode;
    int         attempts;               /* by payapi-jobs and by replays */
    int64_t     event_created_at_ms;
    int64_t     received_at_ms;
    int64_t     next_at_ms;             /* while received */
    int64_t     finished_at_ms;
};

struct webhook_event_query {
    const char *provider;               /* NULL: any; likewise below */
    const char *type;
    const char *status;
    const char *payment_id;
    int64_t     from_ms, to_ms;         /* of its arrival; 0: open. to is not included */
    int         limit;                  /* 1 .. INBOX_LIST_MAX */
    const char *after_id;               /* strictly older than this inbox id; NULL: the newest */
};

struct webhook_event_page {
    struct webhook_event *events;
    int                   count;
    bool                  more;
};
const struct problem *store_inbox_events_list(struct ctx *ctx,
                                              const struct webhook_event_query *query,
                                              struct webhook_event_page *page_out);  /* wait */

struct webhook_attempt {
    int64_t     at_ms;
    const char *actor;                  /* the provider, "jobs", or an admin */
    const char *outcome;                /* the status after it */
    const char *reason;
    const char *trace_id;
};

struct webhook_event_details {
    bool                   found;
    struct webhook_event   event;
    struct bytes           body;        /* as signed, to be masked; empty: no longer kept */
    struct webhook_attempt attempts[WEBHOOK_ATTEMPTS_SHOWN];    /* oldest first */
    int                    attempt_count;
};
const struct problem *store_inbox_event_read(struct ctx *ctx, struct inbox_id id,
                                             struct webhook_event_details *details_out);  /* wait */

/* Records how a try ended. */
void store_inbox_attempt(struct ctx *ctx, struct inbox_id id, enum inbox_status outcome,
                         const char *reason);                                   /* queue */

struct inbox_reopened {
    bool               found;
    bool               leased;          /* a runner is applying it: nothing was changed */
    struct due_event due;               /* received again, leased to us, tries counted anew */
};
const struct problem *store_inbox_reopen(struct ctx *ctx, struct inbox_id id,
                                         struct inbox_reopened *reopened_out);  /* wait */

#define EFFECTS_MAX 20

/* What the open transaction has written about a payment so far. */
struct inbox_effect {
    struct payment payment;             /* as it is now */
    struct {
        const char *kind;               /* charge, refund, ... */
        int64_t     amount_minor;
    } movements[EFFECTS_MAX];
    int            movement_count;
    const char    *events[EFFECTS_MAX];     /* domain events: payment.completed, ... */
    int            event_count;
};
const struct problem *store_inbox_effect(struct ctx *ctx, struct payment_id id,
                                         struct inbox_effect *effect_out);      /* wait */

#endif
