/*
 * store_delivery_list.h - deliveries for operators: lists, attempts, resending (see store.h for
 * wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_DELIVERY_LIST_H
#define PAYAPI_APPLICATION_STORE_STORE_DELIVERY_LIST_H

#include "store_deliveries.h"

#define DELIVERY_ATTEMPTS_SHOWN 100
#define RECOVERED_AT_ONCE       10000

/* Texts live in the arena. Times are Unix milliseconds; 0: not yet. */
struct delivery_attempt {
    int         number;                 /* 1, 2, 3 ...; 0: there is none */
    int64_t     at_ms;
    int         duration_ms;
    int         http_status;            /* 0: there was no answer */
    const char *error;                  /* "": accepted */
    const char *answer;
};

struct delivery {
    const char *id;
    const char *endpoint_id;
    const char *event_id;
    const char *event_type;
    const char *payment_id;             /* "": about none */
    int64_t     seq;                    /* 0: about no payment */
    const char *status;                 /* waiting, pending, sending, delivered, failed */
    int         attempts;
    int64_t     next_at_ms;             /* while pending */
    int64_t     event_at_ms;
    int64_t     delivered_at_ms;
    struct delivery_attempt last;
};

struct delivery_query {
    struct webhook_endpoint_id endpoint_id;
    const char                *status;  /* NULL: any */
    int                        limit;   /* at least 1 */
    const char                *after_id;        /* strictly older than this id; NULL: the newest */
};

struct delivery_page {
    struct delivery *deliveries;        /* newest event first */
    int              count;
    bool             more;
};
const struct problem *store_deliveries_list(struct ctx *ctx, const struct delivery_query *query,
                                            struct delivery_page *page_out);    /* wait */

struct delivery_details {
    bool                    found;
    struct delivery         delivery;
    struct delivery_attempt attempts[DELIVERY_ATTEMPTS_SHOWN];  /* oldest first */
    int                     attempt_count;
};
const struct problem *store_delivery_read(struct ctx *ctx, const char *id,
                                          struct delivery_details *details_out);        /* wait */

/* Due now, with a schedule of its own. False: it waits, or is being sent. Endpoint: locked. */
const struct problem *store_delivery_resend(struct ctx *ctx, const char *id, bool *done_out);
                                                                                /* wait */

struct webhook_recovery {
    int64_t queued;
    bool    complete;                   /* nothing of the range is left */
    int64_t continue_from_ms;           /* when not complete: the since of the next call */
};
/*
 * Every event of that span of time that the endpoint asks for and has not accepted is due now; at
 * most RECOVERED_AT_ONCE of them. The endpoint is locked.
 */
const struct problem *store_deliveries_recover(struct ctx *ctx, struct webhook_endpoint_id id,
                                               int64_t since_ms, int64_t until_ms,
                                               struct webhook_recovery *recovery_out);  /* wait */

/* The delivery of the test event that this transaction has written. */
const struct problem *store_test_delivery_insert(struct ctx *ctx, struct webhook_endpoint_id id,
                                                 const char **delivery_id_out); /* wait */

#endif
