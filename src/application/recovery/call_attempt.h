/*
 * call_attempt.h - the attempts of one call: may its request go out once more, what an attempt
 * brought, and when a human is asked.
 *
 * A sending may take effect; a look only asks what became of the sendings. So looks prove and delay
 * nothing: idle time and the provider's stored answers are judged by the sendings alone.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_CALL_ATTEMPT_H
#define PAYAPI_APPLICATION_RECOVERY_CALL_ATTEMPT_H

#include "application/settling/review.h"
#include "application/store/store.h"

/* True while the intent is younger than PROVIDER_KEY_RETRY_MAX_S. */
bool call_is_young(const struct ctx *ctx, const struct provider_call *call);
/* True while the frozen request may go out without a look before it. */
bool call_may_repeat(const struct ctx *ctx, const struct provider *provider,
                     const struct provider_call *call);
bool call_is_answered(enum provider_verdict verdict);

/* Queues what the attempt brought, and its audit. looked: the request was not sent. */
void call_record(struct ctx *ctx, const struct provider_call *call, struct order_id order_id,
                 const struct provider_reply *reply, enum provider_verdict verdict, bool looked);

/*
 * Asks for a review of the locked payment, and logs an error, when nobody told the call's outcome
 * for so long: RECOVERY_PATIENCE_S, or the provider's processing_max_s while the payer's attempt is
 * under way. not_listed: the provider's list was read to its end without it.
 */
void call_ask_a_human(struct ctx *ctx, struct payment_lock *lock, const struct provider *provider,
                      const struct provider_call *call, enum provider_verdict verdict,
                      bool not_listed);

/*
 * Until an unknown outcome is asked for again: RECOVERY_FIRST_DELAY_MS, 15 s, 60 s, 5 m, 15 m, 1 h,
 * then hourly; longer when the provider's Retry-After says so (PROVIDER_RETRY_AFTER_MAX_S at most),
 * sooner when the list was read without the object, and proves its absence before that. The call's
 * age tells the step, not how often it was asked: a client that repeats in a loop does not put its
 * own recovery off.
 */
int64_t recovery_delay_ms(const struct ctx *ctx, const struct provider_call *call,
                          const struct provider_reply *reply);

#endif
