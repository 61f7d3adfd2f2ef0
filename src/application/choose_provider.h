/* choose_provider.h - who is to take the money of a new payment. */
#ifndef PAYAPI_APPLICATION_CHOOSE_PROVIDER_H
#define PAYAPI_APPLICATION_CHOOSE_PROVIDER_H

#include "application/provider.h"

/* That the caller named. A problem (422) when it is not configured here. */
const struct problem *named_provider(struct ctx *ctx, const char *name,
                                     const struct provider **provider_out);

/*
 * For an order in this currency, with or without the payer's address, whose caller named none: the
 * configured one, or, with PAYMENT_PROVIDER=auto, the one at home in the currency. Another one that
 * takes it steps in while that one does not, or does not answer. Only for a payment without any
 * attempt: what was begun
 * at one provider is never moved to another. Never NULL; what takes the currency least badly else.
 */
const struct provider *best_provider(struct ctx *ctx, const char *currency, bool has_email);

/*
 * Calls to it are refused unsent right now: the problem (502) with the time to wait. OK: they go
 * out.
 */
const struct problem *provider_answers(struct ctx *ctx, const struct provider *provider);

#endif
