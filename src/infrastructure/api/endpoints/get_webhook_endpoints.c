/* GET /api/v1/webhook-endpoints: all of them, oldest first; there are few. */
#include "application/queries.h"
#include "base/json_out.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/output/answer_json.h"

const struct problem *get_webhook_endpoints(struct ctx *ctx, const struct request *request,
                                            struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct webhook_endpoint *endpoints;
    int count;

    (void) request;
    TRY(list_webhook_endpoints(ctx, &endpoints, &count));
    json_out_array(&data, NULL);
    for (int i = 0; i < count; i++) {
        struct bytes json = webhook_endpoint_json(ctx, &endpoints[i]);

        json_out_raw(&data, NULL, arena_bytes_dup(ctx->arena, json));
    }
    json_out_array_end(&data);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
