#include "application/settle_refund.h"

#include "application/transaction.h"

struct listing {
    struct payment_id       payment_id;
    const char             *provider;
    struct provider_refund *refunds;
    int                     count;
};

static const struct problem *settle_one(struct ctx *ctx, const struct listing *work,
                                        const struct provider_refund *news)
{
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, work->payment_id, work->provider, news, &lock));
    if (lock.payment.found && lock.payment.payment.facts.captured_minor > 0)
        settle_refund(ctx, &lock, news, "refunds.list");
    return OK;
}

static const struct problem *settle_those(struct ctx *ctx, const struct listing *work,
                                          bool that_hold_money)
{
    for (int i = 0; i < work->count; i++)
        if (refund_holds_money(work->refunds[i].status) == that_hold_money)
            TRY(settle_one(ctx, work, &work->refunds[i]));
    return OK;
}

/* What failed leaves room for what was made after it, and the newest stands first in a list. */
static const struct problem *settle_all(struct ctx *ctx, void *argument)
{
    TRY(settle_those(ctx, argument, false));
    return settle_those(ctx, argument, true);
}

const struct problem *relist_refunds(struct ctx *ctx, const struct payment *payment,
                                     bool *told_out)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);
    struct listing work = { .payment_id = payment->id, .provider = payment->provider };
    struct provider_request request;
    struct provider_reply reply;

    *told_out = false;
    if (provider == NULL || provider->write_list_refunds(ctx, payment, &request) != OK)
        return OK;
    provider->call(ctx, provider, &request, &reply);
    if (!provider->read_refund_list(ctx, payment, &reply, &work.refunds, &work.count))
        return OK;
    *told_out = true;
    return in_transaction(ctx, settle_all, &work);
}
