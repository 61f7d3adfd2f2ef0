/*
 * settle_dispute.h - the one way a dispute changes: merge what became known, and write it down.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_SETTLE_DISPUTE_H
#define PAYAPI_APPLICATION_SETTLING_SETTLE_DISPUTE_H

#include "application/change_source.h"
#include "application/store/store_disputes.h"

/*
 * Merges news into the locked dispute, or takes up one that is new; queues the dispute, the
 * payment's overlay, the ledger (dispute, dispute_reversal), the audit and the domain events. lock
 * is as after it. True when something changed. Money in another currency than the payment's is not
 * booked: that asks for review.
 */
bool settle_dispute(struct ctx *ctx, struct dispute_lock *lock, const struct provider_dispute *news,
                    struct change_source source);

/* The payment's dispute of that name, or NULL. */
const struct dispute *dispute_named(const struct dispute *disputes, int count, const char *ref);

/*
 * Asks the provider for all disputes of the payment and settles each. *told_out false: it did not
 * answer, and nothing is concluded from silence. Calls the provider, so never inside a transaction.
 */
const struct problem *relist_disputes(struct ctx *ctx, const struct payment *payment,
                                      bool *told_out);

#endif
