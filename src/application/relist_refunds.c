#include "application/settle_refund.h"

#include "application/transaction.h"
#include "refund_listing.h"

static const struct problem *settle_one(struct ctx *ctx, const struct refund_listing *listing,
                                        const struct provider_refund *news)
{
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, listing->payment->id, listing->provider->name, news, &lock));
    if (lock.payment.found && lock.payment.payment.facts.captured_minor > 0)
        settle_refund(ctx, &lock, news, "refunds.list");
    return OK;
}

static const struct problem *settle_page(struct ctx *ctx, void *argument)
{
    const struct refund_listing *listing = argument;

    for (int i = 0; i < listing->count; i++)
        TRY(settle_one(ctx, listing, &listing->refunds[i]));
    return OK;
}

const struct problem *relist_refunds(struct ctx *ctx, const struct payment *payment,
                                     bool *told_out)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);
    struct refund_listing listing = refund_listing_new(provider, payment);

    *told_out = false;
    if (provider == NULL)
        return OK;
    while (refund_listing_next(ctx, &listing))
        TRY(in_transaction(ctx, settle_page, &listing));
    *told_out = listing.ended;
    return OK;
}
