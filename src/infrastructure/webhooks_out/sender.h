/*
 * sender.h - sends webhooks, many at a time (libcurl's multi interface).
 *
 * A stranger chose where they go, so: the address is judged at the socket (inner_networks.h), no
 * proxy, no redirect, no connection that an earlier request used, https only (or http to an allowed
 * loopback address), SENDER_CONNECT_MS to connect and SENDER_TOTAL_MS in all, and of the answer
 * nothing but its status and its beginning.
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_SENDER_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_SENDER_H

#include "application/store/store_deliveries.h"
#include "inner_networks.h"
#include "webhook_secrets.h"

#define SENDER_IN_FLIGHT_MAX 100
#define SENDER_CONNECT_MS    5000
#define SENDER_TOTAL_MS      15000

struct sender;

/* Borrows both. Aborts without memory. */
struct sender *sender_new(const struct inner_networks *networks,
                          const struct webhook_secrets *secrets);
/* Breaks off what is under way. */
void sender_free(struct sender *sender);

/* How many more it takes now; and how many are under way. */
int sender_room(const struct sender *sender);
int sender_under_way(const struct sender *sender);

/* Begins. now_ms: Unix time, which is signed. There must be room. */
void sender_send(struct sender *sender, const struct due_delivery *due, int64_t now_ms);

/* Moves everything on; waits at most timeout_ms for something to happen. */
void sender_run(struct sender *sender, int timeout_ms);

/* One that ended. Texts live until it is released. */
struct sent {
    struct delivery_result     result;          /* without next_at_ms */
    struct webhook_endpoint_id endpoint_id;
    int                        place;           /* of the attempt in its schedule: 1, 2 ... */
    int64_t                    retry_after_s;   /* -1: not asked for */
};

/* Those that have ended and are not released, in the order of their ends; returns how many. */
int sender_ended(const struct sender *sender, const struct sent *ended_out[SENDER_IN_FLIGHT_MAX]);
/* Their outcomes are recorded. */
void sender_release(struct sender *sender);

#endif
