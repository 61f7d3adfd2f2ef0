/* Reads the provider's list of a payment's refunds, and settles each. */
#include "application/settling/settle_refund.h"

#include "application/transaction.h"
#include "refund_listing.h"

/* --- Reading the list -------------------------------------------------------------------- */

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

/* --- Settling what it says --------------------------------------------------------------- */

/* The refunds of one page that hold money, or those that do not. */
struct share {
    const struct refund_listing  *listing;
    const struct provider_refund *refunds;
    int                           count;
    bool                          that_hold_money;
};

static const struct problem *settle_one(struct ctx *ctx, const struct refund_listing *listing,
                                        const struct provider_refund *news)
{
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, listing->payment->id, news, &lock));
    if (lock.payment.found && lock.payment.payment.facts.captured_minor > 0)
        settle_refund(ctx, &lock, news, change_source_of(SOURCE_REFUNDS_LIST));
    return OK;
}

static bool belongs(const struct share *share, const struct provider_refund *refund)
{
    return refund_holds_money(refund->status) == share->that_hold_money;
}

static const struct problem *settle_share(struct ctx *ctx, void *argument)
{
    const struct share *share = argument;

    for (int i = 0; i < share->count; i++)
        if (belongs(share, &share->refunds[i]))
            TRY(settle_one(ctx, share->listing, &share->refunds[i]));
    return OK;
}

static const struct problem *settle_shares(struct ctx *ctx, const struct share *pages, int count,
                                           bool that_hold_money)
{
    for (int i = 0; i < count; i++) {
        struct share share = pages[i];
        int at = 0;

        share.that_hold_money = that_hold_money;
        while (at < share.count && !belongs(&share, &share.refunds[at]))
            at++;
        if (at < share.count)
            TRY(in_transaction(ctx, settle_share, &share));
    }
    return OK;
}

/*
 * Settles failed refunds first: they free money for refunds made later, and lists put the newest
 * first.
 */
const struct problem *relist_refunds(struct ctx *ctx, const struct payment *payment,
                                     bool *told_out)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);
    struct refund_listing listing = refund_listing_new(provider, payment);
    struct share pages[REFUND_PAGES_MAX];

    *told_out = false;
    if (provider == NULL)
        return OK;
    while (refund_listing_next(ctx, &listing))
        pages[listing.pages - 1] =
            (struct share) { &listing, listing.refunds, listing.count, false };
    TRY(settle_shares(ctx, pages, listing.pages, false));
    TRY(settle_shares(ctx, pages, listing.pages, true));
    *told_out = listing.ended;
    return OK;
}
