/*
 * Writes the requests for refunds, and reads Stripe's refund objects. Our refund id is in the
 * metadata.
 * Source: docs/facts.md section 3 (Refunds).
 */
#include <stdlib.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/shared/refunds.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define REFUNDS   "/v1/refunds"
#define LIST_MAX  100           /* the most that Stripe lists at once */

/* --- Requests ------------------------------------------------------------------------------ */

static struct bytes refund_form(struct ctx *ctx, const struct payment *payment,
                                const struct refund *refund, int64_t stripe_amount)
{
    struct form form = form_new(ctx->arena);

    form_add(&form, "payment_intent", payment->provider_intent);
    form_add_i64(&form, "amount", stripe_amount);
    if (refund->reason[0] != '\0')
        form_add(&form, "reason", refund->reason);
    form_add(&form, "metadata[refund_id]", refund->id.text);
    form_add(&form, "metadata[payment_id]", payment->id.text);
    return form_bytes(&form);
}

const struct problem *stripe_write_refund(struct ctx *ctx, const struct payment *payment,
                                          const struct refund *refund,
                                          struct provider_request *request_out)
{
    int64_t stripe_amount;

    TRY(refund_check_charge(ctx, payment));
    if (!stripe_amount_from_money(refund->amount, &stripe_amount))
        return refund_amount_refused(ctx, refund->amount);
    *request_out = (struct provider_request) {
        .operation = OP_REFUND,
        .method = "POST",
        .path = REFUNDS,
        .body = refund_form(ctx, payment, refund, stripe_amount),
        .idempotency_key = arena_printf(ctx->arena, "%s:refund", refund->id.text),
    };
    return OK;
}

const struct problem *stripe_write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                const char *after,
                                                struct provider_request *request_out)
{
    const char *cursor = after[0] == '\0' ? "" : arena_printf(ctx->arena, "&starting_after=%s",
                                                              form_escape(ctx->arena, after));

    TRY(refund_check_charge(ctx, payment));
    *request_out = (struct provider_request) {
        .operation = OP_LIST_REFUNDS,
        .method = "GET",
        .path = arena_printf(ctx->arena, REFUNDS "?payment_intent=%s&limit=%d%s",
                             form_escape(ctx->arena, payment->provider_intent), LIST_MAX, cursor),
        .idempotency_key = "",
    };
    return OK;
}

/* --- Refund objects ------------------------------------------------------------------------ */

static const struct refund_word statuses[] = {
    { "pending", REFUND_PENDING },
    { "requires_action", REFUND_REQUIRES_ACTION },
    { "succeeded", REFUND_SUCCEEDED },
    { "failed", REFUND_FAILED },
    { "canceled", REFUND_CANCELLED },
    { NULL, 0 },
};

static bool read_money(const json_t *object, struct provider_refund *refund)
{
    int64_t stripe_amount;

    return document_integer(object, "amount", &stripe_amount) &&
           stripe_currency_read(document_text(object, "currency"), refund->currency) &&
           stripe_amount_to_minor(stripe_amount, refund->currency, &refund->amount_minor);
}

bool stripe_read_refund(const json_t *object, struct provider_refund *refund_out)
{
    const char *refund_id = document_text(json_object_get(object, "metadata"), "refund_id");
    struct provider_refund refund = { .amount_minor = 0 };

    document_copy(refund.ref, sizeof(refund.ref), document_text(object, "id"));
    if (!document_is(object, "object", "refund") || refund.ref[0] == '\0' ||
        !refund_read_status(object, statuses, &refund.status) || !read_money(object, &refund))
        return false;
    document_copy(refund.intent, sizeof(refund.intent), stripe_id(object, "payment_intent"));
    (void) document_time(object, "created", &refund.created_s);
    if (!refund_id_parse(refund_id, &refund.refund_id))
        refund.refund_id.text[0] = '\0';                /* somebody else's metadata */
    document_copy_start(refund.failure_reason, sizeof(refund.failure_reason),
                      document_text(object, "failure_reason"));
    if (refund_holds_money(refund.status))
        (void) document_time(object, "created", &refund.at_s);
    *refund_out = refund;
    return true;
}

/* --- Answers ------------------------------------------------------------------------------- */

void stripe_read_refund_reply(struct ctx *ctx, const struct provider *provider,
                              const struct payment *payment, const struct refund *refund,
                              const struct provider_request *request,
                              const struct provider_reply *reply,
                              struct provider_outcome *outcome_out)
{
    const json_t *document = NULL;
    struct provider_refund reported;

    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    if (reply->complete)
        document = foreign_json_object(ctx->arena, reply->body);
    if (reply->http_status / 100 == 2 && stripe_read_refund(document, &reported) &&
        refund_settles(&reported, provider, payment, refund, outcome_out))
        return;
    stripe_read_error(ctx, request, reply, document, outcome_out);
    if (outcome_out->verdict == VERDICT_REFUSED)
        document_copy_start(outcome_out->failure_code, sizeof(outcome_out->failure_code),
                          document_text(json_object_get(document, "error"), "code"));
}

bool stripe_read_refunds(struct arena *arena, const json_t *list,
                         struct provider_refund **refunds_out, int *count_out, bool *more_out)
{
    const json_t *data = json_object_get(list, "data"), *more = json_object_get(list, "has_more");
    const size_t count = json_array_size(data);
    struct provider_refund *refunds;

    if (!document_is(list, "object", "list") || !json_is_array(data) || count > LIST_MAX ||
        !json_is_boolean(more) || (json_is_true(more) && count == 0))
        return false;
    refunds = arena_alloc(arena, count * sizeof(*refunds));
    for (size_t i = 0; i < count; i++)
        if (!stripe_read_refund(json_array_get(data, i), &refunds[i]))
            return false;
    *refunds_out = refunds;
    *count_out = (int) count;
    *more_out = json_is_true(more);
    return true;
}

/* One foreign or unreadable entry spoils the page: no conclusion may be drawn from it. */
bool stripe_read_refund_list(struct ctx *ctx, const struct payment *payment,
                             const struct provider_reply *reply,
                             struct provider_refund **refunds_out, int *count_out,
                             const char **after_out)
{
    const json_t *document;
    bool more;

    if (!reply->complete || reply->http_status != 200)
        return false;
    document = foreign_json_object(ctx->arena, reply->body);
    if (!stripe_read_refunds(ctx->arena, document, refunds_out, count_out, &more))
        return false;
    for (int i = 0; i < *count_out; i++)
        if (strcmp((*refunds_out)[i].intent, payment->provider_intent) != 0)
            return false;
    *after_out = more ? (*refunds_out)[*count_out - 1].ref : "";
    return true;
}
