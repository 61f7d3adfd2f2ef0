/* Lists, shows, updates and resolves disputes for the merchant. */
#include "paystack_dispute_calls.h"

#include <stdlib.h>
#include <string.h>

#include "paystack_disputes.h"
#include "paystack_list.h"
#include "paystack_params.h"
#include "paystack_render.h"
#include "sandbox/kit/alloc.h"

/* NULL after answering 404. */
static struct paystack_dispute *find_dispute(struct paystack_call *call)
{
    struct paystack_dispute *dispute = collection_find(&call->paystack->disputes, call->id);

    if (dispute == NULL)
        paystack_fail(call, 404, "dispute_not_found", "Dispute not found");
    return dispute;
}

static void answer(struct paystack_call *call, const char *message,
                   const struct paystack_dispute *dispute)
{
    paystack_answer(call, message, paystack_render_dispute(call->paystack, dispute));
}

void paystack_disputes_fetch(struct paystack_call *call)
{
    const struct paystack_dispute *dispute = find_dispute(call);

    if (dispute != NULL)
        answer(call, "Dispute retrieved", dispute);
}

void paystack_disputes_of_transaction(struct paystack_call *call)
{
    const struct collection *disputes = &call->paystack->disputes;

    for (size_t i = disputes->count; i > 0; i--) {
        const struct paystack_dispute *dispute =
            (const struct paystack_dispute *) disputes->items[i - 1];

        if (strcmp(dispute->transaction->item.id, call->id) == 0) {
            answer(call, "Dispute retrieved successfully", dispute);
            return;
        }
    }
    paystack_fail(call, 404, "dispute_not_found", "Dispute not found");
}

static bool matches(const struct paystack_call *call, const struct item *item)
{
    const struct paystack_dispute *dispute = (const struct paystack_dispute *) item;
    const char *status = url_form_find(&call->query, "status");
    const char *transaction = url_form_find(&call->query, "transaction");

    return (status == NULL ||
            strcmp(status, paystack_dispute_status_name(dispute->status)) == 0) &&
           (transaction == NULL || strcmp(transaction, dispute->transaction->item.id) == 0);
}

static json_t *render(const struct paystack *paystack, const struct item *item)
{
    return paystack_render_dispute(paystack, (const struct paystack_dispute *) item);
}

void paystack_disputes_list(struct paystack_call *call)
{
    const char                  *name = url_form_find(&call->query, "status");
    enum paystack_dispute_status status;

    if (name != NULL && !paystack_dispute_status_from_name(name, &status)) {
        paystack_reject(call, "invalid_params", "status is none of a dispute");
        return;
    }
    paystack_list_answer(call, &(struct paystack_listing) {
        .message = "Disputes retrieved", .of = &call->paystack->disputes,
        .matches = matches, .render = render,
    });
}

static bool check_open(struct paystack_call *call, const struct paystack_dispute *dispute)
{
    if (dispute->status != PAYSTACK_DISPUTE_RESOLVED &&
        dispute->status != PAYSTACK_DISPUTE_ARCHIVED)
        return true;
    paystack_reject(call, "invalid_params", "Dispute has already been resolved");
    return false;
}

/* refund_amount may be 0 here: nothing is given back. */
static bool read_refund_amount(struct paystack_call *call, const struct paystack_dispute *dispute,
                               int64_t *amount_out)
{
    const json_t *member = json_object_get(call->body, "refund_amount");

    if (json_is_integer(member) && json_integer_value(member) == 0) {
        *amount_out = 0;
        return true;
    }
    if (!paystack_read_amount(call, "refund_amount", amount_out))
        return false;
    if (*amount_out != 0 && *amount_out <= dispute->refund_amount)
        return true;
    paystack_reject(call, *amount_out == 0 ? "missing_params" : "invalid_params",
                    "refund_amount must be what is disputed, or less");
    return false;
}

static void attach(struct paystack_dispute *dispute, const char *file)
{
    if (file == NULL)
        return;
    free(dispute->attachments);
    dispute->attachments = alloc_dup(file);
}

void paystack_disputes_update(struct paystack_call *call)
{
    struct paystack_dispute *dispute = find_dispute(call);
    const char              *file;
    int64_t                  amount;

    if (dispute == NULL || !check_open(call, dispute) ||
        !read_refund_amount(call, dispute, &amount) ||
        !paystack_read_text(call, "uploaded_filename", &file))
        return;
    dispute->refund_amount = amount;
    attach(dispute, file);
    answer(call, "Dispute updated successfully", dispute);
}

void paystack_disputes_upload_url(struct paystack_call *call)
{
    const char *file = url_form_find(&call->query, "upload_filename");
    struct strbuf url = { 0 };

    if (find_dispute(call) == NULL)
        return;
    if (file == NULL || file[0] == '\0') {
        paystack_reject(call, "missing_params", "upload_filename is required");
        return;
    }
    strbuf_addf(&url, "%s/dispute-files/%s", call->paystack->public_url, call->id);
    paystack_answer(call, "Upload url generated",
                    json_pack("{s:s, s:s}", "signedUrl", url.bytes, "fileName", file));
    strbuf_free(&url);
}

void paystack_disputes_add_evidence(struct paystack_call *call)
{
    static const char *const required[] = { "customer_email", "customer_name", "customer_phone",
                                            "service_details" };
    struct paystack_dispute *dispute = find_dispute(call);
    const char              *text;

    if (dispute == NULL || !check_open(call, dispute))
        return;
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++)
        if (!paystack_read_required(call, required[i], &text))
            return;
    json_decref(dispute->evidence);
    dispute->evidence = json_deep_copy(call->body);
    json_object_set_new(dispute->evidence, "dispute", json_integer(dispute->number));
    json_object_set_new(dispute->evidence, "id",
                        json_integer(paystack_take_number(call->paystack)));
    paystack_answer_created(call, "Evidence created", json_incref(dispute->evidence));
}

static bool read_resolution(struct paystack_call *call, enum paystack_resolution *resolution)
{
    const char *name;

    if (!paystack_read_required(call, "resolution", &name))
        return false;
    if (paystack_resolution_from_name(name, resolution) &&
        *resolution != PAYSTACK_AUTO_ACCEPTED)
        return true;
    paystack_reject(call, "invalid_params", "resolution must be merchant-accepted or declined");
    return false;
}

void paystack_disputes_resolve(struct paystack_call *call)
{
    struct paystack_dispute *dispute = find_dispute(call);
    enum paystack_resolution resolution;
    const char              *message, *file;
    int64_t                  amount;

    if (dispute == NULL || !check_open(call, dispute) || !read_resolution(call, &resolution) ||
        !paystack_read_required(call, "message", &message) ||
        !read_refund_amount(call, dispute, &amount) ||
        !paystack_read_required(call, "uploaded_filename", &file))
        return;
    if (resolution == PAYSTACK_MERCHANT_ACCEPTED && amount == 0) {
        paystack_reject(call, "invalid_params", "What is accepted must give something back");
        return;
    }
    attach(dispute, file);
    paystack_dispute_add_message(call->paystack, dispute, "merchant", message);
    paystack_dispute_resolve(call->paystack, dispute, resolution, amount);
    answer(call, "Dispute successfully resolved", dispute);
}
