/*
 * Gives money back: intent, call, outcome.
 *
 * 1. note_intent    refund (pending) and the exact provider request are durable before any call;
 *                   the amount is held from now on, so that no other refund can have it too; the
 *                   body is read here, because the payment's currency says what its digits mean
 * 2. the call       no transaction is open while the provider takes its time
 * 3. record_outcome refund, counters, ledger, audit, events and the answer to be replayed, together
 *
 * The refund's id binds the client's key to the refund for ever: a repeat continues with that
 * refund and its frozen request, or says how it stands. The same key never makes a second refund,
 * not even when we have lost the row.
 */
#include "application/commands.h"

#include <inttypes.h>
#include <string.h>

#include "application/choose_provider.h"
#include "application/fault_problem.h"
#include "application/recovery/call_attempt.h"
#include "application/recovery/recovery.h"
#include "application/settling/history.h"
#include "application/settling/open_refund.h"
#include "application/settling/payment_news.h"
#include "application/settling/refund_identity.h"
#include "application/settling/settle_dispute.h"
#include "application/settling/settle_refund.h"
#include "application/transaction.h"
#include "base/log.h"

struct refunding {
    const struct refund_payment *command;
    struct refund_id             id;            /* of the refund, derived from the key */
    struct call_id               new_call_id;   /* if we open one */
    struct claim                 claim;         /* of the idempotency key */
    bool                         has_key;       /* the claim is taken */
    int                          tries;         /* of note_intent */
    struct refund_terms          terms;         /* what the command asks for */

    bool                         must_call;     /* else answer is ready after note_intent */
    /* the provider knows refunds or disputes that we do not */
    bool                         must_relist;
    struct payment               payment;
    struct refund                refund;
    struct peeked                seen;
    struct refund_lock           known;  /* what note_intent wrote; not found: it wrote nothing */
    struct provider_call         call;
    bool                         sent;          /* else its outcome was only looked up */
    struct provider_reply        reply;
    struct provider_outcome      outcome;
    bool                         has_news;      /* the outcome changes the refund: */
    struct provider_refund       news;
    struct answer                answer;
};

/* --- Answers and the idempotency key ------------------------------------------------------- */

/* Before any other write of the transaction; later calls of the same one do nothing. */
static void take_key(struct ctx *ctx, struct refunding *work)
{
    if (!work->has_key)
        store_key_take(ctx, work->command->key, &work->claim, work->claim.payment_id);
    work->has_key = true;
}

static void answer_key(struct ctx *ctx, struct refunding *work, const struct answer *answer)
{
    const struct idempotency_key *key = work->command->key;

    if (work->has_key)
        store_key_finish(ctx, key, work->claim.fence, answer);
    else
        store_key_answer(ctx, key, &work->claim, work->claim.payment_id, answer);
    work->has_key = true;
}

/* Final answers are stored with the key; after any other answer a repeat continues from here. */
static void give(struct ctx *ctx, struct refunding *work, struct answer answer)
{
    work->answer = answer;
    if (answer.http_status < 500 && answer.http_status != 202) {
        answer_key(ctx, work, &answer);
    } else {
        take_key(ctx, work);
        store_key_release(ctx, work->command->key, work->claim.fence, false);
    }
}

static void refuse(struct ctx *ctx, struct refunding *work, const struct problem *problem)
{
    give(ctx, work, answer_problem(ctx, problem));
}

/*
 * A recorded intent is carried out in the end, so the answer never says that nothing was done,
 * whatever happened in this try.
 */
static void give_pending(struct ctx *ctx, struct refunding *work)
{
    const struct problem *problem = work->outcome.problem;
    struct answer answer = answer_refund(ctx, 202, &work->refund);

    answer.retry_after_s = problem != OK && problem->retry_after_s > 0 ? problem->retry_after_s
                                                                       : ANSWER_ASK_AGAIN_S;
    answer.problem = problem;
    give(ctx, work, answer);
}

static void give_refund(struct ctx *ctx, struct refunding *work)
{
    give(ctx, work, answer_refund(ctx, 201, &work->refund));
}

/* --- Intent: may it be refunded? ----------------------------------------------------------- */

