/*
 * Records an attempt of a call: its result, the time of the next one, and the review if one is due.
 */
#include "call_attempt.h"

#include "application/recovery_terms.h"
#include "application/settling/call_human.h"

static int64_t age_s(const struct ctx *ctx, const struct provider_call *call)
{
    return (ctx->now_ms - call->started_at_ms) / 1000;
}

bool call_is_young(const struct ctx *ctx, const struct provider_call *call)
{
    return age_s(ctx, call) < PROVIDER_KEY_RETRY_MAX_S;
}

bool call_may_repeat(const struct ctx *ctx, const struct provider *provider,
                     const struct provider_call *call)
{
    return provider->repeats_safely && call_is_young(ctx, call) && !call->replays_5xx;
}

bool call_is_answered(enum provider_verdict verdict)
{
    return verdict == VERDICT_DONE || verdict == VERDICT_REFUSED;
}

/* --- The result ---------------------------------------------------------------------------- */

/* The retry delay of a call of that age; the timetable begins after first_ms. */
static int64_t step_ms(int64_t age_ms, int64_t first_ms)
{
    static const int seconds[] = { 15, 60, 300, 900, 3600 };
    const size_t last = sizeof(seconds) / sizeof(seconds[0]) - 1;
    int64_t end_ms = first_ms;

    for (size_t i = 0; i < last; i++) {
        end_ms += seconds[i] * INT64_C(1000);
        if (age_ms < end_ms)
            return seconds[i] * INT64_C(1000);
    }
    return seconds[last] * INT64_C(1000);
}

/*
 * The provider stored this 5xx under the key at an earlier sending, and would only repeat it. A
 * fresh 5xx is temporary.
 */
static bool repeats_failure(const struct provider_reply *reply)
{
    return reply->replayed && reply->http_status >= 500;
}

int64_t recovery_delay_ms(const struct ctx *ctx, const struct provider_call *call,
                          const struct provider_reply *reply)
{
    int64_t first_ms = ctx->settings->recovery_first_delay_ms;
    int64_t delay_ms = call->attempts <= 1 ? first_ms
                                           : step_ms(ctx->now_ms - call->started_at_ms, first_ms);

    if (repeats_failure(reply) && first_ms < delay_ms)
        delay_ms = first_ms;  /* the key is useless now: look it up soon */
    if (call->settles_in_ms > 0 && call->settles_in_ms < delay_ms)
        delay_ms = call->settles_in_ms;
    return delay_ms < reply->retry_after_s * INT64_C(1000) ? reply->retry_after_s * INT64_C(1000)
                                                           : delay_ms;
}

void call_record(struct ctx *ctx, struct call_answer *answer, struct order_id order_id,
                 bool looked)
{
    const struct provider_call *call = answer->call;
    const struct provider_reply *reply = answer->reply;
    const enum provider_verdict verdict = answer->verdict;
    struct call_attempt attempt = {
        .reply = reply,
        .verdict = verdict,
        .looked = looked,
        .maybe_executed = call->maybe_executed || (!looked && verdict == VERDICT_UNKNOWN),
        .replays_5xx = call->replays_5xx || (!looked && repeats_failure(reply)),
        .sent_age_ms = repeats_failure(reply) || !reply->sent ? call->idle_ms : 0,
        .retry_ms = recovery_delay_ms(ctx, call, reply),
    };

    store_call_record(ctx, call, &attempt);
    history_call_recorded(ctx, answer, order_id);
}

/* --- When a human is asked ----------------------------------------------------------------- */

static bool is_the_payer_awaited(const struct payment *payment)
{
    return payment_is_open(&payment->facts)
        && payment->facts.snapshot.progress == PROGRESS_PROCESSING;
}

void call_ask_a_human(struct ctx *ctx, struct payment_lock *lock, const struct provider *provider,
                      const struct provider_call *call, enum provider_verdict verdict,
                      bool not_listed)
{
    const bool awaited = is_the_payer_awaited(&lock->payment);
    enum review_cause cause;

    if (call_is_answered(verdict)
        || age_s(ctx, call) < (awaited ? provider->processing_max_s : RECOVERY_PATIENCE_S))
        return;
    cause = awaited ? REVIEW_UNDER_WAY_TOO_LONG
                    : not_listed ? REVIEW_REFUND_NOT_LISTED : REVIEW_UNANSWERED;
    call_human_about(ctx, lock, call, cause, review_cause_text(cause));
}
