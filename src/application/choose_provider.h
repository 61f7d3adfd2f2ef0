/*
 * choose_provider.h - chooses the provider that takes the money of a new payment.
 */
#ifndef PAYAPI_APPLICATION_CHOOSE_PROVIDER_H
#define PAYAPI_APPLICATION_CHOOSE_PROVIDER_H

#include "application/provider.h"

/* The provider that the caller named. A problem (422) when it is not configured here. */
const struct problem *named_provider(struct ctx *ctx, const char *name,
                                     const struct provider **provider_out);

/*
 * The provider for an order in this currency, with or without the payer's address, whose caller
 * named none: the configured one or, with PAYMENT_PROVIDER=auto, the one whose home currency it is.
 * Another provider that takes the currency steps in when that one does not take it or does not
 * answer. Only for a payment without any attempt: a payment is never moved to another provider.
 * Never NULL; if no provider takes the currency, returns the one that fits best.
 */
const struct provider *best_provider(struct ctx *ctx, const char *currency, bool has_email);

/*
 * The problem (502), with the time to wait, while calls to the provider are refused unsent. OK:
 * they are sent.
 */
const struct problem *provider_answers(struct ctx *ctx, const struct provider *provider);

#endif
