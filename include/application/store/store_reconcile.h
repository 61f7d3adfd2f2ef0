/*
 * store_reconcile.h - comparisons with the providers' lists, one row per provider and day (see
 * store.h for queue and wait).
 *
 * Work on a day needs a lease and a fence. Its place is written together with the results of the
 * last page, so a crash repeats one page at most and counts nothing twice.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_RECONCILE_H
#define PAYAPI_APPLICATION_STORE_STORE_RECONCILE_H

#include "domain/books.h"
#include "store.h"

#define RECONCILE_LEASE_S    120
#define RECONCILE_ERROR_MAX  256
#define RECONCILE_PLACE_MAX  PROVIDER_REF_MAX
#define DAY_MS               (24 * 3600 * INT64_C(1000))

/* The provider's books are read in this order, then our rows that none of them confirmed. */
enum reconcile_step { STEP_CHARGES, STEP_REFUNDS, STEP_DISPUTES, STEP_OURS };

enum reconcile_state { RECONCILE_WAITING, RECONCILE_RUNNING, RECONCILE_DONE };
const char *reconcile_state_name(enum reconcile_state state);   /* "waiting" */

struct reconciliation {
    char                 id[ID_TEXT_MAX];
    char                 provider[PROVIDER_NAME_MAX];
    int64_t              day_ms;        /* its first moment, UTC */
    enum reconcile_state state;
    int                  passes;        /* how often the day was begun */
    enum reconcile_step  step;
    char                 page_after[RECONCILE_PLACE_MAX];       /* its next page; "": the first */
    int64_t              compared;      /* objects of the provider, in this pass */
    int64_t              foreigners;    /* of those, not ours */
    int64_t              unreadable;
    char                 error[RECONCILE_ERROR_MAX];    /* why it stopped; "" */
    int64_t              started_at_ms, finished_at_ms;         /* 0: not yet */
    int64_t              fence;
    int64_t              open, healed, explained;       /* its findings */
};

/* --- Days ---------------------------------------------------------------------------------- */

/* Adds the day once. Unless wanted: no day before the first payment at that provider. */
void store_reconcile_add(struct ctx *ctx, const char *provider, int64_t day_ms,
                         bool wanted);                                          /* queue */
/*
 * Claims the oldest day that is due: one that ended delay_s ago and was not begun since, or one
 * that stopped. It continues where it stopped, or begins a new pass.
 */
const struct problem *store_reconcile_claim_due(struct ctx *ctx, const char *provider, int delay_s,
                                                struct reconciliation *run_out,
                                                bool *claimed_out);             /* wait */
/* Claims that day, from its beginning (restart) or where it stopped. Not claimed: it is leased. */
const struct problem *store_reconcile_claim(struct ctx *ctx, const char *provider, int64_t day_ms,
                                            bool restart, struct reconciliation *run_out,
                                            bool *claimed_out);                 /* wait */
/* Writes place and counts, and renews the lease. A claim in between is a repeatable problem. */
void store_reconcile_save(struct ctx *ctx, const struct reconciliation *run);   /* queue */
/*
 * Frees the lease: done, or due again in due_in_s. When done, marks findings that this pass did not
 * meet as healed.
 */
void store_reconcile_end(struct ctx *ctx, const struct reconciliation *run,
                         int due_in_s);                                         /* queue */

/* --- For operators ---------------------------------------------------------------------- */

struct reconciliation_query {
    const char *provider;               /* NULL: any */
    int         limit;
    const char *after_id;               /* strictly older than this; NULL: the newest */
};

struct reconciliation_page {
    struct reconciliation *runs;
    int                    count;
    bool                   more;
};
const struct problem *store_reconciliations_list(struct ctx *ctx,
                                                 const struct reconciliation_query *query,
                                                 struct reconciliation_page *page_out);  /* wait */
const struct problem *store_reconciliation_find(struct ctx *ctx, const char *id,
                                                struct reconciliation *run_out,
                                                bool *found_out);               /* wait */

#endif
