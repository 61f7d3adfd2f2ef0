/*
 * store_audit.h - the audit log: its rows, and the history of each payment checked (see store.h for
 * wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_AUDIT_H
#define PAYAPI_APPLICATION_STORE_STORE_AUDIT_H

#include "store.h"

/* Texts live in the arena; "" is absent. */
struct audit_entry {
    int64_t     id;
    int64_t     at_us;
    int64_t     seq;                    /* within the payment; 0: about none */
    const char *order_id;
    const char *payment_id;
    const char *actor;
    const char *action;
    const char *body;                   /* JSON object */
    const char *trace_id;
    const char *event_id;               /* of the event that announced it */
    const char *event_type;
};

/* --- The history of each payment ------------------------------------------------------------- */

#define HISTORY_BATCH        1000
#define HISTORY_FINDINGS_MAX 50

struct history_finding {
    const char *kind;                   /* "gap", "other_order", "tail", "no_history" */
    const char *payment_id;
    int64_t     seq;
};

struct history_batch {
    const char            *last_payment_id;     /* NULL: there are no more */
    int64_t                payments;
    int64_t                rows;
    struct history_finding findings[HISTORY_FINDINGS_MAX];
    int                    finding_count;
};
/*
 * Claims the verification until the transaction ends. *claimed_out false: another connection is
 * verifying.
 */
const struct problem *store_audit_claim(struct ctx *ctx, bool *claimed_out);    /* wait */
/* Checks the histories of the next HISTORY_BATCH payments after that id. */
const struct problem *store_histories_judge(struct ctx *ctx, const char *after_payment_id,
                                            struct history_batch *batch_out);   /* wait */

#endif
