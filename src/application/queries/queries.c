/*
 * The queries about orders, payments, refunds and disputes. They check the id, limit an owner to
 * what is theirs, and answer a missing row as a problem.
 */
#include "application/queries.h"

#include "application/store/store_disputes.h"
#include "application/store/store_refunds.h"

static const struct problem *unless_found(const struct ctx *ctx, bool found, const char *detail)
{
    return found ? OK : problem_new(ctx->arena, PROBLEM_NOT_FOUND, "%s", detail);
}

/* --- Orders ------------------------------------------------------------------------------- */

const struct problem *get_order(struct ctx *ctx, const char *order_id, struct order *order_out)
{
    struct order_id id;
    bool found = false;

    if (order_id_parse(order_id, &id))
        TRY(store_order_find(ctx, id, ctx_owner_limit(ctx), order_out, &found));
    return unless_found(ctx, found, "There is no such order.");
}

const struct problem *list_orders(struct ctx *ctx, struct order_page_query *query,
                                  struct order_page *page_out)
{
    query->owner = ctx_owner_limit(ctx);
    return store_orders_list(ctx, query, page_out);
}

/* --- Payments ----------------------------------------------------------------------------- */

const struct problem *get_payment(struct ctx *ctx, const char *payment_id,
                                  struct payment *payment_out)
{
    struct payment_id id;
    bool found = false;

    if (payment_id_parse(payment_id, &id))
        TRY(store_payment_find(ctx, id, ctx_owner_limit(ctx), payment_out, &found));
    return unless_found(ctx, found, "There is no such payment.");
}

const struct problem *get_payment_status(struct ctx *ctx, const char *order_id,
                                         struct payment *payment_out)
{
    struct order_id id;
    bool found = false;

    if (order_id_parse(order_id, &id))
        TRY(store_order_payment_find(ctx, id, ctx_owner_limit(ctx), payment_out, &found));
    return unless_found(ctx, found, "This order has no payment.");
}

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

/* --- Refunds and disputes ----------------------------------------------------------------- */

const struct problem *list_refunds(struct ctx *ctx, struct payment_id payment_id,
                                   struct refund **refunds_out, int *count_out)
{
    bool found;

    TRY(store_refunds_list(ctx, payment_id, ctx_owner_limit(ctx), refunds_out, count_out, &found));
    return unless_found(ctx, found, "There is no such payment.");
}

const struct problem *list_disputes(struct ctx *ctx, struct payment_id payment_id,
                                    struct dispute **disputes_out, int *count_out)
{
    bool found;

    TRY(store_disputes_list(ctx, payment_id, ctx_owner_limit(ctx), disputes_out, count_out,
                            &found));
    return unless_found(ctx, found, "There is no such payment.");
}
