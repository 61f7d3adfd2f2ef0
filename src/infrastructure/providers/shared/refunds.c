/* What the refunds of every provider have in common. */
#include "infrastructure/providers/shared/refunds.h"

const struct problem *refund_check_charge(struct ctx *ctx, const struct payment *payment)
{
    if (payment->provider_intent[0] != '\0')
        return OK;
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                       "Payment %s has no known charge at the provider yet.", payment->id.text);
}

const struct problem *refund_amount_refused(struct ctx *ctx, struct money amount)
{
    return problem_new(ctx->arena, PROBLEM_INVALID_AMOUNT,
                       "The provider does not refund this amount of %s: choose one whose last"
                       " digits are zero.", amount.currency);
}

bool refund_read_status(const json_t *object, const struct refund_word *words,
                        enum refund_status *status_out)
{
    for (; words->theirs != NULL; words++)
        if (document_is(object, "status", words->theirs)) {
            *status_out = words->ours;
            return true;
        }
    return false;
}

static bool has_our_amount(const struct provider_refund *reported, const struct refund *refund)
{
    return reported->amount_minor == refund->amount.minor
        && strcmp(reported->currency, refund->amount.currency) == 0;
}

static bool is_ours(const struct provider_refund *reported, const struct payment *payment,
                    const struct refund *refund)
{
    if (strcmp(reported->intent, payment->provider_intent) != 0)
        return false;
    if (reported->refund_id.text[0] == '\0')
        return has_our_amount(reported, refund);
    return strcmp(reported->refund_id.text, refund->id.text) == 0;
}

bool refund_settles(const struct provider_refund *reported, const struct provider *provider,
                    const struct payment *payment, const struct refund *refund,
                    struct provider_outcome *outcome_out)
{
    if (!is_ours(reported, payment, refund))
        return false;
    outcome_out->verdict = VERDICT_DONE;
    outcome_out->refund = *reported;
    outcome_out->refund.livemode = provider->livemode;  /* not every refund has it; our key does */
    outcome_out->refund.refund_id = refund->id;
    return true;
}
