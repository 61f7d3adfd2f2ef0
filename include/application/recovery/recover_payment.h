/*
 * recover_payment.h - asks the provider what became of a payment and its open calls.
 *
 * The only way to finish what a crash, a time-out or a lost answer left open: used by payapi-jobs
 * on its schedule, by POST /payments/:id/sync on demand, by expiry, and by everything that closes a
 * page. A frozen request is repeated with its key while younger than PROVIDER_KEY_RETRY_MAX_S;
 * older ones, and those whose key only replays a 5xx, are looked up. It ends in the right state or
 * in needsReview with an alert, never in silence.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H
#define PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H

#include "application/recovery_terms.h"
#include "application/store/store_jobs.h"

/*
 * payment_out: the payment afterwards. owner NULL: any owner. NOT_FOUND when there is no such
 * payment.
 */
const struct problem *recover_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                      struct payment *payment_out,
                                      enum recovery_result *result_out);

/*
 * Does the same and then, if the payment is still open, closes its page at the provider. The intent
 * to close is a call of its own, which recovery finishes if we do not. For a payment that is not
 * open nothing is asked (NOTHING_OPEN). SETTLED with the payment still open: the payer's attempt is
 * under way, so the page cannot be closed.
 */
const struct problem *close_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                    struct payment *payment_out, enum recovery_result *result_out);

#endif
