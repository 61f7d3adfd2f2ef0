/*
 * settle_dispute.h - the only way a dispute changes: merge the news, then record the result.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_SETTLE_DISPUTE_H
#define PAYAPI_APPLICATION_SETTLING_SETTLE_DISPUTE_H

#include "application/change_source.h"
#include "application/store/store_disputes.h"

/*
 * Merges news into the locked dispute, or adds a new one; queues the dispute, the payment's
 * overlay, the ledger (dispute, dispute_reversal), the audit and the domain events. lock is
 * updated. Returns true when something changed. Money in a currency other than the payment's is not
 * booked and raises a review.
 */
bool settle_dispute(struct ctx *ctx, struct dispute_lock *lock, const struct provider_dispute *news,
                    struct change_source source);

/* The payment's dispute with that provider reference, or NULL. */
const struct dispute *dispute_named(const struct dispute *disputes, int count, const char *ref);

/*
 * Asks the provider for all disputes of the payment and settles each. *told_out false: it did not
 * answer, and silence proves nothing. Calls the provider, so never inside a transaction.
 */
const struct problem *relist_disputes(struct ctx *ctx, const struct payment *payment,
                                      bool *told_out);

#endif
