/*
 * store_movement_list.h - the list of movements, newest first (see store.h for wait).
 *
 * A row's id sorts by time, so a position in the list is an id, and every page costs the same.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_MOVEMENT_LIST_H
#define PAYAPI_APPLICATION_STORE_STORE_MOVEMENT_LIST_H

#include "application/ctx.h"
#include "domain/payment.h"

#define MOVEMENT_BATCH    1000
#define MOVEMENT_KIND_MAX 20
#define TRACE_ID_MAX      40

struct transaction {
    char              id[ID_TEXT_MAX];
    struct payment_id payment_id;
    struct order_id   order_id;
    char              kind[MOVEMENT_KIND_MAX];
    struct money      amount;                       /* negative: away from the shop */
    char              provider[PROVIDER_NAME_MAX];
    char              provider_ref[PROVIDER_REF_MAX];
    int64_t           occurred_at_ms;               /* when the provider moved it */
    int64_t           recorded_at_ms;               /* when we learned of it */
    char              trace_id[TRACE_ID_MAX];
    /*
     * What the provider kept and what remained, as the provider says; known later than the money.
     */
    bool              fee_told, net_told;
    struct money      fee, net;                     /* in the currency that was settled in */
};

/* Unset texts are NULL: any. */
struct transaction_filter {
    const char *payment_id;
    const char *order_id;
    const char *kind;
    const char *provider;
    const char *currency;
    int64_t     from_ms;                /* by occurred_at_ms; 0: from the first on */
    int64_t     to_ms;                  /* not included; 0: up to now */
    int64_t     recorded_from_ms;       /* the same by recorded_at_ms */
    int64_t     recorded_to_ms;
};

struct transaction_query {
    struct transaction_filter filter;
    int                       limit;    /* 1 .. MOVEMENT_BATCH */
    int64_t                   page;     /* 1.. ; 0: cursor mode */
    const char               *after_id; /* cursor mode: strictly older; NULL: from the newest on */
};

struct transaction_page {
    struct transaction *transactions;
    int                 count;
    bool                more;           /* cursor mode: there is a next page */
    int64_t             total;          /* page mode */
};

const struct problem *store_movements_list(struct ctx *ctx,
                                           const struct transaction_query *query,
                                           struct transaction_page *page_out);  /* wait */

#endif
