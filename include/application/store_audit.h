/*
 * store_audit.h - the audit log read, sealed and proved (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_AUDIT_H
#define PAYAPI_APPLICATION_STORE_AUDIT_H

#include "application/audit_checkpoint.h"
#include "application/store.h"

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

/* NULL: any. */
struct audit_query {
    const char *order_id;
    const char *payment_id;
    const char *action;
    const char *actor;
    int64_t     from_ms;
    int64_t     to_ms;                  /* not included; 0: up to now */
    int         limit;
    int64_t     after_at_us;            /* strictly older than this place; 0: the newest */
    int64_t     after_id;
};

struct audit_page {
    struct audit_entry *entries;        /* newest first */
    int                 count;
    bool                more;
};
const struct problem *store_audit_list(struct ctx *ctx, const struct audit_query *query,
                                       struct audit_page *page_out);                /* wait */

/* --- Checkpoints --------------------------------------------------------------------------- */

struct audit_range {
    bool                    found;      /* there are rows that no checkpoint covers, and may be */
    bool                    ran_back;   /* transaction ids are smaller than those covered */
    struct audit_checkpoint before;     /* number 0: none yet */
    int64_t                 to_xid;
};
/* The last checkpoint, and how far the next may go. */
const struct problem *store_audit_range(struct ctx *ctx, struct audit_range *range_out);    /* wait */

/* What stands for the rows in a checkpoint (audit_leaf in SQL): those of from_xid <= xid < to_xid,
   in the order payment, seq. */
const struct problem *store_audit_leaves(struct ctx *ctx, int64_t from_xid, int64_t to_xid,
                                         struct digest **leaves_out, int64_t *count_out);   /* wait */
/* The same rows as entries, for the export. */
const struct problem *store_audit_covered(struct ctx *ctx, int64_t from_xid, int64_t to_xid,
                                          struct audit_entry **entries_out, int64_t *count_out); /* wait */
/* *inserted_out false: another runner was first. */
const struct problem *store_checkpoint_insert(struct ctx *ctx,
                                              const struct audit_checkpoint *checkpoint,
                                              bool *inserted_out);                          /* wait */
#define CHECKPOINT_BATCH 100
/* Up to CHECKPOINT_BATCH of them behind that number, in order. */
const struct problem *store_checkpoints_after(struct ctx *ctx, int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out);                              /* wait */

/* --- Chains -------------------------------------------------------------------------------- */

#define CHAIN_BATCH         1000
#define CHAIN_FINDINGS_MAX  50

struct chain_finding {
    const char *kind;                   /* "gap", "broken_link", "altered", "other_order", "head" */
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
/* Judges the chains of the next CHAIN_BATCH payments behind that id. */
const struct problem *store_chains_judge(struct ctx *ctx, const char *after_payment_id,
                                         struct chain_batch *batch_out);                    /* wait */

#endif
