/*
 * The queries for admins: all payments, audit, timeline (for the payment's owner too), inbox and
 * reconciliations. Separate from queries.c, so that a program that reads one order needs no store
 * of these.
 */
#include "application/queries.h"

#include "application/audit/masking.h"

const struct problem *list_payments(struct ctx *ctx, const struct payment_query *query,
                                    struct payment_page *page_out)
{
    return store_payments_list(ctx, query, page_out);
}

/* --- Audit and timeline ------------------------------------------------------------------- */

const struct problem *list_audit(struct ctx *ctx, const struct audit_query *query,
                                 struct audit_page *page_out)
{
    return store_audit_list(ctx, query, page_out);
}

static void mask(struct ctx *ctx, struct timeline *timeline)
{
    for (int i = 0; i < timeline->count; i++)
        timeline->items[i].request_body = mask_request(ctx->arena, timeline->items[i].request_body);
}

const struct problem *get_timeline(struct ctx *ctx, const char *payment_id,
                                   struct timeline *timeline_out)
{
    struct payment_id id;

    timeline_out->found = false;
    if (payment_id_parse(payment_id, &id))
        TRY(store_timeline_read(ctx, id, ctx_owner_limit(ctx), timeline_out));
    if (!timeline_out->found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such payment.");
    mask(ctx, timeline_out);
    return OK;
}

/* --- Inbox -------------------------------------------------------------------------------- */

const struct problem *list_webhook_events(struct ctx *ctx, const struct webhook_event_query *query,
                                          struct webhook_event_page *page_out)
{
    return store_inbox_events_list(ctx, query, page_out);
}

const struct problem *get_webhook_event(struct ctx *ctx, const char *inbox_id,
                                        struct webhook_event_details *details_out)
{
    struct inbox_id id;

    if (!inbox_id_parse(inbox_id, &id))
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook event.");
    TRY(store_inbox_event_read(ctx, id, details_out));
    if (!details_out->found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such webhook event.");
    return OK;
}

/* --- Reconciliations ---------------------------------------------------------------------- */

const struct problem *list_reconciliations(struct ctx *ctx,
                                           const struct reconciliation_query *query,
                                           struct reconciliation_page *page_out)
{
    return store_reconciliations_list(ctx, query, page_out);
}

const struct problem *get_reconciliation(struct ctx *ctx, const char *id,
                                         struct reconciliation *run_out)
{
    bool found = id_is_valid("rec", id);

    if (found)
        TRY(store_reconciliation_find(ctx, id, run_out, &found));
    if (!found)
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such reconciliation.");
    return OK;
}

const struct problem *list_findings(struct ctx *ctx, const char *id, int64_t after,
                                    struct finding **findings_out, int *count_out)
{
    return store_findings_list(ctx, id, after, findings_out, count_out);
}
