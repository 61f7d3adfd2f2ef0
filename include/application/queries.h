/*
 * queries.h - the use cases that read. One file each under application/queries/; one round trip each.
 * Somebody else's order or payment answers exactly as a missing one.
 */
#ifndef PAYAPI_APPLICATION_QUERIES_H
#define PAYAPI_APPLICATION_QUERIES_H

#include "application/store.h"

const struct problem *get_order(struct ctx *ctx, const char *order_id, struct order *order_out);
/* query->owner is filled in from the actor. */
const struct problem *list_orders(struct ctx *ctx, struct order_page_query *query,
                                  struct order_page *page_out);
const struct problem *get_payment(struct ctx *ctx, const char *payment_id,
                                  struct payment *payment_out);
const struct problem *get_payment_status(struct ctx *ctx, const char *order_id,
                                         struct payment *payment_out);

/* Oldest first. */
const struct problem *list_refunds(struct ctx *ctx, struct payment_id payment_id,
                                   struct refund **refunds_out, int *count_out);

#define HEALTH_PROVIDERS_MAX 4

enum health_status { HEALTH_OK, HEALTH_DEGRADED, HEALTH_ERROR };

struct health {
    enum health_status status;          /* error: no database; degraded: a provider does not answer */
    bool               database_ok;
    int64_t            database_ms;         /* one round trip; valid when database_ok */
    int                provider_count;
    struct {
        const char        *name;
        enum health_status status;
    } providers[HEALTH_PROVIDERS_MAX];
};
/* Never a problem: what is broken stands in *health_out. */
void check_health(struct ctx *ctx, struct health *health_out);
/* OK when this worker can take money right now: database, schema version, write path. */
const struct problem *check_ready(struct ctx *ctx);

#endif
