/*
 * refund_identity.h - derives a refund's id from its payment and the key of the request.
 *
 * A repeat after the refund's row was lost (a restore, a failover) therefore has the same id, sends
 * the same bytes under the same provider key, and finds what the provider already made.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_REFUND_IDENTITY_H
#define PAYAPI_APPLICATION_SETTLING_REFUND_IDENTITY_H

#include "application/store/store_refunds.h"

/* Keys of automatic refunds. They start with a blank, which no client's key contains. */
#define REFUND_KEY_OF_SURPLUS " surplus"        /* the money of a second payment of an order */
#define REFUND_KEY_OF_EXCESS  " excess"         /* what was captured beyond the payment's amount */

/* ref_, the time in the payment's id, and 80 bits of SHA-256("payapi-refund|PAYMENT ID|KEY"). */
struct refund_id refund_id_of(struct payment_id payment_id, const char *key);
/* False: refund_id_of cannot have made the id for that payment. */
bool refund_id_fits(struct refund_id id, struct payment_id payment_id);
/* Who asked for the refund, as far as its id tells. */
enum refund_origin refund_origin_of(struct refund_id id, struct payment_id payment_id);

/*
 * True when listed may be our refund: it names no id of ours, holds money, has the same amount and
 * currency, and was created after ours was noted (allowing for clock skew) or has no date.
 */
bool refund_is_possibly(const struct refund *refund, int64_t noted_at_ms,
                        const struct provider_refund *listed);
/*
 * *maybe_out: the locked payment has a pending refund whose object at the provider is unknown, and
 * news may be about it. If news were booked as a refund made by the provider, the object could no
 * longer become ours.
 */
const struct problem *refund_may_be_ours(struct ctx *ctx, const struct payment *payment,
                                         const struct provider_refund *news, bool *maybe_out);

#endif
