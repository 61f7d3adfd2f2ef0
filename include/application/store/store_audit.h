/*
 * store_audit.h - the audit log: its rows, and its chains verified (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_AUDIT_H
#define PAYAPI_APPLICATION_STORE_STORE_AUDIT_H

#include "store.h"

/* Texts live in the arena; "" is absent. */
struct audit_entry {
    int64_t     id;
    int64_t     at_us;
    int64_t     seq;                    /* 0: about no payment */
    const char *order_id;
    const char *payment_id;
    const char *actor;
    const char *action;
    const char *body;                   /* JSON object */
    const char *trace_id;
    const char *prev;                   /* hex */
    const char *hash;
};

/* --- Chains -------------------------------------------------------------------------------- */

#define CHAIN_BATCH         1000
#define CHAIN_FINDINGS_MAX  50

struct chain_finding {
    /* "gap", "broken_link", "altered", "other_order", "head", "no_history" */
    const char *kind;
    const char *payment_id;
    int64_t     seq;
};

struct chain_batch {
    const char          *last_payment_id;       /* NULL: there are no more */
    int64_t              chains;
    int64_t              rows;
    struct chain_finding findings[CHAIN_FINDINGS_MAX];
    int                  finding_count;
};
/*
 * Claims the verification until the transaction ends. *claimed_out false: another connection is
 * verifying.
 */
const struct problem *store_audit_claim(struct ctx *ctx, bool *claimed_out);    /* wait */
/* Verifies the chains of the next CHAIN_BATCH payments after that id. */
const struct problem *store_chains_judge(struct ctx *ctx, const char *after_payment_id,
                                         struct chain_batch *batch_out);        /* wait */

#endif
