/*
 * Starts paying an order: intent, call, outcome.
 *
 * 1. note_intent    payment (pending) and the exact provider request are durable before any call
 * 2. the call       no transaction is open while the provider takes its time
 * 3. record_outcome facts, status, ledger, audit, event and the answer to be replayed, together
 *
 * Where the provider cannot tell a repeat from a second request (no key), recovery first looks up
 * what became of the first one. Recovery also checks the page of a failed attempt before it is
 * given out again: a card may be tried anew there, but after a bank debit the page is over.
 *
 * If the caller wants another provider than the open payment's, the code that cancels closes that
 * payment's page first (recover_payment.h); the order is free only when the provider has said so.
 *
 * A repeat, by this client or another, continues with the frozen request of the live payment: an
 * order never has a second payable page.
 */
#include "application/commands.h"

#include <stdio.h>
#include <string.h>

#include "application/choose_provider.h"
#include "application/fault_problem.h"
#include "application/recovery/call_attempt.h"
#include "application/recovery/recover_payment.h"
#include "application/settling/history.h"
#include "application/settling/payment_news.h"
#include "application/settling/settle_payment.h"
#include "application/store/store.h"
#include "application/transaction.h"

struct checkout {
    const struct checkout_order *command;
    const struct provider       *provider;  /* named by the caller; else chosen after the peek */
    struct payment_id            new_id;        /* of the payment, if we open one */
    struct call_id               new_call_id;
    struct claim                 claim;         /* of the idempotency key */
    bool                         has_key;       /* the claim is taken */
    int                          tries;         /* of note_intent */

    bool                         must_close;  /* first close the page at another provider */
    bool                         was_closing;   /* that was tried */
    enum recovery_result         close_result;
    bool                         must_ask;  /* first ask what became of the call or page */
    bool                         was_asking;    /* that was tried */
    bool                         must_call;     /* else answer is ready after note_intent */
    bool                         opened_here;   /* 201 rather than 200 */
    struct payment               payment;
    struct peeked                seen;
    struct payment_lock          known;  /* what note_intent wrote; not found: it wrote nothing */
    struct provider_call         call;
    struct provider_reply        reply;
    struct provider_outcome      outcome;
    bool                         has_news;      /* the outcome changes the payment: */
    struct provider_payment      news;
    struct answer                answer;
};

/* --- Answers and the idempotency key ------------------------------------------------------- */

static bool is_replayable(const struct answer *answer)
{
    return answer->http_status < 500 && answer->http_status != 202;
}

/* Before any other write of the transaction; later calls of the same one do nothing. */
static void take_key(struct ctx *ctx, struct checkout *work, struct payment_id payment_id)
{
    if (work->command->key != NULL && !work->has_key)
        store_key_take(ctx, work->command->key, &work->claim, payment_id);
    work->has_key = true;
}

static void answer_key(struct ctx *ctx, struct checkout *work, const struct answer *answer)
{
    const struct idempotency_key *key = work->command->key;

    if (work->has_key)
        store_key_finish(ctx, key, work->claim.fence, answer);
    else
        store_key_answer(ctx, key, &work->claim, work->claim.payment_id, answer);
    work->has_key = true;
}

/* Final answers are stored with the key; after any other answer a repeat continues from here. */
static void give(struct ctx *ctx, struct checkout *work, struct answer answer, bool start_afresh)
{
    const struct idempotency_key *key = work->command->key;

    work->answer = answer;
    if (key == NULL)
        return;
    if (is_replayable(&answer)) {
        answer_key(ctx, work, &answer);
    } else {
        take_key(ctx, work, work->claim.payment_id);
        store_key_release(ctx, key, work->claim.fence, start_afresh);
    }
}

static void refuse(struct ctx *ctx, struct checkout *work, const struct problem *problem)
{
    give(ctx, work, answer_problem(ctx, problem), true);
}

/*
 * A recorded intent is carried out in the end, so the answer never says that nothing was done,
 * whatever happened in this try.
 */
static void give_pending(struct ctx *ctx, struct checkout *work)
{
    const struct problem *problem = work->outcome.problem;
    struct answer answer = answer_payment(ctx, 202, &work->payment);

    answer.retry_after_s = problem != OK && problem->retry_after_s > 0 ? problem->retry_after_s
                                                                       : ANSWER_ASK_AGAIN_S;
    answer.problem = problem;
    give(ctx, work, answer, false);
}

/* A page with another amount is not handed out: the payment waits for a human. */
static void give_live_payment(struct ctx *ctx, struct checkout *work)
{
    if (work->payment.facts.mismatch)
        give_pending(ctx, work);
    else
        give(ctx, work, answer_payment(ctx, work->opened_here ? 201 : 200, &work->payment), false);
}

