/* GET /api/v1/audit: a page of the audit log, newest first, with filters. */
#include <inttypes.h>
#include <stdlib.h>

#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/audit_json.h"

#define ACTOR_BYTES_MAX  300
#define ACTION_BYTES_MAX 64

static const char *cursor_of(struct arena *arena, const struct audit_entry *entry)
{
    return list_cursor_print_of(arena, "aud", arena_printf(arena, "%" PRId64 ".%" PRId64,
                                                           entry->at_us, entry->id));
}

/* Digits, a point, digits. */
static bool parse_place(const char *text, int64_t *at_us_out, int64_t *id_out)
{
    size_t first = strspn(text, "0123456789");
    size_t second = text[first] == '.' ? strspn(text + first + 1, "0123456789") : 0;

    if (first == 0 || first > 18 || second == 0 || second > 18 ||
        text[first + 1 + second] != '\0')
        return false;
    *at_us_out = strtoll(text, NULL, 10);
    *id_out = strtoll(text + first + 1, NULL, 10);
    return *at_us_out > 0 && *id_out > 0;
}

static void read_place(struct list_params *params, struct audit_query *query)
{
    const char *place = list_cursor_of(params, "aud");

    if (place != NULL && !parse_place(place, &query->after_at_us, &query->after_id))
        list_cursor_fault(params);
}

static const struct problem *read_query(struct ctx *ctx, const struct request *request,
                                        struct audit_query *query)
{
    struct list_params params = list_params_of(ctx, request);

    *query = (struct audit_query) { .limit = list_limit(&params) };
    query->order_id = list_order_id(&params, "orderId");
    query->payment_id = list_payment_id(&params, "paymentId");
    query->action = list_text(&params, "action", ACTION_BYTES_MAX);
    query->actor = list_text(&params, "actor", ACTOR_BYTES_MAX);
    list_times(&params, &query->from_ms, &query->to_ms);
    read_place(&params, query);
    return list_params_finish(&params);
}

const struct problem *get_audit(struct ctx *ctx, const struct request *request,
                                struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct audit_query query;
    struct audit_page page;
    const char *next = NULL;

    TRY(read_query(ctx, request, &query));
    TRY(list_audit(ctx, &query, &page));
    json_out_array(&data, NULL);
    for (int i = 0; i < page.count; i++) {
        json_out_object(&data, NULL);
        audit_entry_members(&data, &page.entries[i]);
        json_out_object_end(&data);
    }
    json_out_array_end(&data);
    if (page.more)
        next = cursor_of(ctx->arena, &page.entries[page.count - 1]);
    *answer_out = envelope(ctx, 200, text_bytes(&data), list_meta(ctx->arena, query.limit, next));
    return OK;
}
