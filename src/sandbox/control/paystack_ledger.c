/* The charges, refunds, disputes and movements of the Paystack account, for the ledger. */
#include "paystack_control.h"

/* The metadata as an object, even when it was sent as JSON text. New. */
static json_t *metadata_of(const struct paystack_transaction *transaction)
{
    json_t *metadata = transaction->metadata;

    if (json_is_string(metadata))
        return json_loads(json_string_value(metadata), 0, NULL);
    return metadata == NULL ? json_object() : json_incref(metadata);
}

static json_t *ledger_charge(const struct paystack_transaction *transaction)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:o, s:b, s:I}",
        "provider", "paystack", "id", transaction->item.id,
        "reference", transaction->reference, "amount", (json_int_t) transaction->amount,
        "requested_amount", (json_int_t) transaction->requested_amount,
        "fees", (json_int_t) transaction->fees, "currency", transaction->currency,
        "amount_refunded", (json_int_t) transaction->refunded,
        "amount_charged_back", (json_int_t) transaction->charged_back,
        "amount_reversed", (json_int_t) transaction->reversed,
        "metadata", metadata_of(transaction), "foreign", transaction->is_foreign,
        "created", (json_int_t) transaction->paid_at_s);
}

static json_t *ledger_refund(const struct paystack_refund *refund)
{
    const struct paystack_transaction *transaction = refund->transaction;

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:o, s:b, s:I}",
        "provider", "paystack", "id", refund->item.id, "charge", transaction->item.id,
        "reference", transaction->reference, "amount", (json_int_t) refund->amount,
        "currency", transaction->currency,
        "status", paystack_refund_status_name(refund->status),
        "merchant_note", refund->merchant_note, "metadata", metadata_of(transaction),
        "foreign", transaction->is_foreign,
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

/* What happened to the money of a transaction. */
struct movement {
    const char *kind, *source;
    int64_t     amount, fee, at_s;
};

static void add_movement(struct ledger_rows *rows, const struct paystack_transaction *transaction,
                         const struct movement *movement)
{
    json_array_append_new(rows->movements, json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:o, s:b, s:I}",
        "provider", "paystack", "kind", movement->kind, "source", movement->source,
        "charge", transaction->item.id, "reference", transaction->reference,
        "amount", (json_int_t) movement->amount, "fee", (json_int_t) movement->fee,
        "currency", transaction->currency, "metadata", metadata_of(transaction),
        "foreign", transaction->is_foreign, "at", (json_int_t) movement->at_s));
}

static void add_charge(struct ledger_rows *rows, const struct paystack_transaction *transaction)
{
    if (transaction->paid_at_s == 0)
        return;
    json_array_append_new(rows->charges, ledger_charge(transaction));
    add_movement(rows, transaction, &(struct movement) {
        "charge", transaction->item.id, transaction->amount, transaction->fees,
        transaction->paid_at_s });
    if (transaction->reversed_at_s != 0)
        add_movement(rows, transaction, &(struct movement) {
            "reversal", transaction->item.id, -transaction->reversed, 0,
            transaction->reversed_at_s });
}

static void add_refund(struct ledger_rows *rows, const struct paystack_refund *refund)
{
    const char *id = refund->item.id;

    json_array_append_new(rows->refunds, ledger_refund(refund));
    if (refund->processed_at_s == 0)
        return;
    add_movement(rows, refund->transaction, &(struct movement) {
        "refund", id, -refund->amount, 0, refund->item.created_s });
    if (refund->failed_at_s != 0)
        add_movement(rows, refund->transaction, &(struct movement) {
            "refund_failure", id, refund->amount, 0, refund->failed_at_s });
}

/* Only an accepted dispute moves money. */
static void add_dispute(struct ledger_rows *rows, const struct paystack_dispute *dispute)
{
    json_array_append_new(rows->disputes, ledger_dispute(dispute));
    if (dispute->resolution == PAYSTACK_MERCHANT_ACCEPTED ||
        dispute->resolution == PAYSTACK_AUTO_ACCEPTED)
        add_movement(rows, dispute->transaction, &(struct movement) {
            "dispute", dispute->item.id, -dispute->refund_amount, 0, dispute->resolved_at_s });
}

void paystack_control_add_ledger(struct paystack *paystack, struct ledger_rows *rows)
{
    paystack_lock(paystack);
    for (size_t i = 0; i < paystack->transactions.count; i++)
        add_charge(rows, (struct paystack_transaction *) paystack->transactions.items[i]);
    for (size_t i = 0; i < paystack->refunds.count; i++)
        add_refund(rows, (struct paystack_refund *) paystack->refunds.items[i]);
    for (size_t i = 0; i < paystack->disputes.count; i++)
        add_dispute(rows, (struct paystack_dispute *) paystack->disputes.items[i]);
    paystack_unlock(paystack);
}
