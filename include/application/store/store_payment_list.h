/*
 * store_payment_list.h - the list of payments for operators, newest first (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_PAYMENT_LIST_H
#define PAYAPI_APPLICATION_STORE_STORE_PAYMENT_LIST_H

#include "store.h"

#define PAYMENT_LIST_MAX 100

enum wanted { WANTED_ANY, WANTED_YES, WANTED_NO };

struct payment_query {
    enum wanted needs_review;
    const char *status;                 /* NULL: any */
    const char *provider;
    int         limit;                  /* 1 .. PAYMENT_LIST_MAX */
    const char *after_id;               /* strictly older than this; NULL: from the newest on */
};

struct payment_page {
    struct payment *payments;
    int             count;
    bool            more;
};
const struct problem *store_payments_list(struct ctx *ctx, const struct payment_query *query,
                                          struct payment_page *page_out);       /* wait */

#endif
