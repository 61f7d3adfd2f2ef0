/*
 * ownership.h - does an object at the provider belong to the payment that its metadata names?
 * Anybody on the same account, and at some providers anybody with the shop's public key, can write
 * our ids into metadata.
 */
#ifndef PAYAPI_APPLICATION_INBOX_OWNERSHIP_H
#define PAYAPI_APPLICATION_INBOX_OWNERSHIP_H

#include "application/store/store.h"

/*
 * By a name that we stored or gave it, or by its proof. A payment from before there were proofs is
 * believed by order, amount and currency.
 */
bool ownership_is_shown(const struct ctx *ctx, const struct provider_payment *object,
                        const struct payment *payment);
/*
 * What the event's metadata names without showing that it is of that payment counts as not found,
 * and its inbox row as waiting without a payment: the object itself will tell (adopt_payment.h).
 */
void ownership_check(struct ctx *ctx, const struct provider_event *event, struct inbox_lock *lock);
/*
 * Where objects are named by our payment id: ours by its proof, under another name than the
 * payment's.
 */
bool ownership_is_second_page(const struct provider *provider,
                              const struct provider_payment *object);

#endif
