/*
 * refund_identity.h - the id of a refund is a function of its payment and of the key it is asked
 * for with.
 *
 * So a repeat after the refund's row was lost (a restore, a failover) has the same id, sends the
 * same bytes under the same provider key, and finds what the provider already made.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_REFUND_IDENTITY_H
#define PAYAPI_APPLICATION_SETTLING_REFUND_IDENTITY_H

#include "application/store/store_refunds.h"

/* The keys of those that nobody asked for. No client's key holds a blank. */
#define REFUND_KEY_OF_SURPLUS " surplus"        /* the money of a second payment of an order */
#define REFUND_KEY_OF_EXCESS  " excess"         /* what was captured beyond the payment's amount */

/* ref_, the time in the payment's id, and 80 bits of SHA-256("payapi-refund|PAYMENT ID|KEY"). */
struct refund_id refund_id_of(struct payment_id payment_id, const char *key);
/* False: surely not made by refund_id_of for that payment. */
bool refund_id_fits(struct refund_id id, struct payment_id payment_id);
/* Who wanted the refund of that id, as far as the id tells. */
enum refund_origin refund_origin_of(struct refund_id id, struct payment_id payment_id);

/*
 * A provider's refund of that amount, made since ours was noted, that bears no id of ours: nobody's
 * mark tells the two apart.
 */
bool refund_is_possibly(const struct refund *refund, int64_t noted_at_ms,
                        const struct provider_refund *listed);
/*
 * The payment, which is locked, has a refund under way whose object at the provider is not known
 * yet, and these news may be of it: booked as somebody else's, the object could not become ours any
 * more.
 */
const struct problem *refund_may_be_ours(struct ctx *ctx, const struct payment *payment,
                                         const struct provider_refund *news, bool *maybe_out);

#endif
