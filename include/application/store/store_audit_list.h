/*
 * store_audit_list.h - the list of the audit log, newest first (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_AUDIT_LIST_H
#define PAYAPI_APPLICATION_STORE_STORE_AUDIT_LIST_H

#include "store_audit.h"

#define AUDIT_LIST_MAX 100

/* NULL: any. */
struct audit_query {
    const char *order_id;
    const char *payment_id;
    const char *action;
    const char *actor;
    int64_t     from_ms;
    int64_t     to_ms;                  /* not included; 0: up to now */
    int         limit;                  /* 1 .. AUDIT_LIST_MAX */
    int64_t     after_at_us;            /* strictly older than this place; 0: from the newest on */
    int64_t     after_id;
};

struct audit_page {
    struct audit_entry *entries;        /* newest first */
    int                 count;
    bool                more;
};
const struct problem *store_audit_list(struct ctx *ctx, const struct audit_query *query,
                                       struct audit_page *page_out);            /* wait */

#endif
