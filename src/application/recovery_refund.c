#include <stdio.h>
#include <string.h>

#include "application/settle_refund.h"
#include "payment_news.h"
#include "recovery.h"

/*
 * What became of a refund: the frozen request with its key, which makes the refund or finds it again;
 * when the key is too old, or only replays a 5xx, the list of the payment's refunds.
 */

static void send(struct ctx *ctx, struct recovery *work)
{
    const struct provider *provider = work->provider;

    provider->call(ctx, provider, &work->call.request, &work->reply);
    provider->read_refund_reply(ctx, provider, &work->payment, &work->refund, &work->call.request,
                                &work->reply, &work->outcome);
    work->verdict = work->outcome.verdict;
}

static bool is_ours(const struct refund *refund, const struct provider_refund *listed)
{
    return strcmp(listed->refund_id.text, refund->id.text) == 0
        || (refund->provider_ref[0] != '\0' && strcmp(listed->ref, refund->provider_ref) == 0);
}

/* The whole list was read; long enough after the last attempt, absence is proved by it. */
static void conclude(struct recovery *work, const struct provider_refund *listed, int count)
{
    for (int i = 0; i < count; i++)
        if (is_ours(&work->refund, &listed[i])) {
            work->outcome.verdict = work->verdict = VERDICT_DONE;
            work->outcome.refund = listed[i];
            return;
        }
    if (work->call.idle_ms < RECOVERY_SETTLE_MS)
        return;
    work->outcome.verdict = work->verdict = VERDICT_REFUSED;
    snprintf(work->outcome.failure_code, sizeof(work->outcome.failure_code),
             "provider_never_saw_it");
}

static void look_up(struct ctx *ctx, struct recovery *work)
{
    const struct provider *provider = work->provider;
    struct provider_request request;
    struct provider_refund *listed;
    int count;

    work->looked_up = true;
    work->reply = (struct provider_reply) { .request_id = "", .error = "" };
    work->outcome = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    work->verdict = VERDICT_UNKNOWN;
    if (provider->write_list_refunds(ctx, &work->payment, &request) != OK)
        return;
    provider->call(ctx, provider, &request, &work->reply);
    if (provider->read_refund_list(ctx, &work->payment, &work->reply, &listed, &count))
        conclude(work, listed, count);
}

void recovery_ask_refund(struct ctx *ctx, struct recovery *work)
{
    if (recovery_may_repeat(ctx, &work->call))
        send(ctx, work);
    else
        look_up(ctx, work);
}

/* Against a known object a refusal or silence proves nothing. */
static void settle(struct ctx *ctx, const struct recovery *work, struct refund_lock *lock)
{
    struct provider_refund refusal;

    if (work->outcome.verdict == VERDICT_DONE) {
        settle_refund(ctx, lock, &work->outcome.refund, "recovery");
    } else if (work->outcome.verdict == VERDICT_REFUSED && !refund_object_is_known(&lock->refund)) {
        refusal = news_of_refused_refund(&lock->refund, &work->outcome);
        settle_refund(ctx, lock, &refusal, "recovery");
    }
}

const struct problem *recovery_settle_refund(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock_out)
{
    const struct provider_refund named = { .refund_id = work->refund.id };
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, work->id, work->provider->name, &named, &lock));
    if (!lock.refund_found)
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "The refund is missing."),
                               "refund %s vanished", work->refund.id.text);
    settle(ctx, work, &lock);
    *lock_out = lock.payment;
    return OK;
}
