/* The tables for writing the Stripe account to a file and reading it back. */
#include "stripe_state.h"

#include <stdint.h>

#include "sandbox/kit/strbuf.h"

static const struct state_field session_rows[] = {
    STATE_ROW(struct stripe_session, status, STATE_INT, SESSION_EXPIRED),
    STATE_ROW(struct stripe_session, is_paid, STATE_FLAG, 0),
    STATE_ROW(struct stripe_session, is_foreign, STATE_FLAG, 0),
    STATE_ROW(struct stripe_session, amount, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_session, currency, STATE_CHARS, 0),
    STATE_ROW(struct stripe_session, expires_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_session, success_url, STATE_TEXT, 1),
    STATE_ROW(struct stripe_session, cancel_url, STATE_TEXT, 0),
    STATE_ROW(struct stripe_session, client_reference_id, STATE_TEXT, 0),
    STATE_ROW(struct stripe_session, customer_email, STATE_TEXT, 0),
    STATE_ROW(struct stripe_session, title, STATE_TEXT, 1),
    STATE_ROW(struct stripe_session, intent_description, STATE_TEXT, 0),
    STATE_ROW(struct stripe_session, metadata, STATE_JSON, 1),
    STATE_ROW(struct stripe_session, intent_metadata, STATE_JSON, 1),
    STATE_LINK_ROW(struct stripe_session, intent, 0, "intents"),
};

static const struct state_field intent_rows[] = {
    STATE_ROW(struct stripe_intent, status, STATE_INT, INTENT_CANCELED),
    STATE_LINK_ROW(struct stripe_intent, session, 1, "sessions"),
    STATE_LINK_ROW(struct stripe_intent, latest_charge, 0, "charges"),
    STATE_LINK_ROW(struct stripe_intent, refunds, 0, "refunds"),
    STATE_ROW(struct stripe_intent, last_payment_error, STATE_JSON, 0),
    STATE_ROW(struct stripe_intent, method, STATE_WORD, 1),
    STATE_ROW(struct stripe_intent, cancellation_reason, STATE_WORD, 0),
    STATE_ROW(struct stripe_intent, canceled_at_s, STATE_NUMBER, 0),
};

static const struct state_field charge_rows[] = {
    STATE_ROW(struct stripe_charge, status, STATE_INT, CHARGE_FAILED),
    STATE_LINK_ROW(struct stripe_charge, intent, 1, "intents"),
    STATE_ROW(struct stripe_charge, amount_refunded, STATE_NUMBER, 0),
    STATE_LINK_ROW(struct stripe_charge, movement, 0, "movements"),
    STATE_LINK_ROW(struct stripe_charge, dispute, 0, "disputes"),
    STATE_ROW(struct stripe_charge, failure_code, STATE_WORD, 0),
    STATE_ROW(struct stripe_charge, failure_message, STATE_WORD, 0),
};

static const struct state_field refund_rows[] = {
    STATE_ROW(struct stripe_refund, status, STATE_INT, REFUND_CANCELED),
    STATE_LINK_ROW(struct stripe_refund, charge, 1, "charges"),
    STATE_LINK_ROW(struct stripe_refund, next, 0, "refunds"),
    STATE_ROW(struct stripe_refund, amount, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_refund, reason, STATE_WORD, 0),
    STATE_ROW(struct stripe_refund, failure_reason, STATE_WORD, 0),
    STATE_ROW(struct stripe_refund, metadata, STATE_JSON, 1),
    STATE_LINK_ROW(struct stripe_refund, movement, 0, "movements"),
    STATE_LINK_ROW(struct stripe_refund, failure, 0, "movements"),
    STATE_ROW(struct stripe_refund, succeeded_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_refund, failed_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_refund, fails_at_s, STATE_NUMBER, 0),
};

static const struct state_field dispute_rows[] = {
    STATE_ROW(struct stripe_dispute, status, STATE_INT, DISPUTE_LOST),
    STATE_LINK_ROW(struct stripe_dispute, charge, 1, "charges"),
    STATE_ROW(struct stripe_dispute, amount, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_dispute, reason, STATE_TEXT, 1),
    STATE_ROW(struct stripe_dispute, due_by_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_dispute, submission_count, STATE_INT, INT32_MAX),
    STATE_ROW(struct stripe_dispute, is_withdrawn, STATE_FLAG, 0),
    STATE_ROW(struct stripe_dispute, is_reinstated, STATE_FLAG, 0),
    STATE_LINK_ROW(struct stripe_dispute, withdrawal, 0, "movements"),
    STATE_LINK_ROW(struct stripe_dispute, reinstatement, 0, "movements"),
    STATE_ROW(struct stripe_dispute, evidence, STATE_JSON, 1),
    STATE_ROW(struct stripe_dispute, metadata, STATE_JSON, 1),
};