static const struct problem *other_currency(struct ctx *ctx, const struct payment *payment)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "The payment is in another currency.");

    problem_add_field(ctx->arena, problem, "#/currency", "must be %s, the payment's currency",
                      payment->amount.currency);
    return problem;
}

/* Why nothing can be refunded, whatever the amount; OK: something can. */
static const struct problem *not_refundable(struct ctx *ctx, const struct payment *payment)
{
    const char *id = payment->id.text;

    if (payment->facts.captured_minor == 0)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is %s: nothing was captured that could be refunded.", id,
                           payment_status_name(payment->status));
    if (payment->facts.refunded_minor == payment->facts.captured_minor)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is fully refunded.", id);
    if (payment->dispute == DISPUTE_OPEN)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s has an open dispute, which decides whether its money goes"
                           " back. Repeat the refund when the dispute has ended.", id);
    if (refund_left(payment) == 0)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s is %s, and refunds under way hold all that is left of it.",
                           id, payment_status_name(payment->status));
    if (refund_allowed(payment) == 0)
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "A dispute took what is left of payment %s: the payer has it back.", id);
    return OK;
}

static const struct problem *refusal_of(struct ctx *ctx, const struct refund_terms *terms,
                                        const struct payment *payment)
{
    if (terms->currency[0] != '\0' && strcmp(terms->currency, payment->amount.currency) != 0)
        return other_currency(ctx, payment);
    TRY(not_refundable(ctx, payment));
    if (terms->amount_minor > refund_allowed(payment))
        return refund_too_much(ctx, payment, terms->amount_pointer);
    return OK;
}

/* --- Intent: a new refund, or the key's own ------------------------------------------------ */

/* open_refund refuses when the provider is not configured here. */
static const struct problem *still_answers(struct ctx *ctx, const struct payment *payment)
{
    const struct provider *provider = ctx_find_provider(ctx, payment->provider);

    return provider == NULL ? OK : provider_answers(ctx, provider);
}

static const struct problem *open_new(struct ctx *ctx, struct refunding *work,
                                      const struct refund_lock *rows)
{
    const struct refund_terms *terms = &work->terms;
    struct payment *payment = &work->payment;
    const struct refund_intent intent = {
        .id = work->id,
        .call_id = work->new_call_id,
        .amount_minor = terms->amount_minor != 0 ? terms->amount_minor : refund_allowed(payment),
        .origin = REFUND_BY_API,
        .client_key = work->command->key->key,
        .reason = terms->reason,
        .call_now = true,
    };

    TRY(refusal_of(ctx, terms, payment));
    TRY(still_answers(ctx, payment));
    take_key(ctx, work);
    store_peeked_hold(ctx, &work->seen);
    TRY(open_refund(ctx, payment, &intent, &work->refund, &work->call));
    work->known = *rows;
    work->known.payment.payment = *payment;
    work->known.refund_found = true;
    work->known.refund = work->refund;
    work->must_call = true;
    return OK;
}

/*
 * Recovery looks first when the request might be carried out twice or only brings its stored
 * answer.
 */
static bool may_call(const struct ctx *ctx, const struct provider_call *call)
{
    const struct provider *provider = ctx_find_provider(ctx, call->provider);

    return !call->leased && provider != NULL && call_may_repeat(ctx, provider, call);
}

/* The call has no known outcome: continue it with its frozen request, if we may. */
static void resume_call(struct ctx *ctx, struct refunding *work, const struct provider_call *call)
{
    work->call = *call;
    if (strcmp(call->id.text, work->new_call_id.text) == 0) {
        work->has_key = true;           /* our own intent: only its COMMIT had no answer */
        work->must_call = true;
    } else if (!may_call(ctx, call)) {
        give_pending(ctx, work);
    } else {
        work->call.attempts++;
        take_key(ctx, work);
        store_peeked_hold(ctx, &work->seen);
        store_call_lease(ctx, &work->call);
        work->must_call = true;
    }
}

static bool is_other_request(const struct refund_terms *terms, const struct refund *refund)
{
    return (terms->amount_minor != 0 && terms->amount_minor != refund->amount.minor)
        || (terms->currency[0] != '\0' && strcmp(terms->currency, refund->amount.currency) != 0);
}

