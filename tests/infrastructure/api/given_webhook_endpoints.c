/* The use cases of webhook endpoints, replaced: see given.h. */
#include "application/queries.h"
#include "given.h"

#define ENDPOINT_ID "wep_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define DELIVERY_ID "del_01ARZ3NDEKTSV4RRFFQ69G5FAV"

static struct webhook_endpoint given_endpoint(void)
{
    return (struct webhook_endpoint) {
        .id = { ENDPOINT_ID }, .url = "https://shop.example/", .events = { .all = true },
        .generation = 1, .signs_from = 1, .created_at_ms = NOW_MS, .updated_at_ms = NOW_MS,
    };
}

static void give_delivery(struct delivery_details *details_out)
{
    details_out->found = true;
    details_out->attempt_count = 0;
    details_out->delivery = (struct delivery) {
        .id = DELIVERY_ID, .endpoint_id = ENDPOINT_ID, .event_id = "evt_1", .event_type = "x",
        .payment_id = "", .status = "pending",
    };
}

const struct problem *create_webhook_endpoint(struct ctx *ctx,
                                              const struct create_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out)
{
    (void) command;
    *endpoint_out = given_endpoint();
    return called(ctx, "create_webhook_endpoint");
}

const struct problem *change_webhook_endpoint(struct ctx *ctx, const char *id,
                                              const struct change_webhook_endpoint *command,
                                              struct webhook_endpoint *endpoint_out)
{
    (void) id;
    (void) command;
    *endpoint_out = given_endpoint();
    return called(ctx, "change_webhook_endpoint");
}

const struct problem *delete_webhook_endpoint(struct ctx *ctx, const char *id,
                                              struct webhook_endpoint *endpoint_out)
{
    (void) id;
    *endpoint_out = given_endpoint();
    return called(ctx, "delete_webhook_endpoint");
}

const struct problem *rotate_webhook_secret(struct ctx *ctx, const char *id, int64_t overlap_s,
                                            struct webhook_endpoint *endpoint_out)
{
    (void) id;
    (void) overlap_s;
    *endpoint_out = given_endpoint();
    return called(ctx, "rotate_webhook_secret");
}

const struct problem *test_webhook_endpoint(struct ctx *ctx, const char *id,
                                            struct delivery_details *details_out)
{
    (void) id;
    give_delivery(details_out);
    return called(ctx, "test_webhook_endpoint");
}

const struct problem *resend_delivery(struct ctx *ctx, const char *delivery_id,
                                      struct delivery_details *details_out)
{
    (void) delivery_id;
    give_delivery(details_out);
    return called(ctx, "resend_delivery");
}

const struct problem *recover_webhooks(struct ctx *ctx, const char *id, int64_t since_ms,
                                       int64_t until_ms, struct webhook_recovery *recovery_out)
{
    (void) id;
    (void) since_ms;
    (void) until_ms;
    *recovery_out = (struct webhook_recovery) { .queued = 1, .complete = true };
    return called(ctx, "recover_webhooks");
}

const struct problem *get_webhook_endpoint(struct ctx *ctx, const char *id,
                                           struct webhook_endpoint *endpoint_out)
{
    (void) id;
    *endpoint_out = given_endpoint();
    return called(ctx, "get_webhook_endpoint");
}

const struct problem *list_webhook_endpoints(struct ctx *ctx,
                                             struct webhook_endpoint **endpoints_out,
                                             int *count_out)
{
    *endpoints_out = NULL;
    *count_out = 0;
    return called(ctx, "list_webhook_endpoints");
}

const struct problem *list_deliveries(struct ctx *ctx, const char *endpoint_id,
                                      struct delivery_query *query,
                                      struct delivery_page *page_out)
{
    (void) endpoint_id;
    (void) query;
    *page_out = (struct delivery_page) { .count = 0 };
    return called(ctx, "list_deliveries");
}

const struct problem *get_delivery(struct ctx *ctx, const char *id,
                                   struct delivery_details *details_out)
{
    (void) id;
    give_delivery(details_out);
    return called(ctx, "get_delivery");
}
