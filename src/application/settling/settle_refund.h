/*
 * settle_refund.h - the only way a refund changes: merge the news, then record the result.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_SETTLE_REFUND_H
#define PAYAPI_APPLICATION_SETTLING_SETTLE_REFUND_H

#include "application/change_source.h"
#include "application/store/store_refunds.h"

/*
 * Merges news into the locked refund, or adopts one that was made elsewhere; queues the refund, the
 * ledger (refund, refund_reversal), the order's label, the audit and the domain events. lock is
 * updated. Returns true when something changed. An amount or currency that is not ours raises a
 * review.
 */
bool settle_refund(struct ctx *ctx, struct refund_lock *lock, const struct provider_refund *news,
                   struct change_source source);

/*
 * What settle_refund makes of a refund that is there, as the refund command does it, but writes
 * nothing: for an answer that is stored before the refund is.
 */
struct refund settle_refund_preview(struct ctx *ctx, const struct refund_lock *lock,
                                    const struct provider_refund *news);

/*
 * Asks the provider for all refunds of the payment and settles each. *told_out false: it did not
 * answer, and silence proves nothing. Calls the provider, so never inside a transaction.
 */
const struct problem *relist_refunds(struct ctx *ctx, const struct payment *payment,
                                     bool *told_out);

#endif
