/*
 * Finds the transaction behind an event whose payment we do not have. An event names the reference;
 * a listed refund may name only the id. Paystack returns the metadata that we sent with it.
 * Paystack's pages have no end of their own, so an adopted payment gets ours.
 * Source: docs/facts.md section 7 (GET /transaction/verify/{reference}, GET /transaction/{id}) and
 * the traps of section 8.
 */
#include <string.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

const struct problem *paystack_write_adopt(struct ctx *ctx, const struct provider_event *event,
                                           struct provider_request *request_out)
{
    const struct provider_payment *named = &event->payment;
    const char *path;

    if (named->ref[0] != '\0')
        path =
            arena_printf(ctx->arena, "/transaction/verify/%s", form_escape(ctx->arena, named->ref));
    else if (named->intent[0] != '\0')
        path = arena_printf(ctx->arena, "/transaction/%s", form_escape(ctx->arena, named->intent));
    else
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "The event names no transaction.");
    *request_out = (struct provider_request) {
        .operation = OP_ADOPT, .method = "GET", .path = path, .idempotency_key = "",
    };
    return OK;
}

/* Compares what we asked by: the reference, else the id. */
static bool is_the_one(const json_t *data, const struct provider_payment *named)
{
    char id[PROVIDER_REF_MAX];

    if (named->ref[0] != '\0')
        return document_is(data, "reference", named->ref);
    paystack_copy_id(data, "id", id);
    return strcmp(id, named->intent) == 0;
}

/* Both of our ids: from the reference that we make from the payment id, and from the metadata. */
static bool read_ids(struct ctx *ctx, const json_t *data, struct provider_payment *payment_out)
{
    const char *reference = document_text(data, "reference");

    paystack_read_metadata(ctx->arena, data, payment_out);
    document_copy(payment_out->ref, sizeof(payment_out->ref), reference);
    payment_out->named_by_us = paystack_payment_id(reference, &payment_out->payment_id);
    return payment_out->payment_id.text[0] != '\0' && payment_out->order_id.text[0] != '\0';
}

/* The amount asked for: amount itself may include fees that the payer bears. */
static bool read_amount(const json_t *data, struct money *amount_out)
{
    int64_t hundredths;

    document_copy(amount_out->currency, sizeof(amount_out->currency),
                  document_text(data, "currency"));
    return (paystack_amount(data, "requested_amount", &hundredths) ||
            paystack_amount(data, "amount", &hundredths)) &&
           paystack_amount_to_minor(hundredths, amount_out->currency, &amount_out->minor) &&
           amount_out->minor > 0;
}

/* The payment as its row was when it was made. */
static bool read_transaction(const json_t *data, const struct provider *provider,
                             struct payment *payment, struct provider_payment *out)
{
    if (!read_amount(data, &payment->amount) || !paystack_created(data, &payment->created_at_ms) ||
        !paystack_read_transaction(data, provider, payment, OP_ADOPT, out) ||
        out->livemode != provider->livemode)
        return false;
    out->amount_minor = payment->amount.minor;
    memcpy(out->currency, payment->amount.currency, sizeof(out->currency));
    return true;
}

static enum provider_adoption read_data(struct ctx *ctx, const struct provider *provider,
                                        const json_t *data, struct provider_adopted *adopted_out)
{
    struct provider_adopted adopted = { .created_s = 0 };
    struct payment payment = { .created_at_ms = 0 };

    if (!read_ids(ctx, data, &adopted.payment))
        return ADOPTION_NOT_OURS;
    if (!read_transaction(data, provider, &payment, &adopted.payment))
        return ADOPTION_UNTOLD;
    adopted.created_s = payment.created_at_ms / 1000;
    adopted.expires_s = adopted.created_s + ctx->settings->checkout_ttl_s;
    *adopted_out = adopted;
    return ADOPTION_CLAIMED;
}

enum provider_adoption paystack_read_adopted(struct ctx *ctx, const struct provider *provider,
                                             const struct provider_event *event,
                                             const struct provider_reply *reply,
                                             struct provider_adopted *adopted_out)
{
    const json_t *document, *data;

    if (!reply->complete || reply->http_status != 200)
        return ADOPTION_UNTOLD;
    document = paystack_document_parse(ctx->arena, reply->body);
    data = json_object_get(document, "data");
    if (!paystack_worked(document) || !is_the_one(data, &event->payment))
        return ADOPTION_UNTOLD;
    return read_data(ctx, provider, data, adopted_out);
}
