/*
 * settle_refund.h - the one way a refund changes: merge what became known, and write it down.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_SETTLE_REFUND_H
#define PAYAPI_APPLICATION_SETTLING_SETTLE_REFUND_H

#include "application/change_source.h"
#include "application/store/store_refunds.h"

/*
 * Merges news into the locked refund, or adopts one that was made elsewhere; queues the refund, the
 * ledger (refund, refund_reversal), the order's label, the audit and the domain events. lock is as
 * after it. True when something changed. Amount or currency that are not ours ask for review.
 */
bool settle_refund(struct ctx *ctx, struct refund_lock *lock, const struct provider_refund *news,
                   struct change_source source);

/*
 * Asks the provider for all refunds of the payment and settles each. *told_out false: it did not
 * answer, and nothing is concluded from silence. Calls the provider, so never inside a transaction.
 */
const struct problem *relist_refunds(struct ctx *ctx, const struct payment *payment,
                                     bool *told_out);

#endif
