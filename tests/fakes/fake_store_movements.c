/* The ledger in memory. */
#include "fake_store_parts.h"

static const struct problem *apply_movement(struct ctx *ctx, const void *argument)
{
    const struct fake_movement *movement = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    for (int i = 0; i < rows->ledger_count; i++) {
        if (rows->ledger[i].kind != movement->kind)
            continue;
        if (movement->kind == MOVEMENT_CHARGE && strchr(movement->provider_ref, ':') == NULL
            && same(rows->ledger[i].payment_id.text, movement->payment_id.text))
            return part_refuse(ctx, "one_charge_per_payment");
        if (same(rows->ledger[i].provider_ref, movement->provider_ref))
            return part_refuse(ctx, "movement_once");
    }
    if (movement->amount_minor == 0
        || (movement->kind != MOVEMENT_REASSIGNMENT
            && (movement->amount_minor < 0) != (movement->kind == MOVEMENT_REFUND
                                                || movement->kind == MOVEMENT_DISPUTE)))
        return part_refuse(ctx, "sign_fits_kind");
    assert_true(rows->ledger_count < FAKE_ROWS_MAX);
    rows->ledger[rows->ledger_count++] = *movement;
    return OK;
}

void store_movement_insert(struct ctx *ctx, const struct payment *payment,
                           const struct movement *movement)
{
    struct fake_movement *row = arena_alloc(ctx->arena, sizeof(*row));

    assert_string_not_equal(movement->provider_ref, "");
    assert_true(movement->occurred_at_ms > 0 && movement->occurred_at_ms <= ctx->now_ms);
    *row = (struct fake_movement) { payment->id, payment->order_id, movement->kind,
                                    movement->amount_minor, movement->occurred_at_ms, "" };
    COPY(row->provider_ref, movement->provider_ref);
    part_queue(ctx, apply_movement, row);
}
