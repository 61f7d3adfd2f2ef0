/*
 * store_timeline.h - everything that happened to one payment (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_TIMELINE_H
#define PAYAPI_APPLICATION_STORE_STORE_TIMELINE_H

#include "store.h"

#define TIMELINE_MAX 500

/* Texts live in the arena. */
struct timeline_item {
    int64_t     at_ms;
    /* transition, operator, provider_call, provider_answer, webhook, refund, dispute, ... */
    const char *kind;
    const char *summary;
    const char *trace_id;       /* "" unknown */
    const char *details;        /* JSON object */
    const char *request_body;   /* provider_call: as sent, to be masked; else "" */
};

struct timeline {
    bool                 found;         /* the payment exists and is the owner's */
    struct timeline_item items[TIMELINE_MAX];       /* oldest first */
    int                  count;
    bool                 more;          /* the newest are left out */
};

/* owner NULL: for an admin, who also sees who acted and why. One round trip. */
const struct problem *store_timeline_read(struct ctx *ctx, struct payment_id id, const char *owner,
                                          struct timeline *timeline_out);       /* wait */

#endif
