/* Tries a waiting event again: asks for its object, applies it, or puts it off. */
#include "application/inbox/process_inbox.h"

#include "adopt_payment.h"
#include "application/entropy.h"
#include "application/recovery/recover_payment.h"
#include "application/store/store_inbox_events.h"
#include "application/transaction.h"
#include "apply_event.h"
#include "base/log.h"
#include "ownership.h"

/* Retried soon, however often it was tried, because a call's lease ends within CALL_LEASE_S. */
#define BUSY_DELAY_MS 10000

struct inbox_work {
    const struct due_event   *due;
    const struct provider    *provider;
    struct provider_event     event;
    bool                      last_try;         /* of this run: what waits is put off */
    bool                      object_asked;     /* and the provider answered in full */
    bool                      busy;             /* somebody else asks right now */
    struct payment_id         must_ask;         /* the payment the event waits for; "" none */
    bool                      must_adopt;       /* it names a payment that we do not have */
    enum inbox_status         verdict;          /* the adoption's, when it ends the event */
    const char               *reason;           /* why it waits */
    bool                      buried;
    enum webhook_outcome      outcome;
};

/* --- Postponing ---------------------------------------------------------------------------- */

int64_t inbox_delay_max_ms(int attempts)
{
    static const int seconds[WEBHOOK_ATTEMPTS_MAX - 1] = {
        5, 20, 60, 240, 900, 3600, 10800, 36000, 108000
    };
    int at = attempts < 1 ? 0 : attempts >= WEBHOOK_ATTEMPTS_MAX ? WEBHOOK_ATTEMPTS_MAX - 2
                                                                 : attempts - 1;

    return seconds[at] * INT64_C(1000);
}

/* Full jitter: events that failed together are not retried together. */
static int64_t delay_ms(int attempts)
{
    uint64_t random;

    entropy_fill(&random, sizeof(random));
    return 1 + (int64_t) (random % (uint64_t) inbox_delay_max_ms(attempts));
}

/* Called once, after the commit. */
static void alert(const struct ctx *ctx, const struct inbox_work *work)
{
    log_event(LOG_LEVEL_ERROR, "webhook_dead", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("inbox_id", work->due->inbox_id.text), LOG_TEXT("event_id", work->event.id),
              LOG_TEXT("type", work->event.type), LOG_TEXT("reason", work->reason),
              LOG_NUMBER("attempts", work->due->attempts));
}

static void end(struct ctx *ctx, struct inbox_work *work, enum inbox_status status)
{
    struct payment_id none = { "" };

    store_inbox_finish(ctx, work->due->inbox_id, status, none, work->reason);
    work->buried = status == INBOX_DEAD;
}

/* Postpones in any case, because that statement checks the fence. */
static void put_off(struct ctx *ctx, struct inbox_work *work)
{
    enum inbox_status status =
        work->verdict == INBOX_RECEIVED && work->due->tries >= WEBHOOK_ATTEMPTS_MAX ? INBOX_DEAD
                                                                                    : work->verdict;

    store_inbox_postpone(ctx, work->due, work->busy ? BUSY_DELAY_MS : delay_ms(work->due->tries),
                         work->reason);
    store_inbox_attempt(ctx, work->due->inbox_id, status, work->reason);
    if (status != INBOX_RECEIVED)
        end(ctx, work, status);
}

static const struct problem *put_off_alone(struct ctx *ctx, void *argument)
{
    put_off(ctx, argument);
    return OK;
}

/* --- Applying ------------------------------------------------------------------------------ */

static bool may_adopt(const struct inbox_work *work)
{
    return !work->last_try && work->provider->write_adopt != NULL
        && work->due->attempts >= WEBHOOK_ADOPT_FROM;
}

static const struct problem *apply_or_wait(struct ctx *ctx, void *argument)
{
    struct inbox_work *work = argument;
    struct inbox_lock lock;

    work->must_ask.text[0] = '\0';
    work->must_adopt = false;
    TRY(store_inbox_lock(ctx, work->due, &work->event, &lock));
    ownership_check(ctx, &work->event, &lock);
    TRY(apply_event(ctx, work->provider, &work->event, work->object_asked, &lock, &work->outcome,
                    &work->reason));
    if (work->outcome != WEBHOOK_STORED) {
        store_inbox_attempt(ctx, work->due->inbox_id,
                            work->outcome == WEBHOOK_APPLIED ? INBOX_PROCESSED : INBOX_IGNORED,
                            work->reason);
        return OK;
    }
    if (lock.payment.found && !work->last_try)
        work->must_ask = lock.payment.payment.id;
    else if (!lock.payment.found && may_adopt(work))
        work->must_adopt = true;
    else
        put_off(ctx, work);
    return OK;
}

/* The provider's object may supply what the event lacks: a charge before its refund, an amount. */
static const struct problem *ask_and_apply(struct ctx *ctx, struct inbox_work *work)
{
    enum recovery_result result;
    struct payment payment;

    TRY(recover_payment(ctx, work->must_ask, NULL, &payment, &result));
    if (result == RECOVERY_SETTLED)     /* an open call came first: now the object itself */
        TRY(recover_payment(ctx, work->must_ask, NULL, &payment, &result));
    work->last_try = true;
    work->object_asked = result == RECOVERY_NOTHING_OPEN || result == RECOVERY_LOOKED;
    work->busy = result == RECOVERY_BUSY;
    return in_transaction(ctx, apply_or_wait, work);
}

/* Asks for its refunds too: their events may have come before, and been lost with the payment. */
static const struct problem *adopt_and_apply(struct ctx *ctx, struct inbox_work *work)
{
    struct adoption adoption;

    TRY(adopt_payment(ctx, work->provider, &work->event, &adoption));
    work->must_ask = adoption.payment_id;
    work->reason = adoption.reason;
    switch (adoption.result) {
    case ADOPTED:           return ask_and_apply(ctx, work);
    case ADOPTION_LATER:    break;
    case ADOPTION_IGNORED:  work->verdict = INBOX_IGNORED; break;
    case ADOPTION_REFUSED:  work->verdict = INBOX_DEAD; break;
    }
    if (work->verdict == INBOX_IGNORED)
        work->outcome = WEBHOOK_NOT_FOR_US;
    return in_transaction(ctx, put_off_alone, work);
}

static const struct problem *try_once(struct ctx *ctx, struct inbox_work *work)
{
    work->provider = ctx_find_provider(ctx, work->due->provider);
    if (work->provider == NULL)
        return problem_new(ctx->arena, PROBLEM_PROVIDER_MISCONFIGURED,
                           "its provider is not configured here");
    TRY(work->provider->read_webhook(ctx, work->due->body, &work->event));
    TRY(in_transaction(ctx, apply_or_wait, work));
    if (work->must_adopt)
        return adopt_and_apply(ctx, work);
    return work->must_ask.text[0] != '\0' ? ask_and_apply(ctx, work) : OK;
}

const struct problem *process_inbox(struct ctx *ctx, const struct due_event *due,
                                    enum webhook_outcome *outcome_out)
{
    struct inbox_work work = { .due = due };
    const struct problem *problem = try_once(ctx, &work);

    if (problem != OK && problem->type == PROBLEM_DATABASE_UNAVAILABLE)
        return problem;                                 /* its lease runs out, then it is retried */
    if (problem != OK) {
        work.outcome = WEBHOOK_STORED;
        work.reason = problem->detail;
        work.verdict = INBOX_RECEIVED;
        TRY(in_transaction(ctx, put_off_alone, &work));
    }
    if (work.buried)
        alert(ctx, &work);
    *outcome_out = work.outcome;
    return OK;
}
