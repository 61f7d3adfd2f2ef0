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

/* A problem when nothing is known of the payment's charge, which a refund would have to name. */
const struct problem *refund_check_charge(struct ctx *ctx, const struct payment *payment);
/* The provider counts in larger units than this amount needs. */
const struct problem *refund_amount_refused(struct ctx *ctx, struct money amount);

/* The member "status". False, leaving *status_out alone: the table lacks the word. */
MUST_CHECK bool refund_read_status(const json_t *object, const struct refund_word *words,
                                   enum refund_status *status_out);
/*
 * Is that the refund we asked for? It is when it names our payment's charge, and our id or, without
 * any, our amount: an id that the provider did not keep makes it no other one. With the id of
 * another refund it is no reply to our call. True: the outcome is done, with the refund as
 * reported.
 */
MUST_CHECK bool refund_settles(const struct provider_refund *reported,
                               const struct provider *provider, const struct payment *payment,
                               const struct refund *refund, struct provider_outcome *outcome_out);

#endif
