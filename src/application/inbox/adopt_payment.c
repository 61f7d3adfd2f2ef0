/* Restores a lost payment from the provider's object, after proving that it is ours. */
#include "adopt_payment.h"

#include <stdio.h>
#include <string.h>

#include "application/fault_problem.h"
#include "application/settling/call_human.h"
#include "application/settling/history.h"
#include "application/settling/history_adoption.h"
#include "application/settling/review.h"
#include "application/settling/settle_payment.h"
#include "application/store/store_adoption.h"
#include "application/transaction.h"
#include "base/log.h"
#include "ownership.h"

struct adopting {
    const struct provider  *provider;
    struct provider_adopted found;
    bool                    fresh;              /* we inserted it just now */
    struct adoption         adoption;
};

/* --- The rows as first created ------------------------------------------------------------- */

static struct money amount_of(const struct provider_payment *object)
{
    struct money amount = { .minor = object->amount_minor };

    memcpy(amount.currency, object->currency, sizeof(amount.currency));
    return amount;
}

static struct order lost_order(const struct ctx *ctx, const struct provider_adopted *found)
{
    struct order order = {
        .id = found->payment.order_id,
        .owner_id = ORDER_OWNER_UNKNOWN,
        .amount = amount_of(&found->payment),
        .status = ORDER_OPEN,
        .metadata_json = "{}",
        .created_at_ms = found->created_s * 1000,
        .updated_at_ms = ctx->now_ms,
    };

    return order;
}

static struct payment lost_payment(const struct ctx *ctx, const struct adopting *work)
{
    struct payment payment = {
        .authored = true,
        .id = work->found.payment.payment_id,
        .order_id = work->found.payment.order_id,
        .amount = amount_of(&work->found.payment),
        .expires_at_ms = work->found.expires_s * 1000,
        .created_at_ms = work->found.created_s * 1000,
        .updated_at_ms = ctx->now_ms,
    };

    snprintf(payment.provider, sizeof(payment.provider), "%s", work->provider->name);
    return payment;
}

/* --- Inserting them ------------------------------------------------------------------------ */

static void flag(struct ctx *ctx, struct payment_lock *lock)
{
    struct payment made = lock->payment;

    made.facts = (struct payment_facts) { .captured_minor = 0 };
    made.status = PAYMENT_PENDING;
    history_payment_adopted(ctx, &made);
    review_ask(&lock->payment, REVIEW_ADOPTED);
    store_payment_update(ctx, &lock->payment);
    history_payment_changed(ctx, &made, &lock->payment, change_source_of(SOURCE_ADOPTION));
}

/* Why these rows cannot be this payment's; NULL: they can. */
static const char *contradiction(const struct adopting *work, const struct adopted_lock *lock)
{
    const struct payment *payment = &lock->payment.payment;

    if (!lock->payment.found)
        return "its order has another amount or currency than the provider's object";
    if (strcmp(payment->order_id.text, work->found.payment.order_id.text) != 0)
        return "its payment id belongs to another order";
    if (strcmp(payment->provider, work->provider->name) != 0)
        return "the payment belongs to another provider";
    return NULL;
}

/*
 * An order inserted just now must not stay, so a problem rolls it back; older rows stay as they
 * are.
 */
static const struct problem *refuse(struct ctx *ctx, struct adopting *work,
                                    const struct adopted_lock *lock, const char *why)
{
    work->adoption.result = ADOPTION_REFUSED;
    work->adoption.reason = why;
    return lock->order_fresh ? problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "%s", why)
                             : OK;
}

static const struct problem *adopt(struct ctx *ctx, struct adopting *work,
                                   const struct payment *payment)
{
    struct order order = lost_order(ctx, &work->found);
    struct adopted_lock lock;
    const char *why;

    TRY(store_adopt(ctx, &order, payment, &lock));
    TRY(FAULT_HERE_IN(ctx, "adopt.in_rows"));
    why = contradiction(work, &lock);
    if (why != NULL)
        return refuse(ctx, work, &lock, why);
    if (lock.order_fresh)
        history_order_adopted(ctx, &order);
    if (lock.payment_fresh)
        flag(ctx, &lock.payment);
    settle_payment(ctx, &lock.payment, &work->found.payment, change_source_of(SOURCE_ADOPTION));
    work->fresh = lock.payment_fresh;
    work->adoption.payment_id = lock.payment.payment.id;
    return FAULT_HERE_IN(ctx, "adopt.before_commit");
}

/* --- Whose is it? -------------------------------------------------------------------------- */

