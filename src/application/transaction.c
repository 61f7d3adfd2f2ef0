/* Runs a step in a transaction, and repeats it after a repeatable problem. */
#include "application/transaction.h"

#include "application/store/store.h"
#include "base/log.h"
#include "base/metrics.h"

static void hold(void)
{
    log_hold();
    metrics_hold();
}

static void tell(void)
{
    log_tell();
    metrics_tell();
}

static void forget(void)
{
    log_forget();
    metrics_forget();
}

/* What the step logs and counts is held back until COMMIT succeeded or its outcome is unknown. */
static const struct problem *try_once(struct ctx *ctx, transaction_step *step, void *work,
                                      bool keep)
{
    const struct problem *problem;

    hold();
    store_begin(ctx);
    problem = step(ctx, work);
    if (problem == OK && keep)
        problem = store_commit(ctx);
    if (keep && (problem == OK || problem->in_doubt))
        tell();
    else
        forget();
    if (problem != OK || !keep)
        store_rollback_if_open(ctx);
    return problem;
}

/* A step that ends with a problem has changed nothing; most are answers, such as a 409. */
static void count(const char *result)
{
    metrics_add(METRIC_TRANSACTIONS, 1, METRIC_VALUES(result));
}

static const struct problem *run(struct ctx *ctx, transaction_step *step, void *work, bool keep)
{
    for (int try = 1;; try++) {
        const struct problem *problem = try_once(ctx, step, work, keep);

        if (problem == OK) {
            count(keep ? "committed" : "undone");
            return OK;
        }
        if (!problem->repeatable || try == TRANSACTION_TRIES_MAX) {
            count("ended");
            return problem;
        }
        count("repeated");
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
