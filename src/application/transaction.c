/* Runs a step in a transaction, and repeats it after a repeatable problem. */
#include "application/transaction.h"

#include "application/store/store.h"
#include "base/log.h"

/* The step's log lines are held back until COMMIT succeeded or its outcome is unknown. */
static const struct problem *try_once(struct ctx *ctx, transaction_step *step, void *work,
                                      bool keep)
{
    const struct problem *problem;

    log_hold();
    store_begin(ctx);
    problem = step(ctx, work);
    if (problem == OK && keep)
        problem = store_commit(ctx);
    if (keep && (problem == OK || problem->in_doubt))
        log_tell();
    else
        log_forget();
    if (problem != OK || !keep)
        store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *run(struct ctx *ctx, transaction_step *step, void *work, bool keep)
{
    for (int try = 1;; try++) {
        const struct problem *problem = try_once(ctx, step, work, keep);

        if (problem == OK)
            return OK;
        if (!problem->repeatable || try == TRANSACTION_TRIES_MAX)
            return problem;
        store_prepare_repeat(ctx, try);
    }
}

const struct problem *in_transaction(struct ctx *ctx, transaction_step *step, void *work)
{
    return run(ctx, step, work, true);
}

const struct problem *in_undone_transaction(struct ctx *ctx, transaction_step *step, void *work)
{
    return run(ctx, step, work, false);
}
