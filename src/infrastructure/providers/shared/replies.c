/* Looks up in a provider's table what an unsuccessful reply means. */
#include "infrastructure/providers/shared/replies.h"

#include <string.h>

#define RETRY_AFTER_DEFAULT_S 2         /* no provider promises a Retry-After */
#define RETRY_AFTER_TOLD_S    60        /* at most: payers wait, and asking early costs little */

static int condition_of(const struct provider_reply *reply)
{
    if (!reply->sent)
        return REPLY_NOT_SENT;
    return reply->complete ? reply->http_status : REPLY_LOST;
}

static bool rule_fits(const struct reply_rule *rule, int condition,
                      enum provider_operation operation, const char *type, const char *code)
{
    if (rule->first == REPLY_OTHERWISE)
        return true;
    if (condition < rule->first || condition > rule->last)
        return false;
    if (rule->operation != OP_ANY && rule->operation != operation)
        return false;
    if (rule->type != NULL && type[0] == '\0')
        return false;
    if (rule->type != NULL && rule->type[0] != '\0' && strcmp(type, rule->type) != 0)
        return false;
    return rule->code == NULL || strcmp(code, rule->code) == 0;
}

const struct reply_rule *reply_rule_for(const struct reply_rule *rules,
                                        const struct provider_reply *reply,
                                        enum provider_operation operation, const char *type,
                                        const char *code)
{
    const int condition = condition_of(reply);

    while (!rule_fits(rules, condition, operation, type, code))
        rules++;
    return rules;
}

/* The Retry-After that the caller gets, given the provider's. */
static int told(int retry_after_s)
{
    if (retry_after_s == 0)
        return RETRY_AFTER_DEFAULT_S;
    return retry_after_s < RETRY_AFTER_TOLD_S ? retry_after_s : RETRY_AFTER_TOLD_S;
}

struct problem *reply_problem_of(struct ctx *ctx, const struct reply_rule *rule,
                                 const struct provider_reply *reply)
{
    struct problem *problem = problem_new(ctx->arena, rule->problem, "%s", rule->detail);

    if (rule->problem == PROBLEM_PROVIDER_BUSY)
        problem->retry_after_s = told(reply->retry_after_s);
    return problem;
}

struct problem *reply_correctable(struct ctx *ctx, const char *pointer)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "The provider does not take what was sent. Nothing was"
                                          " charged.");

    problem_add_field(ctx->arena, problem, pointer, "is refused by the provider");
    return problem;
}
