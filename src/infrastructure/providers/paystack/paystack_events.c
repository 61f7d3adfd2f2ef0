/*
 * Translates Paystack's events into our terms. No event about money is trusted: it carries no time
 * of signing and no id, so the charge is verified and the refunds are listed before anything is
 * booked (PROVIDER_EVENT_LATER). An event's id is the SHA-256 of its news if its object has an id,
 * else of its bytes.
 * Source: docs/facts.md section 8.
 */
#include <stdio.h>

#include "application/audit/digest.h"
#include "base/hex.h"
#include "domain/moment.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

#define SAID_BEFORE_ANY_ANSWER_MS 1

/* A "*" at the end: all types that begin so. Types that are not listed are not used. */
static const struct { const char *type; enum provider_event_kind kind; } kinds[] = {
    { "charge.dispute.*", PROVIDER_EVENT_DISPUTE },
    { "charge.*",         PROVIDER_EVENT_LATER },       /* charge.failed is not in their list */
    { "refund.*",         PROVIDER_EVENT_LATER },
};

static bool type_fits(const char *type, const char *pattern)
{
    return strncmp(type, pattern, strlen(pattern) - 1) == 0;
}

static enum provider_event_kind kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (type_fits(type, kinds[i].type))
            return kinds[i].kind;
    return PROVIDER_EVENT_UNUSED;
}

static const char *amount_text(struct ctx *ctx, const json_t *data, const char *member)
{
    int64_t amount;

    if (!paystack_amount(data, member, &amount))
        return "";
    return arena_printf(ctx->arena, "%lld", (long long) amount);
}

/*
 * Names an event whose object has an id: delivered or listed, the same news is the same event.
 */
static const char *news_in(struct ctx *ctx, const char *type, const json_t *data)
{
    char id[PROVIDER_REF_MAX];

    paystack_copy_id(data, "id", id);
    if (id[0] == '\0' || kind_of(type) == PROVIDER_EVENT_UNUSED)
        return "";
    return arena_printf(ctx->arena, "%s|%s|%s|%s|%s|%s|%s", type, id,
                        document_text(data, "reference"), document_text(data, "status"),
                        document_text(data, "resolution"), amount_text(ctx, data, "amount"),
                        amount_text(ctx, data, "refund_amount"));
}

static void set_id(struct ctx *ctx, struct bytes raw_body, const json_t *data,
                   struct provider_event *event)
{
    const struct bytes news = bytes_of(news_in(ctx, event->type, data));
    struct digest digest = digest_of(news.size > 0 ? &news : &raw_body, 1);

    snprintf(event->id, sizeof(event->id), "%s",
             hex_text(ctx->arena, digest.bytes, sizeof(digest.bytes)));
}

/* An event without any time counts as happening now. */
static int64_t created_s(const struct ctx *ctx, const json_t *data)
{
    int64_t at_ms;

    if (moment_parse(document_text(data, "paid_at"), &at_ms) || paystack_created(data, &at_ms))
        return at_ms / 1000;
    return ctx->now_ms / 1000;
}

/* An event without a mode has that of our key, which signed it. */
static bool livemode(const struct ctx *ctx, const json_t *data)
{
    const struct provider *paystack = ctx_find_provider(ctx, "paystack");
    bool live = paystack != NULL && paystack->livemode;

    (void) paystack_livemode(data, &live);
    return live;
}

/* A charge is the transaction itself; refunds and disputes name it. */
static const char *reference_in(const json_t *data)
{
    const json_t *transaction = json_object_get(data, "transaction");
    const char *reference = document_text(data, "transaction_reference");

    if (reference[0] == '\0')
        reference = document_text(transaction, "reference");
    return reference[0] != '\0' ? reference : document_text(data, "reference");
}

/* By its reference; else the metadata may name the payment. */
static void name_payment(struct ctx *ctx, const json_t *data, struct provider_payment *payment)
{
    const char *reference = reference_in(data);

    document_copy(payment->ref, sizeof(payment->ref), reference);
    paystack_read_metadata(ctx->arena, data, payment);
    payment->named_by_us = paystack_payment_id(reference, &payment->payment_id);
    paystack_copy_id(data, "transaction", payment->intent);
}

/*
 * Each of our pages has a reference of our form. An event with another, and without a payment id,
 * is not ours.
 */
static bool is_foreign(const struct provider_payment *payment)
{
    return payment->ref[0] != '\0' && payment->payment_id.text[0] == '\0';
}

/*
 * The opening of a dispute is trusted at once: it stops refunds. Its end moves money, so we ask for
 * it, and also for a dispute that cannot be read. The time is older than that of any reply, so that
 * the list counts whatever order they arrive in.
 */
static void set_dispute(const json_t *data, struct provider_event *event)
{
    if (!paystack_read_dispute(data, SAID_BEFORE_ANY_ANSWER_MS, &event->dispute) ||
        event->dispute.facts.fact.status != DISPUTE_OPEN)
        event->kind = PROVIDER_EVENT_LATER;
    event->dispute.livemode = event->livemode;
}

const struct problem *paystack_read_webhook(struct ctx *ctx, struct bytes raw_body,
                                            struct provider_event *event_out)
{
    const json_t *event = paystack_document_parse(ctx->arena, raw_body);
    const json_t *data = json_object_get(event, "data");
    struct provider_event read = { .kind = PROVIDER_EVENT_UNUSED };

    document_copy_start(read.type, sizeof(read.type), document_text(event, "event"));
    if (read.type[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "The body is not a Paystack event.");
    set_id(ctx, raw_body, data, &read);
    read.kind = kind_of(read.type);
    read.says_paid =
        strcmp(read.type, "charge.success") == 0 && !document_is(data, "status", "reversed");
    read.livemode = livemode(ctx, data);
    read.created_s = created_s(ctx, data);
    read.payment.livemode = read.livemode;
    if (read.kind != PROVIDER_EVENT_UNUSED)
        name_payment(ctx, data, &read.payment);
    if (read.kind == PROVIDER_EVENT_DISPUTE)
        set_dispute(data, &read);
    if (is_foreign(&read.payment)) {
        read.kind = PROVIDER_EVENT_UNUSED;
        read.unused_because = "names no payment of ours";
    }
    *event_out = read;
    return OK;
}
