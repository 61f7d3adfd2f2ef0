/*
 * store_reconcile.h - comparisons with the providers' lists, a row per provider and day, and what they found
 * (see store.h for queue and wait).
 *
 * A day is worked on under a lease and a fence; its place is written together with what the page before
 * brought, so a crash repeats one page at most and counts nothing twice.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_RECONCILE_H
#define PAYAPI_APPLICATION_STORE_STORE_RECONCILE_H

#include "domain/books.h"
#include "store.h"

#define RECONCILE_LEASE_S    120
#define RECONCILE_ERROR_MAX  256
#define RECONCILE_PLACE_MAX  PROVIDER_REF_MAX
#define DAY_MS               (24 * 3600 * INT64_C(1000))

/* What is read now: the provider's books in this order, then our rows that none of them confirmed. */
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
    char                 page_after[RECONCILE_PLACE_MAX];       /* where its next page begins; "": the first */
    int64_t              compared;      /* objects of the provider, in this pass */
    int64_t              foreigners;    /* of them, not ours */
    int64_t              unreadable;
    char                 error[RECONCILE_ERROR_MAX];    /* why it does not go on; "" */
    int64_t              started_at_ms, finished_at_ms;         /* 0: not yet */
    int64_t              fence;
    int64_t              open, healed, explained;       /* its findings */
};

/* --- Days ---------------------------------------------------------------------------------- */

/* Puts the day on the list, once; not before the first payment at that provider unless wanted. */
void store_reconcile_add(struct ctx *ctx, const char *provider, int64_t day_ms, bool wanted);   /* queue */
/*
 * The oldest day that is due: one that was over delay_s ago and was not begun since, or one that stopped.
 * It goes on where it stopped, or begins a new pass.
 */
const struct problem *store_reconcile_claim_due(struct ctx *ctx, const char *provider, int delay_s,
                                                struct reconciliation *run_out, bool *claimed_out);  /* wait */
/* That day, from its beginning (restart) or where it stopped. Not claimed: somebody else works on it. */
const struct problem *store_reconcile_claim(struct ctx *ctx, const char *provider, int64_t day_ms,
                                            bool restart, struct reconciliation *run_out,
                                            bool *claimed_out);                 /* wait */
/* Place and counts; the lease is renewed. Another's claim in between is a repeatable problem. */
void store_reconcile_save(struct ctx *ctx, const struct reconciliation *run);   /* queue */
/* Frees the lease: done, or due again in due_in_s. Findings that this pass did not meet are healed when done. */
void store_reconcile_end(struct ctx *ctx, const struct reconciliation *run, int due_in_s);      /* queue */

/* --- Our side ------------------------------------------------------------------------------ */

struct book_owner {
    struct payment_id payment_id;
    struct order_id   order_id;
    struct refund_id  refund_id;        /* of a refund */
    bool              elsewhere;        /* a refund by other means: no provider knows it */
};

struct our_book {
    struct book_entry *entries;         /* sorted by ref */
    struct book_owner *owners;          /* one each */
    int                count;
};

/* What we have of these objects; names without an object are left out. */
const struct problem *store_book_find(struct ctx *ctx, const char *provider, enum book_kind kind,
                                      const char *const *refs, int count,
                                      struct our_book *book_out);               /* wait */

/* A row of the ledger that no list confirmed yet. */
struct ledger_row {
    char              id[ID_TEXT_MAX];
    enum book_kind    kind;
    struct book_entry entry;            /* the row alone */
    struct book_owner owner;
};
#define LEDGER_ROWS_MAX 50

/* Those of that day, oldest first, after that id ("": from the first on). */
const struct problem *store_ledger_unconfirmed(struct ctx *ctx, const char *provider, int64_t day_ms,
                                               const char *after_id,
                                               struct ledger_row rows_out[LEDGER_ROWS_MAX],
                                               int *count_out);                 /* wait */

/* What the provider told of an object. */
struct confirmation {
    enum book_kind    kind;
    struct book_owner owner;
    char              ref[PROVIDER_REF_MAX];        /* as our ledger names it */
    char              told_ref[PROVIDER_REF_MAX];   /* what was met: "ch_..." */
    int64_t           told_at_ms;       /* 0: not told */
    bool              fee_told, net_told;
    int64_t           fee_minor, net_minor;         /* in settled_currency */
    char              settled_currency[4];          /* "" unless one is told */
};
/* Of all rows of the ledger about that object; fee and net stand at the first one. */
void store_ledger_confirm(struct ctx *ctx, const struct reconciliation *run,
                          const struct confirmation *confirmation);             /* queue */

/* --- Findings ------------------------------------------------------------------------------ */

#define FINDING_NOTE_MAX 256

enum finding_state { FINDING_OPEN, FINDING_HEALED, FINDING_EXPLAINED };
const char *finding_state_name(enum finding_state state);       /* "open" */

struct finding {
    int64_t              number;        /* 0: not stored yet */
    enum book_difference kind;
    enum book_kind       object;
    char                 ref[PROVIDER_REF_MAX];
    struct book_owner    owner;         /* payment and order, when known */
    struct book_entry    ours, theirs;  /* ref "": that side has it not */
    const char          *evidence;      /* JSON object: the ids that the provider's object names */
    enum finding_state   state;
    char                 note[FINDING_NOTE_MAX];
    int64_t              found_at_ms;
};
/*
 * Once per day, kind and object: seen again, it says what is so now. What a human explained stays explained
 * while amount and currency of both sides stay as they are.
 */
void store_finding_put(struct ctx *ctx, const struct reconciliation *run,
                       const struct finding *finding);                          /* queue */

struct found_finding {
    bool           found;
    struct finding finding;             /* locked */
    char           reconciliation_id[ID_TEXT_MAX];
};
const struct problem *store_finding_lock(struct ctx *ctx, int64_t number,
                                         struct found_finding *found_out);      /* wait */
void store_finding_explain(struct ctx *ctx, int64_t number, const char *reason);        /* queue */

/* --- For those who look ---------------------------------------------------------------------- */

#define FINDINGS_PAGE 100

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
                                                 struct reconciliation_page *page_out);         /* wait */
const struct problem *store_reconciliation_find(struct ctx *ctx, const char *id,
                                                struct reconciliation *run_out, bool *found_out);  /* wait */
/* At most FINDINGS_PAGE in the order in which they were found, behind that number. */
const struct problem *store_findings_list(struct ctx *ctx, const char *id, int64_t after,
                                          struct finding **findings_out, int *count_out);       /* wait */

#endif
