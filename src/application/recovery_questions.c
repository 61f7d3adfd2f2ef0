#include <stdio.h>
#include <string.h>

#include "recovery.h"

/*
 * Which question tells what became of a call:
 *
 *   checkout   the frozen request with its key, which makes the object or finds it again. When the key
 *              is too old, or only replays a 5xx: the object itself, else the list of all objects.
 *              Where requests have no key the object is looked for first, and only when it is not
 *              there the frozen request goes out again, while the payment has time left
 *   expire     the same request, which is harmless however often it comes; and when the provider did
 *              not do it, the object, because it was paid or had ended in between
 *   refund     recovery_refund.c
 */

#define REPLAYED_5XX_AFTER 2    /* attempts with a 5xx: the key has that answer stored */

static void send(struct ctx *ctx, struct recovery *work, const struct provider_request *request)
{
    const struct provider *provider = work->provider;

    provider->call(ctx, provider, request, &work->reply);
    provider->read_reply(ctx, provider, &work->payment, request, &work->reply, &work->outcome);
    work->verdict = work->outcome.verdict;
}

static void conclude_nothing(struct recovery *work)
{
    work->outcome.verdict = VERDICT_UNKNOWN;
    work->verdict = VERDICT_UNKNOWN;
}

/* A look-up that is refused says nothing about the call whose object it looks for. */
static void look_up(struct ctx *ctx, struct recovery *work, const struct provider_request *request)
{
    work->looked_up = true;
    send(ctx, work, request);
    if (work->outcome.verdict != VERDICT_DONE)
        conclude_nothing(work);
}

void recovery_retrieve(struct ctx *ctx, struct recovery *work)
{
    struct provider_request request;

    if (work->provider->write_retrieve(ctx, &work->payment, &request) == OK)
        look_up(ctx, work, &request);
    else
        conclude_nothing(work);
}

/* --- Checkout ------------------------------------------------------------------------------ */

bool recovery_is_young(const struct ctx *ctx, const struct provider_call *call)
{
    return (ctx->now_ms - call->started_at_ms) / 1000 < PROVIDER_KEY_RETRY_MAX_S;
}

/* Without a key only the very first attempt is certain to be the only one. */
bool recovery_may_repeat(const struct ctx *ctx, const struct recovery *work)
{
    const struct provider_call *call = &work->call;
    bool replays_5xx = call->attempts > REPLAYED_5XX_AFTER && call->last_http_status / 100 == 5;

    if (!work->provider->repeats_safely)
        return call->attempts == 1;
    return recovery_is_young(ctx, call) && !replays_5xx;
}

/* The whole list was read, and so long after the last attempt that it would be in it. */
static void conclude_absence(struct recovery *work)
{
    struct provider_outcome *outcome = &work->outcome;

    *outcome = (struct provider_outcome) { .verdict = VERDICT_REFUSED, .absent = true };
    snprintf(outcome->failure_code, sizeof(outcome->failure_code), "provider_never_saw_it");
    snprintf(outcome->failure_reason, sizeof(outcome->failure_reason),
             "The payment page could not be opened.");
    work->verdict = VERDICT_REFUSED;
}

/* True when the whole list was read and it is not there; else what was learned stands in work. */
static bool is_absent(struct ctx *ctx, struct recovery *work)
{
    const char *after = "";

    for (int page = 0; page < RECOVERY_FIND_PAGES_MAX; page++) {
        struct provider_request request;

        conclude_nothing(work);
        if (work->provider->write_find(ctx, &work->payment, after, &request) != OK)
            return false;
        look_up(ctx, work, &request);
        if (work->verdict != VERDICT_DONE || !work->outcome.absent)
            return false;
        after = work->outcome.find_after;
        if (after[0] == '\0')
            break;
    }
    conclude_nothing(work);
    return after[0] == '\0';
}

static void send_frozen(struct ctx *ctx, struct recovery *work)
{
    work->looked_up = false;
    send(ctx, work, &work->call.request);
}

static void find(struct ctx *ctx, struct recovery *work)
{
    if (!is_absent(ctx, work))
        return;
    if (!work->provider->repeats_safely && ctx->now_ms < work->payment.expires_at_ms)
        send_frozen(ctx, work);
    else if (work->call.idle_ms >= RECOVERY_SETTLE_MS)
        conclude_absence(work);
}

static void ask_about_checkout(struct ctx *ctx, struct recovery *work)
{
    if (recovery_may_repeat(ctx, work))
        send_frozen(ctx, work);
    else if (work->payment.provider_ref[0] != '\0' || work->payment.provider_intent[0] != '\0')
        recovery_retrieve(ctx, work);
    else
        find(ctx, work);
}

/* --- Expire -------------------------------------------------------------------------------- */

bool recovery_is_expiry(const struct provider_call *call, const struct payment *payment)
{
    return call->started_at_ms > payment->expires_at_ms;
}

static bool is_over(const struct recovery *work)
{
    return work->outcome.verdict == VERDICT_DONE && !payment_is_open(&work->outcome.payment.facts);
}

/* The page that is out of time is asked for until it has ended; a cancellation is answered once. */
static void look_why(struct ctx *ctx, struct recovery *work)
{
    recovery_retrieve(ctx, work);
    if (work->verdict == VERDICT_DONE && !is_over(work))
        work->verdict = recovery_is_expiry(&work->call, &work->payment) ? VERDICT_UNKNOWN
                                                                        : VERDICT_REFUSED;
}

static void ask_to_close(struct ctx *ctx, struct recovery *work)
{
    if (recovery_is_expiry(&work->call, &work->payment)) {
        recovery_retrieve(ctx, work);
        if (work->verdict != VERDICT_DONE || is_over(work))
            return;
    }
    send_frozen(ctx, work);
    if (work->reply.complete && !is_over(work) && work->verdict != VERDICT_NOT_EXECUTED
        && work->verdict != VERDICT_MISCONFIGURED)
        look_why(ctx, work);
}

/* --- All ----------------------------------------------------------------------------------- */

void recovery_ask(struct ctx *ctx, struct recovery *work)
{
    work->looked_up = false;
    if (work->call.refund_id.text[0] != '\0')
        recovery_ask_refund(ctx, work);
    else if (strcmp(work->call.request.operation, "expire") == 0)
        ask_to_close(ctx, work);
    else
        ask_about_checkout(ctx, work);
}
