/*
 * refund_listing.h - reads the provider's refunds of a payment, page by page to the end.
 *
 * Only a caller who has read to the end may conclude that a refund does not exist. Calls the
 * provider, so never inside a transaction. Everything lives in the arena of the request.
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_REFUND_LISTING_H
#define PAYAPI_APPLICATION_RECOVERY_REFUND_LISTING_H

#include "application/provider.h"

#define REFUND_PAGES_MAX 100            /* of 100 refunds each, at both providers */

struct refund_listing {
    const struct provider  *provider;
    const struct payment   *payment;
    int                     pages;      /* read so far */
    const char             *after;      /* where the next page begins */
    bool                    ended;      /* the last page was read */
    struct provider_reply   reply;      /* the last one */
    struct provider_refund *refunds;    /* of the page that was read last */
    int                     count;
};

struct refund_listing refund_listing_new(const struct provider *provider,
                                         const struct payment *payment);
/* Reads the next page. False: there is none, or it could not be read; ended says which. */
bool refund_listing_next(struct ctx *ctx, struct refund_listing *listing);

#endif
