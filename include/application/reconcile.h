/*
 * reconcile.h - compares our books with the provider's own lists, a day at a time.
 *
 * Every charge, refund and dispute that the provider dates on that day (UTC) is compared with what
 * we have of it; then every row of our ledger of that day that no list confirmed is asked for by
 * name. What is provably ours is healed by the code that heals everything (adopt_payment,
 * recover_payment) and compared again; a difference that remains is a finding for a human to
 * answer. Another program's objects are counted. A second run finds the same difference only once.
 * Source: docs/reliability.md 5.4 (X1 to X5), docs/facts.md.
 */
#ifndef PAYAPI_APPLICATION_RECONCILE_H
#define PAYAPI_APPLICATION_RECONCILE_H

#include "application/store/store_reconcile.h"

#define RECONCILE_DELAY_S      (3 * 3600)       /* after midnight: fees come late, lists lag */
#define RECONCILE_BACK_DAYS    7  /* days that nobody compared are made up for this far back */
#define RECONCILE_RETRY_S      900              /* when the provider does not answer */
#define RECONCILE_PAGES_AT_ONCE 10              /* then other work has its turn */

enum reconcile_result {
    RECONCILE_NOT_DUE,                  /* or somebody else works on it right now */
    RECONCILE_THROUGH,
    RECONCILE_GOES_ON,                  /* more pages wait */
    RECONCILE_NO_ANSWER                 /* the day stays open, and says so */
};

/*
 * provider must have write_list_book. Works on the next day that is due; sets *run_out unless
 * NOT_DUE.
 */
const struct problem *reconcile_next(struct ctx *ctx, const struct provider *provider,
                                     struct reconciliation *run_out,
                                     enum reconcile_result *result_out);
/* The same for that day, now; restart: from its beginning. */
const struct problem *reconcile_day(struct ctx *ctx, const struct provider *provider,
                                    int64_t day_ms, bool restart, struct reconciliation *run_out,
                                    enum reconcile_result *result_out);

#endif
