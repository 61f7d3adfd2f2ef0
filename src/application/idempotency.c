/*
 * Decides what a claimed idempotency key means for its command: run it, or give the stored answer.
 */
#include "application/idempotency.h"

bool idempotency_must_run(struct ctx *ctx, const struct claim *claim, struct answer *answer_out,
                          const struct problem **problem_out)
{
    struct problem *problem;

    switch (claim->state) {
    case CLAIM_FREE:
        return true;
    case CLAIM_DONE:
        *answer_out = claim->answer;
        answer_out->replayed = true;
        return false;
    case CLAIM_RUNNING:
        problem = problem_new(ctx->arena, PROBLEM_REQUEST_IN_PROGRESS,
                              "A request with this Idempotency-Key is still running.");
        problem->retry_after_s = 1;
        *problem_out = problem;
        return false;
    case CLAIM_OTHER_REQUEST:
        *problem_out = problem_new(ctx->arena, PROBLEM_IDEMPOTENCY_KEY_REUSED,
                                   "This Idempotency-Key belongs to another request.");
        return false;
    }
    return true;
}
