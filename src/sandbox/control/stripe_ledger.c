/* The charges, refunds, disputes and movements of the Stripe account, for the ledger. */
#include "sandbox/stripe/stripe_render.h"
#include "stripe_control.h"

static json_t *ledger_charge(const struct stripe_charge *charge)
{
    const struct stripe_session *session = charge->intent->session;

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:I, s:O, s:O, s:s?, s:b, s:I}",
        "provider", "stripe", "id", charge->item.id, "payment_intent", charge->intent->item.id,
        "session", session->item.id, "amount", (json_int_t) session->amount,
        "currency", session->currency, "amount_refunded", (json_int_t) charge->amount_refunded,
        "metadata", session->intent_metadata, "session_metadata", session->metadata,
        "client_reference_id", session->client_reference_id, "foreign", session->is_foreign,
        "created", (json_int_t) charge->item.created_s);
}

static json_t *ledger_refund(const struct stripe_refund *refund)
{
    const struct stripe_intent *intent = refund->charge->intent;

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:O, s:b, s:I}",
        "provider", "stripe", "id", refund->item.id, "payment_intent", intent->item.id,
        "charge", refund->charge->item.id, "session", intent->session->item.id,
        "amount", (json_int_t) refund->amount, "currency", intent->session->currency,
        "status", refund_status_name(refund->status), "metadata", refund->metadata,
        "foreign", intent->session->is_foreign,
        "created", (json_int_t) refund->item.created_s);
}

static json_t *ledger_dispute(const struct stripe_dispute *dispute)
{
    const struct stripe_intent *intent = dispute->charge->intent;

    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:b, s:b, s:O, s:I}",
        "provider", "stripe", "id", dispute->item.id, "payment_intent", intent->item.id,
        "charge", dispute->charge->item.id, "amount", (json_int_t) dispute->amount,
        "currency", intent->session->currency, "status", dispute_status_name(dispute->status),
        "withdrawn", dispute->is_withdrawn, "reinstated", dispute->is_reinstated,
        "metadata", intent->session->intent_metadata,
        "created", (json_int_t) dispute->item.created_s);
}

/* A refund that never succeeded moved no money, whatever the balance shows meanwhile. */
static bool is_final(const struct stripe *stripe, const struct stripe_movement *movement)
{
    const struct stripe_refund *refund = collection_find(&stripe->refunds, movement->source);

    return refund == NULL || refund->succeeded_at_s != 0;
}

static json_t *ledger_movement(const struct stripe_movement *movement)
{
    const struct stripe_session *session = movement->charge->intent->session;

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:O, s:b, s:I}",
        "provider", "stripe", "kind", stripe_movement_kind_name(movement->kind),
        "id", movement->item.id, "source", movement->source, "charge", movement->charge->item.id,
        "payment_intent", movement->charge->intent->item.id,
        "amount", (json_int_t) movement->amount, "fee", (json_int_t) movement->fee,
        "currency", session->currency, "metadata", session->intent_metadata,
        "foreign", session->is_foreign, "at", (json_int_t) movement->item.created_s);
}

static void add_movements(const struct stripe *stripe, json_t *movements)
{
    for (size_t i = 0; i < stripe->movements.count; i++) {
        const struct stripe_movement *movement =
            (const struct stripe_movement *) stripe->movements.items[i];

        if (is_final(stripe, movement))
            json_array_append_new(movements, ledger_movement(movement));
    }
}

size_t stripe_control_add_ledger(struct stripe *stripe, struct ledger_rows *rows)
{
    size_t sessions;

    stripe_lock(stripe);
    for (size_t i = 0; i < stripe->charges.count; i++) {
        const struct stripe_charge *charge = (struct stripe_charge *) stripe->charges.items[i];

        if (charge->status == CHARGE_SUCCEEDED)
            json_array_append_new(rows->charges, ledger_charge(charge));
    }
    for (size_t i = 0; i < stripe->refunds.count; i++)
        json_array_append_new(rows->refunds,
                              ledger_refund((struct stripe_refund *) stripe->refunds.items[i]));
    for (size_t i = 0; i < stripe->disputes.count; i++)
        json_array_append_new(rows->disputes, ledger_dispute(
            (struct stripe_dispute *) stripe->disputes.items[i]));
    add_movements(stripe, rows->movements);
    sessions = stripe->sessions.count;
    stripe_unlock(stripe);
    return sessions;
}
