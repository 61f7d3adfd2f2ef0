#include "application/transaction.h"

#include "application/store.h"

static const struct problem *run(struct ctx *ctx,
                                 const struct problem *(*step)(struct ctx *ctx, void *work),
                                 void *work, bool keep)
{
    for (int try = 1;; try++) {
        const struct problem *problem;

        store_begin(ctx);
        problem = step(ctx, work);
        if (problem == OK && keep)
            problem = store_commit(ctx);
        if (problem != OK || !keep)
            store_rollback_if_open(ctx);
        if (problem == OK)
            return OK;
        if (!problem->repeatable || try == TRANSACTION_TRIES_MAX)
            return problem;
        store_prepare_repeat(ctx, try);
    }
}

const struct problem *in_transaction(struct ctx *ctx,
                                     const struct problem *(*step)(struct ctx *ctx, void *work),
                                     void *work)
{
    return run(ctx, step, work, true);
}

const struct problem *in_undone_transaction(struct ctx *ctx,
                                            const struct problem *(*step)(struct ctx *ctx,
                                                                          void *work),
                                            void *work)
{
    return run(ctx, step, work, false);
}
