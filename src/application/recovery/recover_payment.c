/* Finishes a payment's open calls: takes a call up, asks the provider, records the outcome. */
#include "application/recovery/recover_payment.h"

#include <string.h>

#include "application/fault_problem.h"
#include "application/settling/call_human.h"
#include "application/settling/payment_news.h"
#include "application/settling/settle_dispute.h"
#include "application/settling/settle_refund.h"
#include "application/transaction.h"
#include "call_attempt.h"
#include "recovery.h"

#define ROUNDS_MAX 4            /* open calls of one payment that one run finishes */

/* --- Taking up ----------------------------------------------------------------------------- */

static bool is_overdue(int64_t now_ms, const struct payment *payment)
{
    return now_ms > payment->expires_at_ms + PAYMENT_EXPIRY_GRACE_S * 1000;
}

/* The key contains the call's id: a later intent to close the same page is another call. */
static const struct problem *note_closing(struct ctx *ctx, struct recovery *work, int64_t now_ms)
{
    struct provider_call call = {
        .id = work->new_call_id,
        .payment_id = work->id,
        .provider = work->provider->name,
        .attempts = 1,
        .started_at_ms = now_ms,
    };

    TRY(work->provider->write_expire(ctx, &work->payment, &call.request));
    call.request.idempotency_key = arena_printf(ctx->arena, "%s:expire:%s", work->id.text,
                                                call.id.text);
    store_call_insert(ctx, &call, true);
    work->call = call;
    work->call_found = true;
    return OK;
}

/*
 * now_ms is the database's clock, which also decides what is due: by a clock that is late, a due
 * payment would be taken up in vain.
 */
static bool must_close(const struct recovery *work, int64_t now_ms)
{
    return payment_is_open(&work->payment.facts) && work->payment.provider_ref[0] != '\0'
        && (work->close_wanted || work->payment.surplus || is_overdue(now_ms, &work->payment));
}

static const struct problem *take_up(struct ctx *ctx, void *argument)
{
    struct recovery *work = argument;
    struct recovery_lock lock;

    TRY(store_recovery_lock(ctx, work->id, work->owner, &lock));
    if (!lock.payment.found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    work->payment = lock.payment.payment;
    work->call_found = lock.call_found;
    work->call = lock.call;
    work->refund = lock.refund;
    work->provider = ctx_find_provider(ctx, work->payment.provider);
    if (work->provider == NULL)
        return problem_new(ctx->arena, PROBLEM_PROVIDER_MISCONFIGURED,
                           "The payment's provider is not configured on this server.");
    if (!work->call_found && must_close(work, lock.now_ms))
        TRY(note_closing(ctx, work, lock.now_ms));
    else if (work->call_found && !work->call.leased && recovery_sends_first(ctx, work))
        store_call_sending(ctx, &work->call);
    return FAULT_HERE_IN(ctx, "recovery.in_intent");
}

/* --- Recording ----------------------------------------------------------------------------- */

static bool closes(const struct provider_call *call)
{
    return call->request.operation == OP_EXPIRE;
}

/* A page that we closed before its time was cancelled, whatever the provider calls it. */
static void settle_object(struct ctx *ctx, struct recovery *work, struct payment_lock *lock,
                          struct call_answer *answer)
{
    struct provider_payment *news = &work->outcome.payment;
    const enum change_source_kind source =
        !closes(&work->call)                              ? SOURCE_RECOVERY
        : recovery_is_expiry(&work->call, &lock->payment) ? SOURCE_EXPIRY
                                                          : SOURCE_CANCEL;

    if (source == SOURCE_CANCEL && news->facts.closed == PAYMENT_CLOSED_EXPIRED)
        news->facts.closed = PAYMENT_CLOSED_CANCELLED;
    settle_payment(ctx, lock, news, change_source_answer(source, answer));
}

static void settle(struct ctx *ctx, struct recovery *work, struct payment_lock *lock,
                   struct call_answer *answer)
{
    struct provider_payment refusal;

    if (work->outcome.verdict == VERDICT_DONE) {
        settle_object(ctx, work, lock, answer);
    } else if (work->outcome.verdict == VERDICT_REFUSED && !closes(&work->call)
               && payment_verdict_counts(&lock->payment, VERDICT_REFUSED)) {
        refusal = news_of_refusal(ctx, work->id, &work->outcome);
        settle_payment(ctx, lock, &refusal, change_source_answer(SOURCE_RECOVERY, answer));
    }
}

static const struct problem *vanished(struct ctx *ctx, const struct recovery *work)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL, "The payment is missing."),
                           "payment %s vanished", work->id.text);
}

static const struct problem *lock_and_settle(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock,
                                             struct call_answer *answer)
{
    if (work->call.refund_id.text[0] != '\0')
        return recovery_settle_refund(ctx, work, lock, answer);
    TRY(store_payment_lock(ctx, work->id, lock));
    if (!lock->found)
        return vanished(ctx, work);
    settle(ctx, work, lock, answer);
    return OK;
}

static const struct problem *record(struct ctx *ctx, void *argument)
{
    struct recovery *work = argument;
    struct call_answer answer = { &work->call, &work->reply, work->verdict, false };
    struct payment_lock lock;

    TRY(lock_and_settle(ctx, work, &lock, &answer));
    call_record(ctx, &answer, lock.payment.order_id, !work->sent);
    if (work->doubt != NULL)
        call_human_about(ctx, &lock, &work->call, REVIEW_REFUND_MAYBE_OURS, work->doubt);
    call_ask_a_human(ctx, &lock, work->provider, &work->call, work->verdict, work->not_listed);
    work->payment = lock.payment;
    work->result = call_is_answered(work->verdict) ? RECOVERY_SETTLED : RECOVERY_STILL_UNKNOWN;
    return FAULT_HERE_IN(ctx, "recovery.in_outcome");
}

