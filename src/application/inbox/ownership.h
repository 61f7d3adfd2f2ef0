/*
 * ownership.h - does an object at the provider belong to the payment that its metadata names?
 * Anybody on the same account, and at some providers anybody with the shop's public key, can write
 * our ids into metadata.
 */
#ifndef PAYAPI_APPLICATION_INBOX_OWNERSHIP_H
#define PAYAPI_APPLICATION_INBOX_OWNERSHIP_H

#include "application/store/store.h"

/*
 * True when shown by a name that we stored or gave it, or by its proof. A payment that predates
 * proofs is believed by order, amount and currency.
 */
bool ownership_is_shown(const struct ctx *ctx, const struct provider_payment *object,
                        const struct payment *payment);
/*
 * When the event does not show that it belongs to the payment that its metadata names, treats the
 * payment as not found, and the inbox row as waiting without a payment: the object itself will
 * decide (adopt_payment.h).
 */
void ownership_check(struct ctx *ctx, const struct provider_event *event, struct inbox_lock *lock);
/*
 * For an object shown to be ours, where objects are named by our payment id: true when it has
 * another name than the payment's.
 */
bool ownership_is_second_page(const struct provider *provider,
                              const struct provider_payment *object);

#endif
