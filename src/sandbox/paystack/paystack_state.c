/* The tables for writing the Paystack account to a file and reading it back. */
#include "paystack_state.h"

#include <stdint.h>

#include "sandbox/kit/strbuf.h"

static const struct state_field transaction_rows[] = {
    STATE_ROW(struct paystack_transaction, number, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, status, STATE_INT, PAYSTACK_REVERSED),
    STATE_ROW(struct paystack_transaction, is_closed, STATE_FLAG, 0),
    STATE_ROW(struct paystack_transaction, is_foreign, STATE_FLAG, 0),
    STATE_ROW(struct paystack_transaction, requested_amount, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, amount, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, fees, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, currency, STATE_CHARS, 0),
    STATE_ROW(struct paystack_transaction, reference, STATE_TEXT, 1),
    STATE_ROW(struct paystack_transaction, access_code, STATE_TEXT, 1),
    STATE_ROW(struct paystack_transaction, email, STATE_TEXT, 1),
    STATE_ROW(struct paystack_transaction, callback_url, STATE_TEXT, 0),
    STATE_ROW(struct paystack_transaction, metadata, STATE_JSON, 0),
    STATE_ROW(struct paystack_transaction, channel, STATE_WORD, 1),
    STATE_ROW(struct paystack_transaction, gateway_response, STATE_TEXT, 1),
    STATE_ROW(struct paystack_transaction, authorization_code, STATE_CHARS, 0),
    STATE_ROW(struct paystack_transaction, paid_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, refunded, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, refunds_processed, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, charged_back, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, reversed, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_transaction, reversed_at_s, STATE_NUMBER, 0),
};

static const struct state_field refund_rows[] = {
    STATE_ROW(struct paystack_refund, number, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_refund, status, STATE_INT, PAYSTACK_REFUND_NEEDS_ATTENTION),
    STATE_LINK_ROW(struct paystack_refund, transaction, 1, "transactions"),
    STATE_ROW(struct paystack_refund, amount, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_refund, merchant_note, STATE_TEXT, 1),
    STATE_ROW(struct paystack_refund, customer_note, STATE_TEXT, 1),
    STATE_ROW(struct paystack_refund, reference, STATE_CHARS, 0),
    STATE_ROW(struct paystack_refund, updated_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_refund, processed_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_refund, failed_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_refund, fails_at_s, STATE_NUMBER, 0),
};

static const struct state_field dispute_rows[] = {
    STATE_ROW(struct paystack_dispute, number, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_dispute, status, STATE_INT, PAYSTACK_DISPUTE_ARCHIVED),
    STATE_ROW(struct paystack_dispute, resolution, STATE_INT, PAYSTACK_AUTO_ACCEPTED),
    STATE_LINK_ROW(struct paystack_dispute, transaction, 1, "transactions"),
    STATE_ROW(struct paystack_dispute, refund_amount, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_dispute, category, STATE_TEXT, 1),
    STATE_ROW(struct paystack_dispute, attachments, STATE_TEXT, 0),
    STATE_ROW(struct paystack_dispute, due_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_dispute, resolved_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_dispute, updated_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack_dispute, evidence, STATE_JSON, 0),
    STATE_ROW(struct paystack_dispute, history, STATE_JSON, 1),
    STATE_ROW(struct paystack_dispute, messages, STATE_JSON, 1),
};

static const struct state_field settings_rows[] = {
    STATE_ROW(struct paystack, numbers, STATE_NUMBER, 0),
    STATE_ROW(struct paystack, settings.refund_outcome, STATE_INT,
              PAYSTACK_REFUND_NEEDS_ATTENTION),
    STATE_ROW(struct paystack, settings.metadata_form, STATE_INT, PAYSTACK_METADATA_NULL),
    STATE_ROW(struct paystack, settings.passes_fees_on, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.has_large_ids, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.says_status_as_text, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.says_only_message, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.says_ids_as_text, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.sends_charge_failed, STATE_INT, 1),
    STATE_ROW(struct paystack, settings.refund_fails_after_s, STATE_NUMBER, 0),
    STATE_ROW(struct paystack, settings.missing_status, STATE_INT, 599),
    STATE_ROW(struct paystack, settings.created_status, STATE_INT, 599),
    STATE_ROW(struct paystack, settings.domain, STATE_CHARS, 0),
    STATE_ROW(struct paystack, settings.currencies, STATE_CHARS, 0),
};

static const struct state_shape
    transactions = STATE_SHAPE("transactions", struct paystack_transaction, transaction_rows,
                               false),
    refunds = STATE_SHAPE("refunds", struct paystack_refund, refund_rows, false),
    disputes = STATE_SHAPE("disputes", struct paystack_dispute, dispute_rows, false),
    settings = STATE_SHAPE("settings", struct paystack, settings_rows, true);

json_t *paystack_state_write(struct paystack *paystack)
{
    json_t *state = json_object();

    paystack_lock(paystack);
    state_write_all(&transactions, &paystack->transactions, state);
    state_write_all(&refunds, &paystack->refunds, state);
    state_write_all(&disputes, &paystack->disputes, state);
    json_object_set_new(state, settings.name, state_write(&settings, paystack));
    json_object_set_new(state, "webhooks", webhooks_write(paystack->webhooks));
    paystack_unlock(paystack);
    return state;
}

static bool read_objects(struct paystack *paystack, const json_t *state,
                         struct state_reader *reader)
{
    return state_read_all(reader, &transactions, state, &paystack->transactions) &&
           state_read_all(reader, &refunds, state, &paystack->refunds) &&
           state_read_all(reader, &disputes, state, &paystack->disputes) &&
           state_link_all(reader, &refunds, state, &paystack->refunds) &&
           state_link_all(reader, &disputes, state, &paystack->disputes) &&
           state_read(reader, &settings, json_object_get(state, settings.name), paystack) &&
           webhooks_read(paystack->webhooks, json_object_get(state, "webhooks"), reader);
}

/* Builds the indexes, which follow from the objects. */
static void index_objects(struct paystack *paystack)
{
    for (size_t i = 0; i < paystack->transactions.count; i++) {
        struct paystack_transaction *transaction =
            (struct paystack_transaction *) paystack->transactions.items[i];

        table_put(paystack->by_reference, transaction->reference, transaction);
        table_put(paystack->by_access_code, transaction->access_code, transaction);
    }
    for (size_t i = 0; i < paystack->disputes.count; i++) {
        struct paystack_dispute *dispute =
            (struct paystack_dispute *) paystack->disputes.items[i];

        heap_push(&paystack->due, dispute->due_at_s, dispute);
    }
    for (size_t i = 0; i < paystack->refunds.count; i++) {
        struct paystack_refund *refund = (struct paystack_refund *) paystack->refunds.items[i];

        if (refund->fails_at_s != 0 && refund->failed_at_s == 0)
            heap_push(&paystack->failing, refund->fails_at_s, refund);
    }
}

bool paystack_state_read(struct paystack *paystack, const json_t *state,
                         char why_out[STATE_WHY_BYTES])
{
    struct state_reader reader;
    bool                is_right;

    state_reader_init(&reader, paystack->words);
    paystack_lock(paystack);
    is_right = read_objects(paystack, state, &reader);
    if (is_right)
        index_objects(paystack);
    paystack_unlock(paystack);
    copy_bounded(why_out, STATE_WHY_BYTES, reader.why);
    state_reader_deinit(&reader);
    return is_right;
}
