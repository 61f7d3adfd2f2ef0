#include "application/transaction.h"

#include "application/store.h"

const struct problem *in_transaction(struct ctx *ctx,
                                     const struct problem *(*step)(struct ctx *ctx, void *work),
                                     void *work)
{
    for (int try = 1;; try++) {
        const struct problem *problem;

        store_begin(ctx);
        problem = step(ctx, work);
        if (problem == OK)
            problem = store_commit(ctx);
        if (problem == OK)
            return OK;
        store_rollback_if_open(ctx);
        if (!problem->repeatable || try == TRANSACTION_TRIES_MAX)
            return problem;
        store_prepare_repeat(ctx, try);
    }
}