/* --- Intent -------------------------------------------------------------------------------- */

static struct payment payment_to_open(const struct ctx *ctx, const struct checkout *work,
                                      const struct order *order)
{
    struct payment payment = {
        .id = work->new_id,
        .order_id = order->id,
        .amount = order->amount,
        .status = PAYMENT_PENDING,
        .authored = true,
        .expires_at_ms = ctx->now_ms + (int64_t) ctx->settings->checkout_ttl_s * 1000,
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    snprintf(payment.owner_id, sizeof(payment.owner_id), "%s", order->owner_id);
    snprintf(payment.provider, sizeof(payment.provider), "%s", work->provider->name);
    return payment;
}

static const char *or_default(const char *given, const char *otherwise)
{
    return given[0] != '\0' ? given : otherwise;
}

static const char *proof_of(struct ctx *ctx, const struct payment *payment)
{
    char *proof = arena_alloc(ctx->arena, AUTHORSHIP_PROOF_MAX);

    authorship_prove(ctx->settings->authorship, payment, proof);
    return proof;
}

/*
 * The URL of a page of ours. The payment's id lets it show the outcome: anybody with the id can
 * ask.
 */
static const char *own_page(struct ctx *ctx, const struct checkout *work, const char *name)
{
    return arena_printf(ctx->arena, "%s/checkout/%s?payment=%s", ctx->settings->public_base_url,
                        name, work->payment.id.text);
}

static const struct problem *write_request(struct ctx *ctx, const struct checkout *work,
                                           const struct order *order,
                                           struct provider_request *request_out)
{
    const struct checkout_order *command = work->command;
    struct provider_checkout wanted = {
        .payment = &work->payment,
        .order = order,
        .customer_email = or_default(command->customer_email, order->customer_email),
        .return_url = or_default(command->return_url, own_page(ctx, work, "return")),
        .cancel_url = or_default(command->cancel_url, own_page(ctx, work, "cancelled")),
        .proof = proof_of(ctx, &work->payment),
    };

    return work->provider->write_checkout(ctx, work->provider, &wanted, request_out);
}

static void open_payment(struct ctx *ctx, struct checkout *work, const struct order *order)
{
    const struct problem *problem;

    problem = provider_answers(ctx, work->provider);
    if (problem != OK) {
        refuse(ctx, work, problem);
        return;
    }
    work->payment = payment_to_open(ctx, work, order);
    work->call = (struct provider_call) {
        .id = work->new_call_id,
        .payment_id = work->payment.id,
        .provider = work->provider->name,
        .attempts = 1,
        .started_at_ms = ctx->now_ms,
    };
    problem = write_request(ctx, work, order, &work->call.request);
    if (problem != OK) {
        refuse(ctx, work, problem);
        return;
    }
    take_key(ctx, work, work->payment.id);
    store_payment_open(ctx, &work->payment, &work->seen);
    store_call_insert(ctx, &work->call, true);
    history_payment_created(ctx, &work->payment);
    work->known = (struct payment_lock) { .found = true, .payment = work->payment,
                                          .order_status = order->status };
    work->opened_here = true;
    work->must_call = true;
}

static bool same_id(struct payment_id a, struct payment_id b)
{
    return strcmp(a.text, b.text) == 0;
}

/* The live payment's call has no known outcome: continue it with its frozen request, if we may. */
static void resume_call(struct ctx *ctx, struct checkout *work, const struct checkout_peek *peek)
{
    work->call = peek->call;
    if (same_id(peek->payment.id, work->new_id)) {
        work->has_key = true;           /* our own intent: only its COMMIT had no answer */
        work->must_call = true;
    } else if (peek->call.leased || work->was_asking) {
        give_pending(ctx, work);
    } else if (!call_may_repeat(ctx, work->provider, &peek->call)) {
        work->must_ask = true;
    } else {
        work->call.attempts++;
        take_key(ctx, work, work->claim.payment_id);
        store_peeked_hold(ctx, &work->seen);
        store_call_lease(ctx, &work->call);
        work->must_call = true;
    }
}

/* One order, one page: the one at the other provider is closed before ours is opened. */
static void go_on_elsewhere(struct ctx *ctx, struct checkout *work)
{
    if (!work->was_closing)
        work->must_close = true;
    else if (work->close_result == RECOVERY_SETTLED)
        refuse(ctx, work, problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                                      "Order %s has a payment under way at %s.",
                                      work->payment.order_id.text, work->payment.provider));
    else
        give_pending(ctx, work);   /* being closed: the repeat opens the new one */
}

static bool page_may_be_over(const struct payment *payment)
{
    return payment->status == PAYMENT_FAILED && payment->checkout_url[0] != '\0';
}

