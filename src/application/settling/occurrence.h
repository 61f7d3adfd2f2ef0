/*
 * occurrence.h - when money moved, by the provider's word.
 *
 * We may learn of it much later, after an outage; books are closed by the day on which it moved.
 */
#ifndef PAYAPI_SRC_APPLICATION_SETTLING_OCCURRENCE_H
#define PAYAPI_SRC_APPLICATION_SETTLING_OCCURRENCE_H

#include "application/ctx.h"
#include "domain/payment.h"

/*
 * Unix milliseconds of a movement of the payment that the provider dates to told_at_s (0: not told, then
 * it is now): the end of that second, so that what we had already written of it comes before. Never in our
 * future, nor before the payment: clocks differ.
 */
int64_t occurrence_ms(const struct ctx *ctx, const struct payment *payment, int64_t told_at_s);

#endif
