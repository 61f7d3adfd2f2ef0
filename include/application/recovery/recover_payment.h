/*
 * recover_payment.h - ask the provider again, and end in the truth.
 *
 * The one way to finish what a crash, a time-out or a lost answer left open: used by payapi-jobs on
 * its schedule, by POST /payments/:id/sync on demand, by expiry, and by everything that closes a page.
 * A frozen request is repeated with its key while younger than PROVIDER_KEY_RETRY_MAX_S; older ones,
 * and those whose key only replays a 5xx, are looked up. It ends in the right state or in needsReview
 * with an alert, never in silence.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H
#define PAYAPI_APPLICATION_RECOVERY_RECOVER_PAYMENT_H

#include "application/store/store_jobs.h"

/* So long after the intent a human is asked, whoever asked the provider how often; that goes on hourly. */
#define RECOVERY_PATIENCE_S     (24 * 3600)
/* That long after it was last sent a list without the object proves that there is none. */
#define RECOVERY_SETTLE_MS      60000
#define RECOVERY_FIND_PAGES_MAX 20
/* So long after the money came its refunds and disputes are listed, if it went back. */
#define RECOVERY_REVERSAL_MS    600000

enum recovery_result {
    RECOVERY_NOTHING_OPEN,              /* every call's outcome was known; the object was looked at */
    RECOVERY_SETTLED,
    RECOVERY_STILL_UNKNOWN,             /* asked, and no answer that tells; again later */
    RECOVERY_LOOKED,                    /* a refund's outcome stays unknown; all else was looked at */
    RECOVERY_BUSY                       /* somebody else asks right now */
};
const char *recovery_result_name(enum recovery_result result);

/* payment_out: as it is afterwards. owner NULL: anybody's. NOT_FOUND when it is not there. */
const struct problem *recover_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                      struct payment *payment_out, enum recovery_result *result_out);

/*
 * The same, and if the payment is still open then, its page is closed at the provider: the intent is
 * a call of its own, which recovery finishes if we do not. Of a payment that is not open nothing is
 * asked (NOTHING_OPEN). SETTLED and still open: the payer's attempt is under way, it cannot be closed.
 */
const struct problem *close_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                    struct payment *payment_out, enum recovery_result *result_out);

/*
 * Until an unknown outcome is asked for again: RECOVERY_FIRST_DELAY_MS, 15 s, 60 s, 5 m, 15 m, 1 h,
 * then hourly; longer when the provider's Retry-After says so (PROVIDER_RETRY_AFTER_MAX_S at most), sooner
 * when the list was read without the object, and proves its absence before that.
 * The call's age tells the step, not how often it was asked: a client that repeats in a loop does
 * not put its own recovery off.
 */
int64_t recovery_delay_ms(const struct ctx *ctx, const struct provider_call *call,
                          const struct provider_reply *reply);

#endif
