#include "application/queries.h"

const struct problem *get_outcome(struct ctx *ctx, const char *payment_id,
                                  enum payment_outcome *outcome_out)
{
    struct payment_id id;
    struct payment payment;
    bool found = false;

    if (payment_id_parse(payment_id, &id))
        TRY(store_payment_find(ctx, id, NULL, &payment, &found));
    *outcome_out = found ? payment_outcome(&payment.facts) : OUTCOME_CONFIRMING;
    return OK;
}
