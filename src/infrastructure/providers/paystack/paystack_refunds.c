/*
 * Writes the requests for refunds, and reads Paystack's refund objects. Our refund id is in the
 * merchant's note. Paystack has no idempotency key: recovery reads the list before it sends, so
 * that a refund is not made twice.
 * Source: docs/facts.md sections 7 and 8 (Refund).
 */
#include <stdio.h>

#include "base/text.h"
#include "domain/moment.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"
#include "infrastructure/providers/shared/refunds.h"

#define PAGE_SIZE      100      /* asked for; meta says how many came */
#define REFUND_ID_SIZE 30       /* ref_ and 26 characters */

/* --- Requests ------------------------------------------------------------------------------ */

/* The texts have only letters, digits and - . = _ : none needs escaping. */
static struct bytes refund_body(struct ctx *ctx, const struct payment *payment,
                                const struct refund *refund, int64_t hundredths)
{
    char reference[PAYSTACK_REFERENCE_MAX];
    struct text body = text_new(ctx->arena);

    paystack_reference(payment->id, reference);
    text_printf(&body, "{\"transaction\":\"%s\",\"amount\":", reference);
    text_append_i64(&body, hundredths);
    text_printf(&body, ",\"currency\":\"%s\",\"merchant_note\":\"%s\"}", refund->amount.currency,
                refund->id.text);
    return text_bytes(&body);
}

const struct problem *paystack_write_refund(struct ctx *ctx, const struct payment *payment,
                                            const struct refund *refund,
                                            struct provider_request *request_out)
{
    int64_t hundredths;

    TRY(refund_check_charge(ctx, payment));
    if (!paystack_amount_from_money(refund->amount, &hundredths))
        return refund_amount_refused(ctx, refund->amount);
    *request_out = (struct provider_request) {
        .operation = OP_REFUND,
        .method = "POST",
        .path = "/refund",
        .body = refund_body(ctx, payment, refund, hundredths),
        .idempotency_key = arena_printf(ctx->arena, "%s:refund", refund->id.text),
    };
    return OK;
}

/* after: the number of the page. */
const struct problem *paystack_write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                  const char *after,
                                                  struct provider_request *request_out)
{
    TRY(refund_check_charge(ctx, payment));
    *request_out = (struct provider_request) {
        .operation = OP_LIST_REFUNDS,
        .method = "GET",
        .path = arena_printf(ctx->arena, "/refund?transaction=%s&perPage=%d&page=%s",
                             payment->provider_intent, PAGE_SIZE, after[0] != '\0' ? after : "1"),
        .idempotency_key = "",
    };
    return OK;
}

/* --- Refund objects ------------------------------------------------------------------------ */

static const struct refund_word statuses[] = {
    { "pending", REFUND_PENDING },
    { "processing", REFUND_PENDING },
    { "needs-attention", REFUND_REQUIRES_ACTION },      /* the payer's bank details are wanted */
    { "processed", REFUND_SUCCEEDED },
    { "failed", REFUND_FAILED },                        /* the money is on our balance again */
    { NULL, 0 },
};

static bool read_money(const json_t *object, struct provider_refund *refund)
{
    int64_t hundredths;

    document_copy(refund->currency, sizeof(refund->currency), document_text(object, "currency"));
    return paystack_amount(object, "amount", &hundredths) &&
           paystack_amount_to_minor(hundredths, refund->currency, &refund->amount_minor);
}

/* Finds the id anywhere in the note: somebody may have added to it. */
static void read_refund_id(const json_t *object, struct refund_id *id_out)
{
    const char *at = strstr(document_text(object, "merchant_note"), "ref_");

    id_out->text[0] = '\0';
    for (; at != NULL && id_out->text[0] == '\0'; at = strstr(at + 1, "ref_")) {
        char text[REFUND_ID_SIZE + 1];

        snprintf(text, sizeof(text), "%s", at);
        if (!refund_id_parse(text, id_out))
            id_out->text[0] = '\0';
    }
}

