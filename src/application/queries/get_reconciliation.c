#include "application/queries.h"

const struct problem *get_reconciliation(struct ctx *ctx, const char *id,
                                         struct reconciliation *run_out)
{
    bool found = id_is_valid("rec", id);

    if (found)
        TRY(store_reconciliation_find(ctx, id, run_out, &found));
    return found ? OK : problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such reconciliation.");
}
