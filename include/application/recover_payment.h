/*
 * recover_payment.h - ask the provider again, and end in the truth.
 *
 * The one way to finish what a crash, a time-out or a lost answer left open: used by payapi-jobs on
 * its schedule, by POST /payments/:id/sync on demand, and by expiry. A frozen request is repeated with
 * its key while younger than PROVIDER_KEY_RETRY_MAX_S; older ones are looked up first. It ends in the
 * right state or in needsReview with an alert, never in silence.
 */
#ifndef PAYAPI_APPLICATION_RECOVER_PAYMENT_H
#define PAYAPI_APPLICATION_RECOVER_PAYMENT_H

#include "application/store_jobs.h"

/* Attempts after which a human is asked; the asking goes on hourly. */
#define RECOVERY_ATTEMPTS_MAX 30

enum recovery_result {
    RECOVERY_NOTHING_OPEN,              /* every call's outcome was known; the object was looked at */
    RECOVERY_SETTLED,
    RECOVERY_STILL_UNKNOWN,             /* asked, and no answer that tells; again later */
    RECOVERY_BUSY                       /* somebody else asks right now */
};

/* payment_out: as it is afterwards. owner NULL: anybody's. NOT_FOUND when it is not there. */
const struct problem *recover_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                      struct payment *payment_out, enum recovery_result *result_out);

/* Seconds until an unknown outcome is asked for again: 5 s, 15 s, 60 s, 5 m, 15 m, 1 h, then hourly. */
int recovery_delay_s(int attempts);

#endif
