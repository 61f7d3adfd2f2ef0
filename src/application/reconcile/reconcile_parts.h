/*
 * reconcile_parts.h - the parts of a comparison: the provider's book a page at a time, then the
 * rest of ours, and the healing of differences. See application/reconcile.h.
 */
#ifndef PAYAPI_APPLICATION_RECONCILE_RECONCILE_PARTS_H
#define PAYAPI_APPLICATION_RECONCILE_RECONCILE_PARTS_H

#include "application/reconcile.h"
#include "application/store/store_findings.h"

#define HARVEST_MAX PROVIDER_EVENTS_PAGE_MAX    /* a page brings at most this many of each */

struct reconciling {
    const struct provider *provider;
    struct reconciliation  run;
    enum reconcile_result  result;
};

/* The results of a page, written together with the place after it. */
struct harvest {
    const struct reconciling *work;
    struct finding            findings[HARVEST_MAX];
    int                       finding_count;
    struct confirmation       confirmations[HARVEST_MAX];
    int                       confirmation_count;
};
const struct problem *reconcile_store_harvest(struct ctx *ctx, struct harvest *harvest);
/* Renews the lease, because healing takes time. */
const struct problem *reconcile_keep_lease(struct ctx *ctx, const struct reconciling *work);
/* The provider did not answer: keeps the day's place and records the error. */
void reconcile_give_up(struct reconciling *work, const struct provider_reply *reply);

/* their_book.c, our_book.c: process one page each and advance work->run. */
const struct problem *reconcile_their_page(struct ctx *ctx, struct reconciling *work);
const struct problem *reconcile_our_page(struct ctx *ctx, struct reconciling *work);

/* The result of healing an object that differs. */
struct healing {
    bool        foreign;                /* another program's: no finding */
    const char *note;                   /* what was done, or why nothing could be */
};
/*
 * Heals by the code that heals everything: adopts the payment if we do not have it, and asks the
 * provider what it knows about it. payment_id "": not known yet. Calls the provider, so never
 * inside a transaction.
 */
const struct problem *reconcile_heal(struct ctx *ctx, const struct reconciling *work,
                                     const struct provider_book_entry *theirs,
                                     struct payment_id payment_id, struct healing *healing_out);

/* look_there.c: whether the provider has the object that a row of our ledger names. */
enum presence { PRESENCE_YES, PRESENCE_NO, PRESENCE_UNTOLD };
/* *reply_out: the last answer, which says why it is PRESENCE_UNTOLD. */
const struct problem *reconcile_look_there(struct ctx *ctx, const struct provider *provider,
                                           const struct ledger_row *row,
                                           enum presence *presence_out,
                                           struct provider_reply *reply_out);

#endif