static const struct problem *already_paid(struct ctx *ctx, const struct payment *payment)
{
    const char *order = payment->order_id.text;

    if (payment_is_underpaid(&payment->facts, payment->amount.minor))
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Order %s received less than its amount: that payment waits for a"
                           " review.",
                           order);
    if (payment->status == PAYMENT_REFUNDED)
        return problem_new(ctx->arena, PROBLEM_PAYMENT_ALREADY_PROCESSED,
                           "Order %s was paid, and its money went back. Make a new order.", order);
    return problem_new(ctx->arena, PROBLEM_PAYMENT_ALREADY_PROCESSED, "Order %s is already paid.",
                       order);
}

/* The order has a payment that is paid or can still be paid: there is no second one. */
static void go_on_with(struct ctx *ctx, struct checkout *work, const struct checkout_peek *peek)
{
    const struct payment *payment = &peek->payment;
    bool began_with_this_key = same_id(peek->claim.payment_id, payment->id)
        || same_id(work->new_id, payment->id);

    work->payment = *payment;
    work->opened_here = began_with_this_key;
    if (payment->facts.captured_minor > 0 && !began_with_this_key)
        refuse(ctx, work, already_paid(ctx, payment));
    else if (strcmp(payment->provider, work->provider->name) != 0)
        go_on_elsewhere(ctx, work);
    else if (peek->call_found && payment_is_open(&payment->facts))
        resume_call(ctx, work, peek);
    else if (page_may_be_over(payment) && !work->was_asking)
        work->must_ask = true;
    else
        give_live_payment(ctx, work);
}

static struct problem *other_currency(struct ctx *ctx, const struct order *order)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "The order is in another currency.");

    problem_add_field(ctx->arena, problem, "#/currency", "must be %s, the order's currency",
                      order->amount.currency);
    return problem;
}

/* A payment stays at its provider unless the caller wants another one. */
static void choose(struct ctx *ctx, struct checkout *work, const struct checkout_peek *peek)
{
    if (work->command->provider[0] != '\0')
        return;
    work->provider = NULL;
    if (peek->payment_found)
        work->provider = ctx_find_provider(ctx, peek->payment.provider);
    if (work->provider == NULL)
        work->provider = best_provider(ctx, peek->order.amount.currency,
                                       work->command->customer_email[0] != '\0'
                                           || peek->order.customer_email[0] != '\0');
}

