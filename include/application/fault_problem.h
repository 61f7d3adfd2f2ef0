/*
 * fault_problem.h - a point of base/fault.h inside a function that can fail:
 *
 *     TRY(FAULT_HERE_IN(ctx, "checkout.after_intent"));
 *
 * The action "error" makes it return an INTERNAL problem. Without --enable-fault-points it is OK.
 */
#ifndef PAYAPI_APPLICATION_FAULT_PROBLEM_H
#define PAYAPI_APPLICATION_FAULT_PROBLEM_H

#include "application/ctx.h"
#include "base/fault.h"

#ifdef FAULT_POINTS
static inline const struct problem *fault_problem(struct ctx *ctx, enum fault fault,
                                                  const char *name)
{
    if (fault != FAULT_ERROR)
        return OK;
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL,
                                       "Something is wrong on our side."),
                           "fault at %s", name);
}
#define FAULT_HERE_IN(ctx, name) fault_problem((ctx), FAULT_HERE(name), (name))
#else
#define FAULT_HERE_IN(ctx, name) OK
#endif

#endif
