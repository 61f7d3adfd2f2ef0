/*
 * call_attempt.h - the attempts of one call: whether its request may be sent again, what an attempt
 * brought, and when a human is asked.
 *
 * A sending may take effect; a look-up only asks what became of the sendings. Look-ups therefore
 * prove and delay nothing: only sendings count for the idle time and for the provider's stored
 * answers.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_CALL_ATTEMPT_H
#define PAYAPI_APPLICATION_RECOVERY_CALL_ATTEMPT_H

#include "application/settling/history.h"
#include "application/settling/review.h"
#include "application/store/store.h"

/* True while the intent is younger than PROVIDER_KEY_RETRY_MAX_S. */
bool call_is_young(const struct ctx *ctx, const struct provider_call *call);
/* True while the frozen request may be sent without a look-up first. */
bool call_may_repeat(const struct ctx *ctx, const struct provider *provider,
                     const struct provider_call *call);
bool call_is_answered(enum provider_verdict verdict);

/*
 * Queues the attempt's result, and its audit unless a change has told of the answer: so it comes
 * after what the answer changes. looked: a look-up only; the request was not sent.
 */
void call_record(struct ctx *ctx, struct call_answer *answer, struct order_id order_id,
                 bool looked);

/*
 * Asks for a review of the locked payment, and logs an error, when the call's outcome has been
 * unknown for RECOVERY_PATIENCE_S, or for the provider's processing_max_s while the payer's attempt
 * is under way. not_listed: the provider's list was read to its end without finding it.
 */
void call_ask_a_human(struct ctx *ctx, struct payment_lock *lock, const struct provider *provider,
                      const struct provider_call *call, enum provider_verdict verdict,
                      bool not_listed);

/*
 * How long to wait before asking again for an unknown outcome: RECOVERY_FIRST_DELAY_MS, 15 s, 60 s,
 * 5 m, 15 m, 1 h, then hourly. Longer when the provider's Retry-After says so
 * (PROVIDER_RETRY_AFTER_MAX_S at most); sooner when the list was read without the object and will
 * prove its absence before that. The call's age decides the step, not the number of attempts: a
 * client that repeats in a loop does not delay its own recovery.
 */
int64_t recovery_delay_ms(const struct ctx *ctx, const struct provider_call *call,
                          const struct provider_reply *reply);

#endif
