/*
 * settle_payment.h - the only way a payment changes: merge the news, derive the status, record it.
 *
 * Checkout outcomes, webhooks, recovery and sync all end here.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_SETTLE_PAYMENT_H
#define PAYAPI_APPLICATION_SETTLING_SETTLE_PAYMENT_H

#include "application/change_source.h"
#include "application/store/store.h"

/*
 * Merges news into the locked payment and, if that changes anything, queues the payment, its
 * order's label, the ledger, the audit and the domain event. Money that turns out to be surplus
 * gets a refund whose call is due at once. lock->payment is updated. Returns true when something
 * changed.
 */
bool settle_payment(struct ctx *ctx, struct payment_lock *lock, const struct provider_payment *news,
                    struct change_source source);

/*
 * What settle_payment makes of the payment, but writes nothing: for an answer that is stored before
 * the payment is. (A refund of surplus money, which settle_payment opens, is not in it.)
 */
struct payment settle_payment_preview(struct ctx *ctx, const struct payment_lock *lock,
                                      const struct provider_payment *news);

#endif
