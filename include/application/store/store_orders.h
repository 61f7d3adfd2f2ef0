/*
 * store_orders.h - orders as stored (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_ORDERS_H
#define PAYAPI_APPLICATION_STORE_STORE_ORDERS_H

#include "application/ctx.h"
#include "domain/order.h"

void store_order_insert(struct ctx *ctx, const struct order *order);            /* queue */
void store_order_set_status(struct ctx *ctx, struct order_id id,
                            enum order_status status);                          /* queue */
/* Only for an order without a known owner; any other is a problem (order_is_immutable). */
void store_order_set_owner(struct ctx *ctx, struct order_id id, const char *owner_id);  /* queue */
/* owner NULL: any owner. *found_out false: there is none, or it is somebody else's. */
const struct problem *store_order_find(struct ctx *ctx, struct order_id id, const char *owner,
                                       struct order *order_out, bool *found_out);  /* wait */

struct order_page_query {
    const char *owner;                  /* NULL: all */
    int         limit;                  /* 1..100 */
    int64_t     page;                   /* 1.. ; 0: cursor mode */
    int64_t     after_created_at_ms;    /* cursor mode: strictly older than this position... */
    const char *after_id;               /* ...NULL: from the newest on */
};

struct order_page {
    struct order *orders;               /* newest first */
    int           count;
    bool          more;                 /* cursor mode: there is a next page */
    int64_t       total;                /* page mode */
};
const struct problem *store_orders_list(struct ctx *ctx, const struct order_page_query *query,
                                        struct order_page *page_out);           /* wait */

#endif
