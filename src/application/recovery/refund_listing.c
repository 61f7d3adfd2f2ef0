#include "refund_listing.h"

struct refund_listing refund_listing_new(const struct provider *provider,
                                         const struct payment *payment)
{
    return (struct refund_listing) {
        .provider = provider,
        .payment = payment,
        .after = "",
        .reply = { .request_id = "", .error = "" },
    };
}

bool refund_listing_next(struct ctx *ctx, struct refund_listing *listing)
{
    const struct provider *provider = listing->provider;
    struct provider_request request;

    if (listing->ended || listing->pages == REFUND_PAGES_MAX)
        return false;
    if (provider->write_list_refunds(ctx, listing->payment, listing->after, &request) != OK)
        return false;
    provider->call(ctx, provider, &request, &listing->reply);
    if (!provider->read_refund_list(ctx, listing->payment, &listing->reply, &listing->refunds,
                                    &listing->count, &listing->after))
        return false;
    listing->pages++;
    listing->ended = listing->after[0] == '\0';
    return true;
}
