#include "stripe_balance.h"

#include "sandbox/kit/memory.h"
#include "stripe_error.h"
#include "stripe_events.h"
#include "stripe_list.h"
#include "stripe_render.h"

#include <assert.h>
#include <string.h>

#define FEE_PER_MILLE     29
#define FEE_FIXED         30
#define DISPUTE_FEE       1500
#define AVAILABLE_AFTER_S (2 * 24 * 3600)

/* How each kind is named: by us, by Stripe for cards and for other methods, and in reports. */
static const struct { const char *name, *of_card, *of_others, *category; } kinds[] = {
    [MOVEMENT_CHARGE]           = { "charge", "charge", "payment", "charge" },
    [MOVEMENT_REFUND]           = { "refund", "refund", "payment_refund", "refund" },
    [MOVEMENT_REFUND_FAILURE]   = { "refund_failure", "refund_failure", "refund_failure",
                                    "refund_failure" },
    [MOVEMENT_DISPUTE]          = { "dispute", "adjustment", "adjustment", "dispute" },
    [MOVEMENT_DISPUTE_REVERSAL] = { "dispute_reversal", "adjustment", "adjustment",
                                    "dispute_reversal" },
};

const char *stripe_movement_kind_name(enum stripe_movement_kind kind)
{
    return kinds[kind].name;
}

/* Refunds give no fee back; a dispute costs one, which stays with Stripe. */
static int64_t fee_of(enum stripe_movement_kind kind, int64_t amount)
{
    switch (kind) {
    case MOVEMENT_CHARGE:           return amount * FEE_PER_MILLE / 1000 + FEE_FIXED;
    case MOVEMENT_DISPUTE:          return DISPUTE_FEE;
    case MOVEMENT_REFUND:
    case MOVEMENT_REFUND_FAILURE:
    case MOVEMENT_DISPUTE_REVERSAL: return 0;
    }
    return 0;
}

struct stripe_movement *stripe_balance_add(struct stripe *stripe, enum stripe_movement_kind kind,
                                           struct stripe_charge *charge, const struct item *source,
                                           int64_t amount)
{
    struct stripe_movement *movement = memory_new(1, sizeof *movement);

    collection_add(&stripe->movements, &movement->item, "txn_", 24, stripe_now_s(stripe));
    movement->kind = kind;
    movement->amount = amount;
    movement->fee = fee_of(kind, amount);
    movement->charge = charge;
    text_copy(movement->source, sizeof movement->source, source->id);
    movement->told_at_s = movement->item.created_s + stripe->balance_delay_s;
    movement->is_told = stripe->balance_delay_s == 0;
    if (!movement->is_told)
        heap_push(&stripe->untold, movement->told_at_s, movement);
    return movement;
}

void stripe_balance_settle_due(struct stripe *stripe)
{
    int64_t                 now_s = clock_now_s(stripe->clock);
    const struct heap_item *first;

    while ((first = heap_first(&stripe->untold)) != NULL && first->at <= now_s) {
        struct stripe_movement *movement = heap_pop(&stripe->untold);

        movement->is_told = true;
        if (movement->kind == MOVEMENT_CHARGE)
            stripe_event_emit(stripe, "charge.updated", movement->charge->intent->session,
                              stripe_render_charge(movement->charge),
                              json_pack("{s:n}", "balance_transaction"));
    }
}

const char *stripe_movement_id(const struct stripe_movement *movement)
{
    return movement != NULL && movement->is_told ? movement->item.id : NULL;
}

static json_t *fee_details(const struct stripe_movement *movement, const char *currency)
{
    if (movement->fee == 0)
        return json_array();
    return json_pack("[{s:I, s:n, s:s, s:s, s:s}]", "amount", (json_int_t) movement->fee,
                     "application", "currency", currency, "description",
                     movement->kind == MOVEMENT_CHARGE ? "Stripe processing fees" : "Dispute fee",
                     "type", "stripe_fee");
}

static const char *type_of(const struct stripe_movement *movement)
{
    bool is_card = strcmp(movement->charge->intent->method, "card") == 0;

    return is_card ? kinds[movement->kind].of_card : kinds[movement->kind].of_others;
}

json_t *stripe_render_movement(const struct stripe *stripe, const struct stripe_movement *movement)
{
    const struct stripe_session *session = movement->charge->intent->session;
    int64_t available_s = movement->item.created_s + AVAILABLE_AFTER_S;
    json_t *object = json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:I, s:s, s:s?, s:n, s:I, s:o, s:I, s:s, s:s, s:s, s:s}",
        "id", movement->item.id, "object", "balance_transaction",
        "amount", (json_int_t) movement->amount, "available_on", (json_int_t) available_s,
        "balance_type", "payments", "created", (json_int_t) movement->item.created_s,
        "currency", session->currency, "description", session->intent_description,
        "exchange_rate", "fee", (json_int_t) movement->fee,
        "fee_details", fee_details(movement, session->currency),
        "net", (json_int_t) (movement->amount - movement->fee),
        "reporting_category", kinds[movement->kind].category, "source", movement->source,
        "status", clock_now_s(stripe->clock) < available_s ? "pending" : "available",
        "type", type_of(movement));

    assert(object != NULL);
    return object;
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_movement *movement = (const struct stripe_movement *) item;
    const char *source = form_find(call->form, "source"), *type = form_find(call->form, "type");
    const char *currency = form_find(call->form, "currency");

    return movement->is_told && form_find(call->form, "payout") == NULL &&
           (source == NULL || strcmp(source, movement->source) == 0) &&
           (type == NULL || strcmp(type, type_of(movement)) == 0) &&
           (currency == NULL || strcmp(currency, movement->charge->intent->session->currency) == 0);
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    return stripe_render_movement(stripe, (const struct stripe_movement *) item);
}

void stripe_balance_list(struct stripe_call *call)
{
    const struct collection *movements = &call->stripe->movements;

    stripe_list_answer(call, &(struct stripe_listing) {
        .url = "/v1/balance_transactions", .items = movements->items, .count = movements->count,
        .cursors = movements, .matches = matches, .render = render,
    });
}

void stripe_balance_retrieve(struct stripe_call *call)
{
    const struct stripe_movement *movement = collection_find(&call->stripe->movements, call->id);

    if (movement == NULL || !movement->is_told)
        stripe_fail_missing(call, "balance transaction", call->id, "id");
    else
        stripe_answer(call, stripe_render_movement(call->stripe, movement));
}