/* --- Without an open call ------------------------------------------------------------------ */

static const struct problem *record_look(struct ctx *ctx, void *argument)
{
    struct recovery *work = argument;
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, work->id, &lock));
    if (!lock.found)
        return vanished(ctx, work);
    settle_payment(ctx, &lock, &work->outcome.payment, change_source_of(SOURCE_SYNC));
    work->payment = lock.payment;
    return OK;
}

/*
 * Money went back, but no refund or dispute says how. The lists may lag, so recovery asks again for
 * a while, and then a human must look. The payment never counts as simply paid.
 */
static const struct problem *judge_reversal(struct ctx *ctx, void *argument)
{
    struct recovery *work = argument;
    struct payment_lock lock;
    const struct payment *payment = &lock.payment;

    TRY(store_payment_lock(ctx, work->id, &lock));
    if (!lock.found)
        return vanished(ctx, work);
    if (work->outcome.payment.went_back && work->result == RECOVERY_NOTHING_OPEN
        && payment->refund_held_minor + payment->disputed_minor < payment->facts.captured_minor) {
        if (ctx->now_ms - payment->completed_at_ms < RECOVERY_REVERSAL_MS)
            work->result = RECOVERY_STILL_UNKNOWN;
        else
            call_human(ctx, &lock, REVIEW_REVERSED, change_source_of(SOURCE_SYNC));
    }
    work->payment = lock.payment;
    return OK;
}

/* Asks what has become of captured money. */
static const struct problem *look_at_money(struct ctx *ctx, struct recovery *work)
{
    bool refunds_told, disputes_told;

    TRY(relist_refunds(ctx, &work->payment, &refunds_told));
    TRY(relist_disputes(ctx, &work->payment, &disputes_told));
    if (!refunds_told || !disputes_told)
        work->result = RECOVERY_STILL_UNKNOWN;
    return in_transaction(ctx, judge_reversal, work);
}

static bool can_be_asked_for(const struct recovery *work)
{
    return work->provider->names_by_our_id || payment_object_is_known(&work->payment);
}

/*
 * Asks although no call is open: a webhook of the payment, a refund or a dispute may have been
 * lost.
 */
static const struct problem *look_at_object(struct ctx *ctx, struct recovery *work)
{
    if (work->close_wanted || !can_be_asked_for(work))
        return OK;
    recovery_retrieve(ctx, work);
    if (work->verdict != VERDICT_DONE) {
        work->result = RECOVERY_STILL_UNKNOWN;
        return OK;
    }
    TRY(in_transaction(ctx, record_look, work));
    return work->payment.facts.captured_minor > 0 ? look_at_money(ctx, work) : OK;
}

/* A refund that only a human can decide must not hide everything else about its payment. */
static const struct problem *look_past(struct ctx *ctx, struct recovery *work)
{
    if (!work->not_listed)
        return OK;
    work->result = RECOVERY_LOOKED;
    return look_at_object(ctx, work);
}

/* --- The run ------------------------------------------------------------------------------- */

/* The call may be our own intent to close, found again because its COMMIT had no answer. */
static bool is_somebody_elses(const struct recovery *work)
{
    return work->call_found && work->call.leased
        && strcmp(work->call.id.text, work->new_call_id.text) != 0;
}

static const struct problem *ask(struct ctx *ctx, struct recovery *work)
{
    work->noted = work->sent = false;
    work->doubt = NULL;
    work->not_listed = false;
    return work->call.refund_id.text[0] != '\0' ? recovery_ask_refund(ctx, work)
                                                : recovery_ask_payment(ctx, work);
}

static const struct problem *run(struct ctx *ctx, struct recovery *work)
{
    for (int round = 1; round <= ROUNDS_MAX; round++) {
        TRY(FAULT_HERE_IN(ctx, "recovery.before_intent"));
        TRY(in_transaction(ctx, take_up, work));        /* leased: nobody else asks meanwhile */
        if (is_somebody_elses(work)) {
            work->result = RECOVERY_BUSY;
            return OK;
        }
        if (!work->call_found)
            return round == 1 ? look_at_object(ctx, work) : OK;
        TRY(FAULT_HERE_IN(ctx, "recovery.after_intent"));
        TRY(ask(ctx, work));                            /* slow: no transaction held open */
        TRY(FAULT_HERE_IN(ctx, "recovery.after_reply"));
        TRY(in_transaction(ctx, record, work));
        TRY(FAULT_HERE_IN(ctx, "recovery.after_outcome"));
        if (work->result != RECOVERY_SETTLED)
            return look_past(ctx, work);
        work->close_wanted &= !closes(&work->call);     /* answered, one way or the other */
    }
    return OK;
}

static const struct problem *start(struct ctx *ctx, struct recovery *work,
                                   struct payment *payment_out, enum recovery_result *result_out)
{
    work->result = RECOVERY_NOTHING_OPEN;
    ctx_new_id(ctx, "pca", work->new_call_id.text);
    TRY(run(ctx, work));
    *payment_out = work->payment;
    *result_out = work->result;
    return OK;
}

const struct problem *recover_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                      struct payment *payment_out, enum recovery_result *result_out)
{
    struct recovery work = { .id = id, .owner = owner };

    return start(ctx, &work, payment_out, result_out);
}

const struct problem *close_payment(struct ctx *ctx, struct payment_id id, const char *owner,
                                    struct payment *payment_out, enum recovery_result *result_out)
{
    struct recovery work = { .id = id, .owner = owner, .close_wanted = true };

    return start(ctx, &work, payment_out, result_out);
}