static int64_t read_created_s(const json_t *object)
{
    int64_t at_ms;

    return moment_parse(document_text(object, "createdAt"), &at_ms) ||
                   moment_parse(document_text(object, "created_at"), &at_ms)
               ? at_ms / 1000
               : 0;
}

bool paystack_read_refund(const json_t *object, struct provider_refund *refund_out)
{
    struct provider_refund refund = { .amount_minor = 0 };

    paystack_copy_id(object, "id", refund.ref);
    paystack_copy_id(object, "transaction", refund.intent);
    if (refund.ref[0] == '\0' || refund.intent[0] == '\0' ||
        !refund_read_status(object, statuses, &refund.status) || !read_money(object, &refund))
        return false;
    (void) paystack_livemode(object, &refund.livemode);
    read_refund_id(object, &refund.refund_id);
    refund.created_s = read_created_s(object);
    if (refund.status == REFUND_FAILED)
        document_copy(refund.failure_reason, sizeof(refund.failure_reason), "failed");
    else if (refund.status == REFUND_SUCCEEDED)
        refund.at_s = paystack_time_s(object, (const char *const[]) {
            "refunded_at", "updatedAt", "updated_at", "createdAt", "created_at", NULL });
    *refund_out = refund;
    return true;
}

/* --- Answers ------------------------------------------------------------------------------- */

void paystack_read_refund_reply(struct ctx *ctx, const struct provider *provider,
                                const struct payment *payment, const struct refund *refund,
                                const struct provider_request *request,
                                const struct provider_reply *reply,
                                struct provider_outcome *outcome_out)
{
    const json_t *document = NULL;
    struct provider_refund reported;

    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    if (reply->complete)
        document = paystack_document_parse(ctx->arena, reply->body);
    if (reply->http_status / 100 == 2 && paystack_worked(document) &&
        paystack_read_refund(json_object_get(document, "data"), &reported) &&
        refund_settles(&reported, provider, payment, refund, outcome_out))
        return;
    paystack_read_error(ctx, request, reply, document, outcome_out);
}

/* --- Lists --------------------------------------------------------------------------------- */

/* The next page; "" after the last. False: the document does not say where the list ends. */
static bool read_next_page(struct ctx *ctx, const json_t *document, const char **after_out)
{
    int64_t next;

    if (!paystack_next_page(document, &next))
        return false;
    *after_out = next == 0 ? "" : arena_printf(ctx->arena, "%lld", (long long) next);
    return true;
}

/* A refund made for a lost dispute is the same money as the dispute's withdrawal. */
static bool is_of_a_dispute(const json_t *object)
{
    const json_t *dispute = json_object_get(object, "dispute");

    return dispute != NULL && !json_is_null(dispute);
}

/* The payment's refunds. False: one cannot be read and might be the payment's. */
static bool read_refunds(struct ctx *ctx, const json_t *data, const struct payment *payment,
                         struct provider_refund **refunds_out, int *count_out)
{
    const size_t size = json_array_size(data);
    struct provider_refund *refunds = arena_alloc(ctx->arena, (size + 1) * sizeof(*refunds));
    int count = 0;

    for (size_t i = 0; i < size; i++) {
        const json_t *object = json_array_get(data, i);

        if (!paystack_read_refund(object, &refunds[count]))
            return false;
        if (strcmp(refunds[count].intent, payment->provider_intent) == 0
            && !is_of_a_dispute(object))
            count++;
    }
    *refunds_out = refunds;
    *count_out = count;
    return true;
}

bool paystack_read_refund_list(struct ctx *ctx, const struct payment *payment,
                               const struct provider_reply *reply,
                               struct provider_refund **refunds_out, int *count_out,
                               const char **after_out)
{
    const json_t *document, *data;

    if (!reply->complete || reply->http_status != 200)
        return false;
    document = paystack_document_parse(ctx->arena, reply->body);
    data = json_object_get(document, "data");
    return paystack_worked(document) && json_is_array(data) &&
           read_refunds(ctx, data, payment, refunds_out, count_out) &&
           read_next_page(ctx, document, after_out);
}
