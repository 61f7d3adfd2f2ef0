/*
 * call_human.h - asks for a review of a locked payment for a reason that its facts do not show.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_CALL_HUMAN_H
#define PAYAPI_APPLICATION_SETTLING_CALL_HUMAN_H

#include "application/change_source.h"
#include "application/store/store.h"
#include "review.h"

/*
 * Queues the review with its audit and domain event, and logs the alert, unless this cause was
 * asked about before.
 */
void call_human(struct ctx *ctx, struct payment_lock *lock, enum review_cause cause,
                struct change_source source);
/* The same for a call whose outcome recovery did not learn; text lays out what is known. */
void call_human_about(struct ctx *ctx, struct payment_lock *lock, const struct provider_call *call,
                      enum review_cause cause, const char *text);

#endif