static void go_on_with(struct ctx *ctx, struct refunding *work, const struct refund_peek *peek)
{
    work->refund = peek->rows.refund;
    if (is_other_request(&work->terms, &work->refund))
        refuse(ctx, work, problem_new(ctx->arena, PROBLEM_IDEMPOTENCY_KEY_REUSED,
                                      "This Idempotency-Key belongs to a refund of another"
                                      " amount."));
    else if (peek->call_found && !refund_object_is_known(&work->refund))
        resume_call(ctx, work, &peek->call);
    else
        give_refund(ctx, work);
}

static void decide(struct ctx *ctx, struct refunding *work, const struct refund_peek *peek)
{
    const struct problem *problem = OK;

    work->payment = peek->rows.payment.payment;
    if (!peek->rows.payment.found)
        problem = problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    else if (peek->rows.refund_found)
        go_on_with(ctx, work, peek);
    else
        problem = open_new(ctx, work, &peek->rows);
    if (problem != OK)
        refuse(ctx, work, problem);
}

static const struct problem *learn_terms(struct ctx *ctx, struct refunding *work,
                                         const struct money *paid)
{
    return work->command->read_terms(ctx, work->command->body, paid->currency, &work->terms);
}

static const struct problem *note_intent(struct ctx *ctx, void *argument)
{
    struct refunding *work = argument;
    const struct problem *problem = OK;
    struct refund_peek peek;

    work->known.refund_found = false;
    work->must_call = false;
    work->has_key = false;
    if (work->tries++ > 0)
        store_refund_queue_up(ctx, work->command->key, work->command->payment_id);
    TRY(store_refund_peek(ctx, work->command->key, work->command->payment_id, work->id, &peek));
    if (!idempotency_must_run(ctx, &peek.claim, &work->answer, &problem))
        return problem;
    work->claim = peek.claim;
    work->seen = peek.seen;
    if (peek.rows.payment.found)
        TRY(learn_terms(ctx, work, &peek.rows.payment.payment.amount));
    decide(ctx, work, &peek);
    return FAULT_HERE_IN(ctx, "refund.in_intent");
}

/* --- Outcome ------------------------------------------------------------------------------- */

/* work->refund is from here on as the news leave it; record_outcome writes them. */
static void take_news(struct ctx *ctx, struct refunding *work, const struct refund_lock *lock,
                      const struct provider_refund *news)
{
    work->news = *news;
    work->has_news = true;
    work->refund = settle_refund_preview(ctx, lock, news);
}

static void answer_refusal(struct ctx *ctx, struct refunding *work, const struct refund_lock *lock)
{
    struct provider_refund news = news_of_refused_refund(&work->refund, &work->outcome);

    take_news(ctx, work, lock, &news);
    work->must_relist = work->outcome.problem->type == PROBLEM_INVALID_PAYMENT_STATE;
    refuse(ctx, work, work->outcome.problem);
}

/* An object that is not what we asked for is under review, so it is not given out as our refund. */
static void answer_success(struct ctx *ctx, struct refunding *work, const struct refund_lock *lock)
{
    const struct provider_refund *news = &work->outcome.refund;
    bool as_asked = news->amount_minor == lock->refund.amount.minor
        && strcmp(news->currency, lock->refund.amount.currency) == 0;

    take_news(ctx, work, lock, news);
    if (as_asked)
        give_refund(ctx, work);
    else
        give_pending(ctx, work);
}

static void answer_outcome(struct ctx *ctx, struct refunding *work, const struct refund_lock *lock)
{
    work->must_relist = false;
    work->has_news = false;
    work->refund = lock->refund;
    if (!refund_verdict_counts(&lock->refund, work->outcome.verdict)) {
        give_refund(ctx, work);
        return;
    }
    switch (work->outcome.verdict) {
    case VERDICT_DONE:
        answer_success(ctx, work, lock);
        break;
    case VERDICT_REFUSED:
        answer_refusal(ctx, work, lock);
        break;
    case VERDICT_NOT_EXECUTED:
    case VERDICT_MISCONFIGURED:
    case VERDICT_UNKNOWN:
        give_pending(ctx, work);
        break;
    }
}