/*
 * The proof names a key of ours but is not for this order, amount and currency: that is no
 * accident.
 */
static void leave(const struct ctx *ctx, struct adopting *work)
{
    bool suspect = authorship_names_our_key(ctx->settings->authorship, work->found.payment.proof);

    work->adoption.result = suspect ? ADOPTION_REFUSED : ADOPTION_IGNORED;
    work->adoption.reason = suspect
                                ? "its proof of authorship is for another payment, order or amount"
                                : "nothing proves that this installation made it";
}

/* The object may still belong to a payment of ours: by its name, or because it predates proofs. */
static const struct problem *settle_ours(struct ctx *ctx, struct adopting *work)
{
    const struct provider_payment *object = &work->found.payment;
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, object->payment_id, &lock));
    if (!lock.found || strcmp(lock.payment.provider, work->provider->name) != 0
        || !ownership_is_shown(ctx, object, &lock.payment)) {
        leave(ctx, work);
        return OK;
    }
    settle_payment(ctx, &lock, object, change_source_of(SOURCE_ADOPTION));
    work->adoption.payment_id = lock.payment.id;
    return OK;
}

/*
 * The object is proven ours but has another name than its payment's: it is a second page, and is
 * not adopted as a payment.
 */
static const struct problem *judge_second_page(struct ctx *ctx, struct adopting *work)
{
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, work->found.payment.payment_id, &lock));
    if (lock.found)
        call_human(ctx, &lock, REVIEW_SECOND_PAGE, change_source_of(SOURCE_ADOPTION));
    work->adoption.result = ADOPTION_REFUSED;
    work->adoption.reason = "it is a second page of its payment";
    return OK;
}

static const struct problem *write_down(struct ctx *ctx, void *argument)
{
    struct adopting *work = argument;
    struct payment payment = lost_payment(ctx, work);
    const struct provider_payment *object = &work->found.payment;

    work->fresh = false;
    work->adoption = (struct adoption) { .result = ADOPTED };
    if (!authorship_is_ours(ctx->settings->authorship, &payment, object->proof))
        return settle_ours(ctx, work);
    if (ownership_is_second_page(work->provider, object))
        return judge_second_page(ctx, work);
    return adopt(ctx, work, &payment);
}

/* --- The adoption -------------------------------------------------------------------------- */

static enum provider_adoption look(struct ctx *ctx, const struct provider *provider,
                                   const struct provider_event *event,
                                   struct provider_adopted *found_out)
{
    struct provider_request request;
    struct provider_reply reply;

    if (provider->write_adopt(ctx, event, &request) != OK)
        return ADOPTION_UNTOLD;
    provider->call(ctx, provider, &request, &reply);
    return provider->read_adopted(ctx, provider, event, &reply, found_out);
}

static const struct problem *take_in(struct ctx *ctx, struct adopting *work)
{
    TRY(FAULT_HERE_IN(ctx, "adopt.after_look"));
    TRY(in_transaction(ctx, write_down, work));
    if (work->adoption.result == ADOPTION_IGNORED)
        log_event(LOG_LEVEL_WARN, "foreign_object_ignored", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("provider", work->provider->name),
                  LOG_TEXT("claims_payment_id", work->found.payment.payment_id.text),
                  LOG_TEXT("reason", work->adoption.reason));
    if (work->adoption.result == ADOPTED && work->fresh)
        log_event(LOG_LEVEL_ERROR, "payment_needs_review", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("payment_id", work->adoption.payment_id.text),
                  LOG_TEXT("order_id", work->found.payment.order_id.text),
                  LOG_TEXT("source", "adoption"),
                  LOG_TEXT("reason", review_cause_text(REVIEW_ADOPTED)));
    return FAULT_HERE_IN(ctx, "adopt.after_commit");
}

const struct problem *adopt_payment(struct ctx *ctx, const struct provider *provider,
                                    const struct provider_event *event,
                                    struct adoption *adoption_out)
{
    struct adopting work = { .provider = provider };

    switch (look(ctx, provider, event, &work.found)) {
    case ADOPTION_UNTOLD:
        work.adoption = (struct adoption) {
            .result = ADOPTION_LATER,
            .reason = "no payment of ours is named, and the provider told us no more",
        };
        break;
    case ADOPTION_NOT_OURS:
        work.adoption = (struct adoption) {
            .result = ADOPTION_IGNORED, .reason = "names no payment of ours",
        };
        break;
    case ADOPTION_CLAIMED:
        TRY(take_in(ctx, &work));
        break;
    }
    *adoption_out = work.adoption;
    return OK;
}
