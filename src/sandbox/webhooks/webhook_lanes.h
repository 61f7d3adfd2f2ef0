/*
 * webhook_lanes.h - the queues behind webhooks.h: one lane per order key, the earliest due first.
 *
 * Not thread-safe: webhooks.c locks.
 */
#ifndef PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_LANES_H
#define PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "sandbox/kit/heap.h"
#include "sandbox/kit/sha256.h"
#include "sandbox/kit/table.h"

/* One event, shared by its record and its copies under way. */
struct webhook_message {
    char  *id, *type, *order_key, *payload;
    char   sha256[SHA256_HEX_BYTES];    /* of the payload */
    size_t references;
    int    attempts;
    int    last_status;
    bool   is_delivered;
    bool   is_dropped;          /* by the settings: never tried */
};

/* One copy of a message that waits for its turn. */
struct webhook_copy {
    struct webhook_copy    *next;
    struct webhook_message *message;
    int64_t                 due_ms;
    int                     attempts;
};

struct webhook_lane {
    char                *key;
    struct webhook_copy *first, *last;
    bool                 is_busy;       /* its first copy is being sent; it is not in the heap */
    bool                 is_orphan;     /* forgotten by a reset while busy */
};

struct webhook_lanes {
    struct table *by_key;
    struct heap   due;                  /* of lanes with something to send */
    size_t        copies;               /* waiting or being sent */
};

void webhook_message_release(struct webhook_message *message);

void webhook_lanes_init(struct webhook_lanes *lanes);

/* Forgets all copies. A busy lane lives until it is finished. */
void webhook_lanes_deinit(struct webhook_lanes *lanes);

/* Queues a copy behind those of the same key. */
void webhook_lanes_add(struct webhook_lanes *lanes, const char *key,
                       struct webhook_message *message, int64_t due_ms);

/* Takes the lane whose first copy is due; NULL when none is. It is busy until finished. */
struct webhook_lane *webhook_lanes_take(struct webhook_lanes *lanes, int64_t now_ms);

/* Drops the first copy, which is done; the lane continues with the next one, or is freed. */
void webhook_lanes_finish(struct webhook_lanes *lanes, struct webhook_lane *lane);

/* Tries the first copy again at due_ms. */
void webhook_lanes_retry(struct webhook_lanes *lanes, struct webhook_lane *lane, int64_t due_ms);

#endif