static const struct state_field movement_rows[] = {
    STATE_ROW(struct stripe_movement, kind, STATE_INT, MOVEMENT_DISPUTE_REVERSAL),
    STATE_ROW(struct stripe_movement, amount, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_movement, fee, STATE_NUMBER, 0),
    STATE_LINK_ROW(struct stripe_movement, charge, 1, "charges"),
    STATE_ROW(struct stripe_movement, source, STATE_CHARS, 0),
    STATE_ROW(struct stripe_movement, told_at_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe_movement, is_told, STATE_FLAG, 0),
};

static const struct state_field event_rows[] = {
    STATE_ROW(struct stripe_event, type, STATE_TEXT, 1),
    STATE_ROW(struct stripe_event, payload, STATE_TEXT, 1),
};

static const struct state_field account_rows[] = {
    STATE_ROW(struct stripe, refund_outcome, STATE_INT, REFUND_CANCELED),
    STATE_ROW(struct stripe, balance_delay_s, STATE_NUMBER, 0),
    STATE_ROW(struct stripe, refund_fails_after_s, STATE_NUMBER, 0),
};

static const struct state_shape account =
    STATE_SHAPE("settings", struct stripe, account_rows, true);

/* Each collection of the account, and the shape of what is in it. */
static const struct {
    size_t             offset;
    struct state_shape shape;
} collections[] = {
    { offsetof(struct stripe, sessions),
      STATE_SHAPE("sessions", struct stripe_session, session_rows, false) },
    { offsetof(struct stripe, intents),
      STATE_SHAPE("intents", struct stripe_intent, intent_rows, false) },
    { offsetof(struct stripe, charges),
      STATE_SHAPE("charges", struct stripe_charge, charge_rows, false) },
    { offsetof(struct stripe, refunds),
      STATE_SHAPE("refunds", struct stripe_refund, refund_rows, false) },
    { offsetof(struct stripe, disputes),
      STATE_SHAPE("disputes", struct stripe_dispute, dispute_rows, false) },
    { offsetof(struct stripe, movements),
      STATE_SHAPE("movements", struct stripe_movement, movement_rows, false) },
    { offsetof(struct stripe, events),
      STATE_SHAPE("events", struct stripe_event, event_rows, false) },
};

#define COLLECTION_COUNT (sizeof collections / sizeof collections[0])

static struct collection *collection_at(struct stripe *stripe, size_t i)
{
    return (struct collection *) (void *) ((char *) stripe + collections[i].offset);
}

json_t *stripe_state_write(struct stripe *stripe)
{
    json_t *state = json_object();

    stripe_lock(stripe);
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        state_write_all(&collections[i].shape, collection_at(stripe, i), state);
    json_object_set_new(state, account.name, state_write(&account, stripe));
    json_object_set_new(state, "idempotency", idempotency_keys_write(stripe->idempotency));
    json_object_set_new(state, "webhooks", webhooks_write(stripe->webhooks));
    stripe_unlock(stripe);
    return state;
}

static bool read_objects(struct stripe *stripe, const json_t *state, struct state_reader *reader)
{
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        if (!state_read_all(reader, &collections[i].shape, state, collection_at(stripe, i)))
            return false;
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        if (!state_link_all(reader, &collections[i].shape, state, collection_at(stripe, i)))
            return false;
    return state_read(reader, &account, json_object_get(state, account.name), stripe);
}

/* Restores what follows from a session. Its page may have another address now. */
static void settle_session(struct stripe *stripe, struct stripe_session *session)
{
    stripe_name_page(stripe, session);
    if (session->status == SESSION_OPEN)
        heap_push(&stripe->expiries, session->expires_at_s, session);
}

static void settle_movement(struct stripe *stripe, struct stripe_movement *movement)
{
    if (!movement->is_told)
        heap_push(&stripe->untold, movement->told_at_s, movement);
}

static void settle_refund(struct stripe *stripe, struct stripe_refund *refund)
{
    if (refund->fails_at_s != 0 && refund->failed_at_s == 0)
        heap_push(&stripe->failing, refund->fails_at_s, refund);
}

bool stripe_state_read(struct stripe *stripe, const json_t *state, char why_out[STATE_WHY_BYTES])
{
    struct state_reader reader;
    bool                is_right;

    state_reader_init(&reader, stripe->words);
    stripe_lock(stripe);
    is_right = read_objects(stripe, state, &reader) &&
               idempotency_keys_read(stripe->idempotency, json_object_get(state, "idempotency"),
                                     &reader) &&
               webhooks_read(stripe->webhooks, json_object_get(state, "webhooks"), &reader);
    for (size_t i = 0; i < stripe->sessions.count; i++)
        settle_session(stripe, (struct stripe_session *) stripe->sessions.items[i]);
    for (size_t i = 0; i < stripe->movements.count; i++)
        settle_movement(stripe, (struct stripe_movement *) stripe->movements.items[i]);
    for (size_t i = 0; i < stripe->refunds.count; i++)
        settle_refund(stripe, (struct stripe_refund *) stripe->refunds.items[i]);
    stripe_unlock(stripe);
    copy_bounded(why_out, STATE_WHY_BYTES, reader.why);
    state_reader_deinit(&reader);
    return is_right;
}
