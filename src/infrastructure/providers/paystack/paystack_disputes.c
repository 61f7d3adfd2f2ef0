/*
 * Reads Paystack's dispute objects. Paystack documents no separate withdrawal: a lost dispute's
 * amount is taken.
 * Source: docs/facts.md sections 7 and 8 (Dispute).
 */
#include "domain/moment.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

#define LIST_MAX 100            /* the most that Paystack lists at once */

const struct problem *paystack_write_list_disputes(struct ctx *ctx, const struct payment *payment,
                                                   struct provider_request *request_out)
{
    if (payment->provider_intent[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s has no known charge at the provider yet.",
                           payment->id.text);
    *request_out = (struct provider_request) {
        .operation = OP_LIST_DISPUTES,
        .method = "GET",
        .path = arena_printf(ctx->arena, "/dispute?transaction=%s&perPage=%d",
                             payment->provider_intent, LIST_MAX),
        .idempotency_key = "",
    };
    return OK;
}

/* --- Dispute objects ----------------------------------------------------------------------- */

/* resolution NULL: any. */
static const struct { const char *status, *resolution; enum dispute_status ours; } statuses[] = {
    { "awaiting-merchant-feedback", NULL,                DISPUTE_OPEN },
    { "awaiting-bank-feedback",     NULL,                DISPUTE_OPEN },
    { "pending",                    NULL,                DISPUTE_OPEN },
    { "resolved",                   "declined",          DISPUTE_WON },
    { "resolved",                   "merchant-accepted", DISPUTE_LOST },
    { "resolved",                   "auto-accepted",     DISPUTE_LOST },
    { "archived",                   "declined",          DISPUTE_WON },
    { "archived",                   "merchant-accepted", DISPUTE_LOST },
    { "archived",                   "auto-accepted",     DISPUTE_LOST },
};

static bool read_status(const json_t *object, struct dispute_facts *facts)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const char *resolution = statuses[i].resolution;

        if (!document_is(object, "status", statuses[i].status) ||
            (resolution != NULL && !document_is(object, "resolution", resolution)))
            continue;
        facts->fact.status = statuses[i].ours;
        document_copy(facts->provider_status, sizeof(facts->provider_status),
                      resolution != NULL ? resolution : statuses[i].status);
        return true;
    }
    return false;
}

/*
 * The amount that goes back, or may. Without one the whole charge is contested; so it is when the
 * merchant declined and gave 0.
 */
static bool read_hundredths(const json_t *object, enum dispute_status status,
                            int64_t *hundredths_out, bool *assumed_out)
{
    *assumed_out = false;
    if (paystack_amount(object, "refund_amount", hundredths_out) &&
        (*hundredths_out != 0 || status != DISPUTE_WON))
        return true;
    if (status != DISPUTE_WON && !json_is_null(json_object_get(object, "refund_amount")))
        return false;
    *assumed_out = true;
    return paystack_amount(json_object_get(object, "transaction"), "amount", hundredths_out);
}

/* Where the dispute names no currency, its charge does. */
static const char *currency_of(const json_t *object)
{
    const char *currency = document_text(object, "currency");

    return currency[0] != '\0' ? currency
                               : document_text(json_object_get(object, "transaction"), "currency");
}

static bool read_money(const json_t *object, struct provider_dispute *dispute)
{
    int64_t hundredths;

    document_copy(dispute->currency, sizeof(dispute->currency), currency_of(object));
    return read_hundredths(object, dispute->facts.fact.status, &hundredths,
                           &dispute->facts.amount_assumed) &&
           paystack_amount_to_minor(hundredths, dispute->currency, &dispute->facts.amount_minor) &&
           dispute->facts.amount_minor > 0;
}

bool paystack_read_dispute(const json_t *object, int64_t at_ms,
                           struct provider_dispute *dispute_out)
{
    struct provider_dispute dispute = { .facts = { .at_ms = at_ms } };
    int64_t due_ms;

    paystack_copy_id(object, "id", dispute.ref);
    if (dispute.ref[0] == '\0' || !read_status(object, &dispute.facts) ||
        !read_money(object, &dispute))
        return false;
    paystack_copy_id(object, "transaction", dispute.intent);
    document_copy_start(dispute.facts.reason, sizeof(dispute.facts.reason),
                        document_text(object, "category"));
    if (moment_parse(document_text(object, "dueAt"), &due_ms))
        dispute.facts.due_at_s = due_ms / 1000;
    if (dispute.facts.fact.status == DISPUTE_LOST)
        dispute.facts.withdrawn_minor = dispute.facts.amount_minor;
    *dispute_out = dispute;
    return true;
}

/* --- Answers ------------------------------------------------------------------------------- */

/*
 * The payment's disputes. False: one cannot be read and might be the payment's, or there are more
 * than were asked for.
 */
static bool read_disputes(struct ctx *ctx, const json_t *data, const struct payment *payment,
                          struct provider_dispute **disputes_out, int *count_out)
{
    const size_t size = json_array_size(data);
    struct provider_dispute *disputes;
    int count = 0;

    if (size > LIST_MAX)
        return false;
    disputes = arena_alloc(ctx->arena, (size + 1) * sizeof(*disputes));
    for (size_t i = 0; i < size; i++) {
        if (!paystack_read_dispute(json_array_get(data, i), ctx->now_ms, &disputes[count]))
            return false;
        count += strcmp(disputes[count].intent, payment->provider_intent) == 0 ? 1 : 0;
    }
    *disputes_out = disputes;
    *count_out = count;
    return true;
}

/* Only a complete list counts. */
bool paystack_read_dispute_list(struct ctx *ctx, const struct payment *payment,
                                const struct provider_reply *reply,
                                struct provider_dispute **disputes_out, int *count_out)
{
    const json_t *document, *data;
    int64_t next;

    if (!reply->complete || reply->http_status != 200)
        return false;
    document = paystack_document_parse(ctx->arena, reply->body);
    data = json_object_get(document, "data");
    return paystack_worked(document) && json_is_array(data) &&
           paystack_next_page(document, &next) && next == 0 &&
           read_disputes(ctx, data, payment, disputes_out, count_out);
}
