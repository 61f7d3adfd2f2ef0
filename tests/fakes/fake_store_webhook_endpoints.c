/* Webhook endpoints in memory: made, found, changed; one for each URL. */
#include "application/store/store_webhook_endpoints.h"

#include "fake_store_parts.h"

static struct webhook_endpoint *row_of(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->endpoint_count; i++)
        if (same(rows->endpoints[i].id.text, id) && rows->endpoints[i].status != ENDPOINT_DELETED)
            return &rows->endpoints[i];
    return NULL;
}

static bool is_taken(struct fake_tables *rows, const char *id, const char *url)
{
    for (int i = 0; i < rows->endpoint_count; i++)
        if (same(rows->endpoints[i].url, url) && !same(rows->endpoints[i].id.text, id)
            && rows->endpoints[i].status != ENDPOINT_DELETED)
            return true;
    return false;
}

struct search {
    struct webhook_endpoint_id id;
    const char                *url;
    struct webhook_endpoint   *endpoint_out;
    bool                      *found_out;
};

static const struct problem *find(struct ctx *ctx, void *argument)
{
    const struct search *search = argument;
    const struct webhook_endpoint *row = row_of(part_tables(ctx->store), search->id.text);

    *search->found_out = row != NULL;
    if (row != NULL)
        *search->endpoint_out = *row;
    return OK;
}

const struct problem *store_webhook_endpoint_find(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out)
{
    struct search search = { .id = id, .endpoint_out = endpoint_out, .found_out = found_out };

    return part_wait(ctx, find, &search);
}

const struct problem *store_webhook_endpoint_lock(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out)
{
    return store_webhook_endpoint_find(ctx, id, endpoint_out, found_out);
}

struct list { struct webhook_endpoint **endpoints_out; int *count_out; };

static const struct problem *list_all(struct ctx *ctx, void *argument)
{
    const struct list *list = argument;
    const struct fake_tables *rows = part_tables(ctx->store);

    *list->endpoints_out = arena_alloc(ctx->arena, FAKE_ROWS_MAX * sizeof(**list->endpoints_out));
    *list->count_out = 0;
    for (int i = 0; i < rows->endpoint_count; i++)
        if (rows->endpoints[i].status != ENDPOINT_DELETED)
            (*list->endpoints_out)[(*list->count_out)++] = rows->endpoints[i];
    return OK;
}

const struct problem *store_webhook_endpoints_list(struct ctx *ctx,
                                                   struct webhook_endpoint **endpoints_out,
                                                   int *count_out)
{
    struct list list = { endpoints_out, count_out };

    return part_wait(ctx, list_all, &list);
}

struct insertion { const struct webhook_endpoint *endpoint; enum endpoint_insertion *result_out; };

static const struct problem *insert(struct ctx *ctx, void *argument)
{
    const struct insertion *insertion = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *insertion->result_out = ENDPOINT_URL_TAKEN;
    if (is_taken(rows, "", insertion->endpoint->url))
        return OK;
    assert_true(rows->endpoint_count < FAKE_ROWS_MAX);
    rows->endpoints[rows->endpoint_count++] = *insertion->endpoint;
    *insertion->result_out = ENDPOINT_INSERTED;
    return OK;
}

const struct problem *store_webhook_endpoint_insert(struct ctx *ctx,
                                                    const struct webhook_endpoint *endpoint,
                                                    enum endpoint_insertion *result_out)
{
    struct insertion insertion = { endpoint, result_out };

    return part_wait(ctx, insert, &insertion);
}

static const struct problem *look_for_url(struct ctx *ctx, void *argument)
{
    const struct search *search = argument;

    *search->found_out = is_taken(part_tables(ctx->store), search->id.text, search->url);
    return OK;
}

const struct problem *store_webhook_endpoint_url_taken(struct ctx *ctx,
                                                       struct webhook_endpoint_id id,
                                                       const char *url, bool *taken_out)
{
    struct search search = { .id = id, .url = url, .found_out = taken_out };

    return part_wait(ctx, look_for_url, &search);
}

static const struct problem *apply_update(struct ctx *ctx, const void *argument)
{
    const struct webhook_endpoint *changed = argument;
    struct webhook_endpoint *row = row_of(part_tables(ctx->store), changed->id.text);

    assert_non_null(row);
    *row = *changed;
    return OK;
}

void store_webhook_endpoint_update(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    struct webhook_endpoint *changed = arena_alloc(ctx->arena, sizeof(*changed));

    *changed = *endpoint;
    part_queue(ctx, apply_update, changed);
}
