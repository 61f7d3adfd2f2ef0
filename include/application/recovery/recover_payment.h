/*
 * recover_payment.h - ask the provider again, and end in the truth.
 *
 * The one way to finish what a crash, a time-out or a lost answer left open: used by payapi-jobs on
 * its schedule, by POST /payments/:id/sync on demand, by expiry, and by everything that closes a
 * page. A frozen request is repeated with its key while younger than PROVIDER_KEY_RETRY_MAX_S;
 * older ones, and those whose key only replays a 5xx, are looked up. It ends in the right state or
 * in needsReview with an alert, never in silence.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H
#define PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H

#include "application/recovery_terms.h"
#include "application/store/store_jobs.h"

/* payment_out: as it is afterwards. owner NULL: anybody's. NOT_FOUND when it is not there. */
const struct problem *recover_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                      struct payment *payment_out,
                                      enum recovery_result *result_out);

/*
 * The same, and if the payment is still open then, its page is closed at the provider: the intent
 * is a call of its own, which recovery finishes if we do not. Of a payment that is not open nothing
 * is asked (NOTHING_OPEN). SETTLED and still open: the payer's attempt is under way, it cannot be
 * closed.
 */
const struct problem *close_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                    struct payment *payment_out, enum recovery_result *result_out);

#endif
