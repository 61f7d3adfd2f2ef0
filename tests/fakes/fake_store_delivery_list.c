/* Deliveries: the fake plans none, so there are none to be shown or sent again. */
#include "application/store/store_delivery_list.h"

#include "fake_store_parts.h"

static const struct problem *nothing(struct ctx *ctx, void *argument)
{
    (void) ctx;
    (void) argument;
    return OK;
}

const struct problem *store_deliveries_list(struct ctx *ctx, const struct delivery_query *query,
                                            struct delivery_page *page_out)
{
    (void) query;
    *page_out = (struct delivery_page) { .count = 0 };
    return part_wait(ctx, nothing, NULL);
}

const struct problem *store_delivery_read(struct ctx *ctx, const char *id,
                                          struct delivery_details *details_out)
{
    (void) id;
    details_out->found = false;
    return part_wait(ctx, nothing, NULL);
}

const struct problem *store_delivery_resend(struct ctx *ctx, const char *id, bool *done_out)
{
    (void) id;
    *done_out = false;
    return part_wait(ctx, nothing, NULL);
}

const struct problem *store_deliveries_recover(struct ctx *ctx, struct webhook_endpoint_id id,
                                               int64_t since_ms, int64_t until_ms,
                                               struct webhook_recovery *recovery_out)
{
    (void) id;
    (void) since_ms;
    (void) until_ms;
    *recovery_out = (struct webhook_recovery) { .complete = true };
    return part_wait(ctx, nothing, NULL);
}

const struct problem *store_test_delivery_insert(struct ctx *ctx, struct webhook_endpoint_id id,
                                                 const char **delivery_id_out)
{
    (void) id;
    *delivery_id_out = "del_01HZX3V9QK7T2W9XH4VBN1RCDE";
    return part_wait(ctx, nothing, NULL);
}
