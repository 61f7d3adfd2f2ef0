/* Asks the provider what became of a checkout or of the closing of a page. */
#include <stdio.h>

#include "application/fault_problem.h"
#include "application/transaction.h"
#include "call_attempt.h"
#include "recovery.h"

/*
 * How the outcome of a call is found:
 *
 *     checkout   Send the frozen request with its key, which creates the object or finds it again.
 *                If the key is too old, or only replays a 5xx: read the object, else the list of
 *                all objects. Where requests have no key, look for the object first; only if it
 *                does not exist, send the frozen request again, while the payment has time left.
 *     expire     Send the same request; repeating it is harmless. If the provider did not carry it
 *                out, read the object: it was paid or had ended in between.
 *     refund     see recovery_refund.c
 */

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

/* A refused look-up says nothing about the call whose object it looks for. */
static void look_up(struct ctx *ctx, struct recovery *work, const struct provider_request *request)
{
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

/* The whole list was read, so long after the last sending that the object would be in it. */
static void conclude_absence(struct recovery *work)
{
    struct provider_outcome *outcome = &work->outcome;

    *outcome = (struct provider_outcome) { .verdict = VERDICT_REFUSED, .absent = true };
    snprintf(outcome->failure_code, sizeof(outcome->failure_code), "provider_never_saw_it");
    snprintf(outcome->failure_reason, sizeof(outcome->failure_reason),
             "The payment page could not be opened.");
    work->verdict = VERDICT_REFUSED;
}

#define SETTLED_BY_MS 500       /* margin for clocks and rounding */

/*
 * True when the whole list was read and the object is not in it; else work holds what was learned.
 */
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
    work->sent = true;
    send(ctx, work, &work->call.request);
}

static const struct problem *find(struct ctx *ctx, struct recovery *work)
{
    if (!is_absent(ctx, work))
        return OK;
    if (!work->provider->repeats_safely && ctx->now_ms < work->payment.expires_at_ms) {
        TRY(recovery_note_sending(ctx, work));
        send_frozen(ctx, work);
    } else if (work->call.idle_ms >= RECOVERY_SETTLE_MS) {
        conclude_absence(work);
    } else {
        work->call.settles_in_ms = RECOVERY_SETTLE_MS - work->call.idle_ms + SETTLED_BY_MS;
    }
    return OK;
}

static const struct problem *ask_about_checkout(struct ctx *ctx, struct recovery *work)
{
    if (recovery_sends_first(ctx, work))
        send_frozen(ctx, work);
    else if (work->payment.provider_ref[0] != '\0' || work->payment.provider_intent[0] != '\0')
        recovery_retrieve(ctx, work);
    else
        return find(ctx, work);
    return OK;
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

/*
 * If the page is still open: an expiry asks again until it has ended, a cancellation ends as
 * refused.
 */
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

/* --- Both kinds of call -------------------------------------------------------------------- */

static bool closes(const struct provider_call *call)
{
    return call->request.operation == OP_EXPIRE;
}

/* Calls that close a page are left out: sending them again is harmless. */
bool recovery_sends_first(const struct ctx *ctx, const struct recovery *work)
{
    return !closes(&work->call) && call_may_repeat(ctx, work->provider, &work->call);
}

static const struct problem *note_sending(struct ctx *ctx, void *argument)
{
    const struct recovery *work = argument;

    store_call_sending(ctx, &work->call);
    return FAULT_HERE_IN(ctx, "keyless.in_sending");
}

const struct problem *recovery_note_sending(struct ctx *ctx, struct recovery *work)
{
    work->noted = true;
    return in_transaction(ctx, note_sending, work);
}

const struct problem *recovery_ask_payment(struct ctx *ctx, struct recovery *work)
{
    if (!closes(&work->call))
        return ask_about_checkout(ctx, work);
    ask_to_close(ctx, work);
    return OK;
}
