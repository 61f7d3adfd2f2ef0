/* Books movements on the balance with their fees, lists them, and shows them when due. */
#include "stripe_balance.h"

#include <string.h>

#include "sandbox/kit/alloc.h"
#include "stripe_events.h"
#include "stripe_list.h"
#include "stripe_render.h"

#define FEE_PER_MILLE 29
#define FEE_FIXED     30
#define DISPUTE_FEE   1500

/* Stripe keeps the fee of a refunded charge, and charges one for each dispute. */
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
    struct stripe_movement *movement = alloc_new(1, sizeof *movement);

    collection_add(&stripe->movements, &movement->item, "txn_", 24, stripe_now_s(stripe));
    movement->kind = kind;
    movement->amount = amount;
    movement->fee = fee_of(kind, amount);
    movement->charge = charge;
    copy_bounded(movement->source, sizeof movement->source, source->id);
    movement->told_at_s = movement->item.created_s + stripe->balance_delay_s;
    movement->is_told = stripe->balance_delay_s == 0;
    if (!movement->is_told)
        heap_push(&stripe->untold, movement->told_at_s, movement);
    return movement;
}

void stripe_balance_settle_due(struct stripe *stripe)
{
    int64_t                 now_s = sandbox_clock_now_s(stripe->clock);
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

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_movement *movement = (const struct stripe_movement *) item;
    const char *source = url_form_find(call->form, "source");
    const char *type = url_form_find(call->form, "type");
    const char *currency = url_form_find(call->form, "currency");

    return movement->is_told && url_form_find(call->form, "payout") == NULL &&
           (source == NULL || strcmp(source, movement->source) == 0) &&
           (type == NULL || strcmp(type, stripe_movement_type(movement)) == 0) &&
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