static void decide(struct ctx *ctx, struct checkout *work, const struct checkout_peek *peek)
{
    const char *currency = work->command->currency;

    choose(ctx, work, peek);
    if (!peek->order_found)
        refuse(ctx, work, problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such order."));
    else if (currency[0] != '\0' && strcmp(currency, peek->order.amount.currency) != 0)
        refuse(ctx, work, other_currency(ctx, &peek->order));
    else if (peek->payment_found)
        go_on_with(ctx, work, peek);
    else
        open_payment(ctx, work, &peek->order);
}

static const struct problem *note_intent(struct ctx *ctx, void *argument)
{
    struct checkout *work = argument;
    const struct problem *problem = OK;
    struct checkout_peek peek;

    work->known.found = false;
    work->must_call = false;
    work->must_close = false;
    work->must_ask = false;
    work->has_key = false;
    if (work->tries++ > 0)
        store_checkout_queue_up(ctx, work->command->key, work->command->order_id, ctx_payer(ctx));
    TRY(store_checkout_peek(ctx, work->command->key, work->command->order_id, ctx_payer(ctx),
                            &peek));
    if (!idempotency_must_run(ctx, &peek.claim, &work->answer, &problem))
        return problem;
    work->claim = peek.claim;
    work->seen = peek.seen;
    decide(ctx, work, &peek);
    if (work->must_close || work->must_ask)
        take_key(ctx, work, work->claim.payment_id);
    return FAULT_HERE_IN(ctx, "checkout.in_intent");
}

/* --- Outcome ------------------------------------------------------------------------------- */

/*
 * The caller can correct what the provider refused, and nobody was told of the payment: it stays in
 * the audit alone and is not shown as a failed payment of the order.
 */
static bool was_not_begun(const struct checkout *work)
{
    const enum problem_type type = work->outcome.problem->type;

    return work->call.attempts == 1
        && (type == PROBLEM_VALIDATION_FAILED || type == PROBLEM_INVALID_AMOUNT);
}

/* work->payment is from here on as the news leave it; record_outcome writes them. */
static void take_news(struct ctx *ctx, struct checkout *work, const struct payment_lock *lock,
                      const struct provider_payment *news)
{
    work->news = *news;
    work->has_news = true;
    work->payment = settle_payment_preview(ctx, lock, news);
}

static void answer_refusal(struct ctx *ctx, struct checkout *work, struct payment_lock *lock)
{
    struct provider_payment news = news_of_refusal(ctx, work->payment.id, &work->outcome);

    lock->payment.not_begun = was_not_begun(work);
    take_news(ctx, work, lock, &news);
    refuse(ctx, work, work->outcome.problem);
}

static void answer_success(struct ctx *ctx, struct checkout *work, const struct payment_lock *lock)
{
    take_news(ctx, work, lock, &work->outcome.payment);
    if (work->payment.surplus)
        refuse(ctx, work, already_paid(ctx, &work->payment));   /* late money came meanwhile */
    else
        give_live_payment(ctx, work);
}

/* The verdict proves nothing: answer with the payment as it stands. */
static void answer_as_known(struct ctx *ctx, struct checkout *work)
{
    bool page_is_missing = payment_is_open(&work->payment.facts)
        && work->payment.checkout_url[0] == '\0';

    if (page_is_missing)
        give_pending(ctx, work);
    else
        give_live_payment(ctx, work);
}

static void answer_outcome(struct ctx *ctx, struct checkout *work, struct payment_lock *lock)
{
    work->has_news = false;
    work->payment = lock->payment;
    if (!payment_verdict_counts(&lock->payment, work->outcome.verdict)) {
        answer_as_known(ctx, work);
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
static const struct problem *read_again(struct ctx *ctx, struct checkout *work,
                                        struct payment_lock *lock_out)
{
    *lock_out = work->known;
    if (work->known.found)
        return OK;
    if (work->command->key != NULL)
        store_key_hold(ctx, work->command->key, work->claim.fence);
    return store_payment_lock(ctx, work->payment.id, lock_out);
}

static void hold_known(struct ctx *ctx, struct checkout *work)
{
    if (work->known.found)
        store_payment_hold(ctx, &work->known, &work->call);
    work->known.found = false;
}

/* The answer is written first: that takes the key's lock, which precedes order and payment. */
static const struct problem *record_outcome(struct ctx *ctx, void *argument)
{
    struct checkout *work = argument;
    struct call_answer answer = { &work->call, &work->reply, work->outcome.verdict, false };
    struct payment_lock lock;

    TRY(read_again(ctx, work, &lock));
    if (!lock.found)
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "The payment is missing."),
                               "payment %s vanished", work->payment.id.text);
    answer_outcome(ctx, work, &lock);
    hold_known(ctx, work);
    if (work->has_news)
        settle_payment(ctx, &lock, &work->news, change_source_answer(SOURCE_CHECKOUT, &answer));
    call_record(ctx, &answer, lock.payment.order_id, false);
    call_ask_a_human(ctx, &lock, work->provider, &work->call, work->outcome.verdict, false);
    return FAULT_HERE_IN(ctx, "checkout.in_outcome");
}

/* --- The command --------------------------------------------------------------------------- */

static void ask_provider(struct ctx *ctx, struct checkout *work)
{
    work->provider->call(ctx, work->provider, &work->call.request, &work->reply);
    work->provider->read_reply(ctx, work->provider, &work->payment, &work->call.request,
                               &work->reply, &work->outcome);
}

static const struct problem *close_elsewhere(struct ctx *ctx, struct checkout *work)
{
    struct payment payment;

    work->was_closing = true;
    return close_payment(ctx, work->payment.id, ctx_payer(ctx), &payment, &work->close_result);
}

static const struct problem *ask_first(struct ctx *ctx, struct checkout *work)
{
    enum recovery_result result;
    struct payment payment;

    work->was_asking = true;
    return recover_payment(ctx, work->payment.id, ctx_payer(ctx), &payment, &result);
}

const struct problem *checkout_order(struct ctx *ctx, const struct checkout_order *command,
                                     struct answer *answer_out)
{
    struct checkout work = { .command = command };

    if (command->provider[0] != '\0')
        TRY(named_provider(ctx, command->provider, &work.provider));
    ctx_new_id(ctx, "pay", work.new_id.text);
    ctx_new_id(ctx, "pca", work.new_call_id.text);

    TRY(FAULT_HERE_IN(ctx, "checkout.before_intent"));
    TRY(in_transaction(ctx, note_intent, &work));       /* our intent is durable first */
    if (work.must_close || work.must_ask) {
        TRY(work.must_close ? close_elsewhere(ctx, &work) : ask_first(ctx, &work));
        TRY(in_transaction(ctx, note_intent, &work));
    }
    TRY(FAULT_HERE_IN(ctx, "checkout.after_intent"));
    if (work.must_call) {
        ask_provider(ctx, &work);                       /* slow: no transaction held open */
        TRY(FAULT_HERE_IN(ctx, "checkout.after_reply"));
        TRY(in_transaction(ctx, record_outcome, &work));  /* everything we learned, together */
    }
    *answer_out = work.answer;
    return FAULT_HERE_IN(ctx, "checkout.before_answer");
}
