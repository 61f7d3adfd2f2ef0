/* A dispute as JSON. */
#include <assert.h>

#include "paystack_render.h"

/* What the API and the webhooks have in common. */
static json_t *render(const struct paystack *paystack, const struct paystack_dispute *dispute)
{
    const struct paystack_transaction *transaction = dispute->transaction;
    json_t *object = json_pack(
        "{s:I, s:I, s:s, s:s, s:s?, s:s, s:o, s:n, s:s, s:s, s:o, s:s, s:s, s:o, s:o, s:O?, s:s?,"
        " s:n, s:O, s:O}",
        "id", (json_int_t) dispute->number,
        "refund_amount", (json_int_t) dispute->refund_amount, "currency", transaction->currency,
        "status", paystack_dispute_status_name(dispute->status),
        "resolution", paystack_resolution_name(dispute->resolution),
        "domain", paystack->settings.domain,
        "transaction", paystack_render_transaction(paystack, transaction),
        "transaction_reference", "merchant_transaction_reference", transaction->reference,
        "category", dispute->category, "customer", paystack_render_customer(transaction->email),
        "bin", "408408", "last4", "4081",
        "dueAt", paystack_render_moment(dispute->due_at_s),
        "resolvedAt", paystack_render_moment(dispute->resolved_at_s),
        "evidence", dispute->evidence, "attachments", dispute->attachments, "note",
        "history", dispute->history, "messages", dispute->messages);

    assert(object != NULL);
    return object;
}

json_t *paystack_render_dispute(const struct paystack *paystack,
                                const struct paystack_dispute *dispute)
{
    json_t *object = render(paystack, dispute);

    json_object_set_new(object, "createdAt", paystack_render_moment(dispute->item.created_s));
    json_object_set_new(object, "updatedAt", paystack_render_moment(dispute->updated_at_s));
    return object;
}

json_t *paystack_render_dispute_event(const struct paystack *paystack,
                                      const struct paystack_dispute *dispute)
{
    json_t *object = render(paystack, dispute);

    json_object_set_new(object, "created_at", paystack_render_moment(dispute->item.created_s));
    json_object_set_new(object, "updated_at", paystack_render_moment(dispute->updated_at_s));
    return object;
}
