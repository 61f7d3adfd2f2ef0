/*
 * refunds.h - what the refunds of every provider have in common: what cannot be asked for, their
 * words for a status, and whether a reply is about the refund that we asked for.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_REFUNDS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_REFUNDS_H

#include "application/provider.h"
#include "infrastructure/providers/shared/documents.h"

/* A status in the provider's words. theirs NULL ends a table. */
struct refund_word {
    const char        *theirs;
    enum refund_status ours;
};

/* A problem when we do not know the payment's charge, which a refund has to name. */
const struct problem *refund_check_charge(struct ctx *ctx, const struct payment *payment);
/* The problem when the provider's units are too large to express this amount. */
const struct problem *refund_amount_refused(struct ctx *ctx, struct money amount);

/* The member "status". False, leaving *status_out alone: the table lacks the word. */
MUST_CHECK bool refund_read_status(const json_t *object, const struct refund_word *words,
                                   enum refund_status *status_out);
/*
 * Is that the refund we asked for? It must name our payment's charge, and our refund id; if it has
 * no id (the provider may not have kept it), the amount must be ours. With another refund's id it
 * is not the reply to our call. True: the outcome is done, with the refund as reported.
 */
MUST_CHECK bool refund_settles(const struct provider_refund *reported,
                               const struct provider *provider, const struct payment *payment,
                               const struct refund *refund, struct provider_outcome *outcome_out);

#endif
