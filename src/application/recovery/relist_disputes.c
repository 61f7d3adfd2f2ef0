/* Reads the provider's list of a payment's disputes, and settles each. */
#include "application/settling/settle_dispute.h"
#include "application/transaction.h"

struct listing {
    struct payment_id        payment_id;
    struct provider_dispute *disputes;
    int                      count;
};

static const struct problem *settle_all(struct ctx *ctx, void *argument)
{
    const struct listing *work = argument;
    struct dispute_lock lock;

    TRY(store_dispute_lock(ctx, work->payment_id, &lock));
    if (!lock.payment.found || lock.payment.payment.facts.captured_minor == 0)
        return OK;
    for (int i = 0; i < work->count; i++)
        settle_dispute(ctx, &lock, &work->disputes[i], change_source_of(SOURCE_DISPUTES_LIST));
    return OK;
}

const struct problem *relist_disputes(struct ctx *ctx, const struct payment *payment,
                                      bool *told_out)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);
    struct listing work = { .payment_id = payment->id };
    struct provider_request request;
    struct provider_reply reply;

    *told_out = provider != NULL && provider->write_list_disputes == NULL;
    if (provider == NULL || provider->write_list_disputes == NULL
        || provider->write_list_disputes(ctx, payment, &request) != OK)
        return OK;
    provider->call(ctx, provider, &request, &reply);
    if (!provider->read_dispute_list(ctx, payment, &reply, &work.disputes, &work.count))
        return OK;
    *told_out = true;
    return work.count > 0 ? in_transaction(ctx, settle_all, &work) : OK;
}
