/*
 * payment_news.h - what a call's outcome says about its payment or refund, and when its money
 * moved.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_PAYMENT_NEWS_H
#define PAYAPI_APPLICATION_SETTLING_PAYMENT_NEWS_H

#include "application/provider.h"

/* A refused call took no money and never will: the payment is over, and the order is free again. */
struct provider_payment news_of_refusal(const struct ctx *ctx, struct payment_id id,
                                        const struct provider_outcome *outcome);

/* True when the provider's object is known to exist: we hold its reference or its money. */
bool payment_object_is_known(const struct payment *payment);
/*
 * Does the verdict on a call say anything about its payment? Against a known object a refusal or
 * silence proves nothing; only success counts then.
 */
bool payment_verdict_counts(const struct payment *payment, enum provider_verdict verdict);

/* A refused call gave nothing back and never will: its amount is free again. */
struct provider_refund news_of_refused_refund(const struct refund *refund,
                                              const struct provider_outcome *outcome);
/* As above, for a refund. */
bool refund_object_is_known(const struct refund *refund);
bool refund_verdict_counts(const struct refund *refund, enum provider_verdict verdict);

/*
 * When money of the payment moved, in Unix milliseconds: the end of the second that the provider
 * named (told_at_s; 0: none, then now), so that it sorts after what we wrote in that second. Never
 * in our future and never before the payment, because clocks differ. Books are closed by the day on
 * which money moved, and after an outage we learn of it much later.
 */
int64_t occurrence_ms(const struct ctx *ctx, const struct payment *payment, int64_t told_at_s);

#endif
