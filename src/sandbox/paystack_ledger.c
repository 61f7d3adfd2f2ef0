#include "paystack_control.h"

/* As an object, also when it was sent as the text of one. New. */
static json_t *metadata_of(const struct paystack_transaction *transaction)
{
    json_t *metadata = transaction->metadata;

    if (json_is_string(metadata))
        return json_loads(json_string_value(metadata), 0, NULL);
    return metadata == NULL ? json_object() : json_incref(metadata);
}

static json_t *ledger_charge(const struct paystack_transaction *transaction)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I, s:o, s:I}",
        "provider", "paystack", "id", transaction->item.id,
        "reference", transaction->reference, "amount", (json_int_t) transaction->amount,
        "requested_amount", (json_int_t) transaction->requested_amount,
        "fees", (json_int_t) transaction->fees, "currency", transaction->currency,
        "amount_refunded", (json_int_t) transaction->refunded,
        "amount_charged_back", (json_int_t) transaction->charged_back,
        "metadata", metadata_of(transaction), "created", (json_int_t) transaction->paid_at_s);
}

static json_t *ledger_refund(const struct paystack_refund *refund)
{
    const struct paystack_transaction *transaction = refund->transaction;

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:I}",
        "provider", "paystack", "id", refund->item.id, "charge", transaction->item.id,
        "reference", transaction->reference, "amount", (json_int_t) refund->amount,
        "currency", transaction->currency,
        "status", paystack_refund_status_name(refund->status),
        "merchant_note", refund->merchant_note, "metadata", metadata_of(transaction),
        "created", (json_int_t) refund->item.created_s);
}

static json_t *ledger_dispute(const struct paystack_dispute *dispute)
{
    const struct paystack_transaction *transaction = dispute->transaction;

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s?, s:o, s:I}",
        "provider", "paystack", "id", dispute->item.id, "charge", transaction->item.id,
        "reference", transaction->reference, "amount", (json_int_t) dispute->refund_amount,
        "currency", transaction->currency,
        "status", paystack_dispute_status_name(dispute->status),
        "resolution", paystack_resolution_name(dispute->resolution),
        "metadata", metadata_of(transaction), "created", (json_int_t) dispute->item.created_s);
}

void paystack_control_add_ledger(struct paystack *paystack, struct ledger_rows *rows)
{
    paystack_lock(paystack);
    for (size_t i = 0; i < paystack->transactions.count; i++) {
        const struct paystack_transaction *transaction =
            (struct paystack_transaction *) paystack->transactions.items[i];

        if (transaction->paid_at_s != 0)
            json_array_append_new(rows->charges, ledger_charge(transaction));
    }
    for (size_t i = 0; i < paystack->refunds.count; i++)
        json_array_append_new(rows->refunds, ledger_refund(
            (struct paystack_refund *) paystack->refunds.items[i]));
    for (size_t i = 0; i < paystack->disputes.count; i++)
        json_array_append_new(rows->disputes, ledger_dispute(
            (struct paystack_dispute *) paystack->disputes.items[i]));
    paystack_unlock(paystack);
}
