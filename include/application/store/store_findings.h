/*
 * store_findings.h - what comparisons found (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_FINDINGS_H
#define PAYAPI_APPLICATION_STORE_STORE_FINDINGS_H

#include "store_books.h"
#include "store_reconcile.h"

#define FINDING_NOTE_MAX 256

enum finding_state { FINDING_OPEN, FINDING_HEALED, FINDING_EXPLAINED };
const char *finding_state_name(enum finding_state state);       /* "open" */

struct finding {
    int64_t              number;        /* 0: not stored yet */
    enum book_difference kind;
    enum book_kind       object;
    char                 ref[PROVIDER_REF_MAX];
    struct book_owner    owner;         /* payment and order, when known */
    struct book_entry    ours, theirs;  /* ref "": that side lacks it */
    const char          *evidence;      /* JSON object: the ids that the provider's object names */
    enum finding_state   state;
    char                 note[FINDING_NOTE_MAX];
    int64_t              found_at_ms;
};
/*
 * Stores it once per day, kind and object; a finding seen again is updated. A finding that a human
 * explained stays explained as long as amount and currency of both sides stay the same.
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
void store_finding_explain(struct ctx *ctx, int64_t number, const char *reason);  /* queue */

#define FINDINGS_PAGE 100

/* At most FINDINGS_PAGE after that number, in the order in which they were found. */
const struct problem *store_findings_list(struct ctx *ctx, const char *id, int64_t after,
                                          struct finding **findings_out, int *count_out); /* wait */

#endif