/*
 * Usually nobody was quicker, and what note_intent wrote still holds: then the outcome follows from
 * that, and the transaction only checks it (hold_known). Else the transaction fails, and its repeat
 * locks and reads the newer rows.
 */
static const struct problem *read_again(struct ctx *ctx, struct refunding *work,
                                        struct refund_lock *lock_out)
{
    const struct provider_refund named = { .refund_id = work->refund.id };

    *lock_out = work->known;
    if (work->known.refund_found)
        return OK;
    store_key_hold(ctx, work->command->key, work->claim.fence);
    return store_refund_lock(ctx, work->payment.id, &named, lock_out);
}

static void hold_known(struct ctx *ctx, struct refunding *work)
{
    if (work->known.refund_found)
        store_payment_hold(ctx, &work->known.payment, &work->call);
    work->known.refund_found = false;
}

/* The answer is written first: that takes the key's lock, which precedes order and payment. */
static const struct problem *record_outcome(struct ctx *ctx, void *argument)
{
    struct refunding *work = argument;
    struct call_answer answer = { &work->call, &work->reply, work->outcome.verdict, false };
    struct refund_lock lock;

    TRY(read_again(ctx, work, &lock));
    if (!lock.refund_found)
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "The refund is missing."),
                               "refund %s vanished", work->refund.id.text);
    answer_outcome(ctx, work, &lock);
    hold_known(ctx, work);
    if (work->has_news)
        settle_refund(ctx, &lock, &work->news, change_source_answer(SOURCE_REFUND, &answer));
    call_record(ctx, &answer, lock.payment.payment.order_id, !work->sent);
    call_ask_a_human(ctx, &lock.payment, ctx_find_provider(ctx, work->payment.provider),
                     &work->call, work->outcome.verdict, false);
    return FAULT_HERE_IN(ctx, "refund.in_outcome");
}

/* --- The command --------------------------------------------------------------------------- */

/*
 * Asks as recovery does: without a key, or when the key would only replay its answer, looks first.
 */
static const struct problem *ask_provider(struct ctx *ctx, struct refunding *work)
{
    struct recovery question = {
        .id = work->payment.id,
        .provider = ctx_find_provider(ctx, work->payment.provider),
        .payment = work->payment,
        .call = work->call,
        .refund = work->refund,
    };

    TRY(recovery_ask_refund(ctx, &question));
    if (question.noted)
        work->known.refund_found = false;       /* the call's row has changed meanwhile */
    work->sent = question.sent;
    work->reply = question.reply;
    work->outcome = question.outcome;
    return OK;
}

static const struct problem *relist(struct ctx *ctx, const struct payment *payment)
{
    bool told;

    TRY(relist_refunds(ctx, payment, &told));
    return relist_disputes(ctx, payment, &told);
}

/* The answer stands; this only updates the books, as the webhooks would do later. */
static void learn_why(struct ctx *ctx, const struct refunding *work)
{
    const struct problem *problem = relist(ctx, &work->payment);

    if (problem != OK)
        log_event(LOG_LEVEL_WARN, "refunds_not_listed", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", work->payment.id.text),
                  LOG_TEXT("cause", problem->cause));
}

const struct problem *refund_payment(struct ctx *ctx, const struct refund_payment *command,
                                     struct answer *answer_out)
{
    struct refunding work = { .command = command };

    work.id = refund_id_of(command->payment_id, command->key->key);
    ctx_new_id(ctx, "pca", work.new_call_id.text);

    TRY(FAULT_HERE_IN(ctx, "refund.before_intent"));
    TRY(in_transaction(ctx, note_intent, &work));       /* our intent is durable first */
    TRY(FAULT_HERE_IN(ctx, "refund.after_intent"));
    if (work.must_call) {
        TRY(ask_provider(ctx, &work));                  /* slow: no transaction held open */
        TRY(FAULT_HERE_IN(ctx, "refund.after_reply"));
        TRY(in_transaction(ctx, record_outcome, &work));  /* everything we learned, together */
    }
    if (work.must_relist)
        learn_why(ctx, &work);
    *answer_out = work.answer;
    return FAULT_HERE_IN(ctx, "refund.before_answer");
}
