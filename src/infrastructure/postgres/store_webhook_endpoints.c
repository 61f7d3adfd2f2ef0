/* Where the shop is told of events: made, found, listed, changed. */
#include "application/store/store_webhook_endpoints.h"

#include <stdlib.h>

#include "actor_text.h"
#include "base/text.h"
#include "infrastructure/postgres/pg/statements.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

/* No name of an event has a blank inside. */
#define ENDPOINT_COLUMNS \
    " endpoint_id, url, array_to_string(events, ' ') AS events, description, status," \
    " coalesce(disabled_reason, '') AS disabled_reason, generation, signs_from," \
    " ms(former_until) AS former_until_ms, failures, ms(failing_since) AS failing_since_ms," \
    " ms(created_at) AS created_at_ms, ms(updated_at) AS updated_at_ms"

/* --- Sets of events ------------------------------------------------------------------------- */

/* An event of a later version is unknown here, and nothing of it is shown. */
static struct webhook_events read_events(struct arena *arena, const char *text)
{
    struct webhook_events events = { 0 };
    char *rest = arena_strdup(arena, text), *name;

    while ((name = strsep(&rest, " ")) != NULL)
        if (!webhook_events_add(&events, name))
            continue;
    return events;
}

static const char *events_text(struct arena *arena, struct webhook_events events)
{
    struct text text = text_new(arena);

    if (events.all)
        return "*";
    for (enum domain_event event = DOMAIN_EVENT_NONE + 1; event < DOMAIN_EVENT_COUNT; event++)
        if (webhook_events_hold(events, event))
            text_printf(&text, "%s%s", text.size > 0 ? " " : "", domain_event_name(event));
    return text_bytes(&text).data;
}

/* --- Reading -------------------------------------------------------------------------------- */

static struct webhook_endpoint row_endpoint(struct arena *arena, struct pg_row row)
{
    struct webhook_endpoint endpoint = {
        .events = read_events(arena, pg_row_text(row, "events")),
        .generation = (int) pg_row_i64(row, "generation"),
        .signs_from = (int) pg_row_i64(row, "signs_from"),
        .former_until_ms = pg_row_i64(row, "former_until_ms"),
        .failures = (int) pg_row_i64(row, "failures"),
        .failing_since_ms = pg_row_i64(row, "failing_since_ms"),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .updated_at_ms = pg_row_i64(row, "updated_at_ms"),
    };

    COPY(row, "endpoint_id", endpoint.id.text);
    COPY(row, "url", endpoint.url);
    COPY(row, "description", endpoint.description);
    if (!webhook_endpoint_status_parse(pg_row_text(row, "status"), &endpoint.status)
        || !webhook_disabled_reason_parse(pg_row_text(row, "disabled_reason"),
                                          &endpoint.disabled_reason))
        abort();                        /* the table's guard lets no other words in */
    return endpoint;
}

static const struct problem *read_one(struct ctx *ctx, const struct pg_statement *statement,
                                      struct webhook_endpoint_id id,
                                      struct webhook_endpoint *endpoint_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                            /* $1 */
    pg_queue_optional(ctx, statement, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *endpoint_out = row_endpoint(ctx->arena, pg_row_at(&rows, 0));
    return OK;
}

static const struct pg_statement webhook_endpoint_find = {
    .name = "webhook_endpoint_find",
    .sql =
        "SELECT" ENDPOINT_COLUMNS
        " FROM webhook_endpoints WHERE endpoint_id = $1 AND status <> 'deleted'"
};

const struct problem *store_webhook_endpoint_find(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out)
{
    return read_one(ctx, &webhook_endpoint_find, id, endpoint_out, found_out);
}

static const struct pg_statement webhook_endpoint_lock = {
    .name = "webhook_endpoint_lock",
    .sql =
        "SELECT" ENDPOINT_COLUMNS
        " FROM webhook_endpoints WHERE endpoint_id = $1 AND status <> 'deleted'"
        " FOR NO KEY UPDATE"
};

const struct problem *store_webhook_endpoint_lock(struct ctx *ctx, struct webhook_endpoint_id id,
                                                  struct webhook_endpoint *endpoint_out,
                                                  bool *found_out)
{
    return read_one(ctx, &webhook_endpoint_lock, id, endpoint_out, found_out);
}

static const struct pg_statement webhook_endpoints_list = {
    .name = "webhook_endpoints_list",
    .sql =
        "SELECT" ENDPOINT_COLUMNS
        " FROM webhook_endpoints WHERE status <> 'deleted' ORDER BY endpoint_id LIMIT $1"
};

const struct problem *store_webhook_endpoints_list(struct ctx *ctx,
                                                   struct webhook_endpoint **endpoints_out,
                                                   int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, WEBHOOK_ENDPOINTS_MAX);                               /* $1 */
    pg_queue_many(ctx, &webhook_endpoints_list, &args, &rows);
    TRY(pg_wait(ctx));
    *count_out = rows.count;
    *endpoints_out = arena_alloc(ctx->arena, (size_t) (rows.count + 1) * sizeof(**endpoints_out));
    for (int i = 0; i < rows.count; i++)
        (*endpoints_out)[i] = row_endpoint(ctx->arena, pg_row_at(&rows, i));
    return OK;
}

/* --- Writing -------------------------------------------------------------------------------- */

static const struct pg_statement webhook_endpoint_insert = {
    .name = "webhook_endpoint_insert",
    .sql =
        "WITH others AS (SELECT count(*) AS count FROM webhook_endpoints"
        "                WHERE status <> 'deleted'),"
        " inserted AS ("
        "   INSERT INTO webhook_endpoints"
        "       (endpoint_id, url, events, description, created_at, created_by, updated_at)"
        "   SELECT $1, $2, string_to_array($3, ' '), $4, at_ms($5), $6, at_ms($5)"
        "   FROM others WHERE others.count < $7"
        "   ON CONFLICT (url) WHERE status <> 'deleted' DO NOTHING"
        "   RETURNING 1)"
        " SELECT others.count, (SELECT count(*) FROM inserted) AS inserted FROM others"
};

const struct problem *store_webhook_endpoint_insert(struct ctx *ctx,
                                                    const struct webhook_endpoint *endpoint,
                                                    enum endpoint_insertion *result_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, endpoint->id.text);                                  /* $1 */
    pg_text(&args, endpoint->url);                                      /* $2 */
    pg_text(&args, events_text(ctx->arena, endpoint->events));          /* $3 */
    pg_text(&args, endpoint->description);                              /* $4 */
    pg_i64(&args, endpoint->created_at_ms);                             /* $5 */
    pg_text(&args, actor_text(ctx));                                    /* $6 */
    pg_i64(&args, WEBHOOK_ENDPOINTS_MAX);                               /* $7 */
    pg_queue_one(ctx, &webhook_endpoint_insert, &args, &rows);
    TRY(pg_wait(ctx));
    if (pg_row_i64(pg_row_at(&rows, 0), "inserted") == 1)
        *result_out = ENDPOINT_INSERTED;
    else if (pg_row_i64(pg_row_at(&rows, 0), "count") >= WEBHOOK_ENDPOINTS_MAX)
        *result_out = ENDPOINT_TOO_MANY;
    else
        *result_out = ENDPOINT_URL_TAKEN;
    return OK;
}

static const struct pg_statement webhook_endpoint_url_taken = {
    .name = "webhook_endpoint_url_taken",
    .sql =
        "SELECT EXISTS (SELECT FROM webhook_endpoints"
        "               WHERE url = $2 AND endpoint_id <> $1 AND status <> 'deleted') AS taken"
};

const struct problem *store_webhook_endpoint_url_taken(struct ctx *ctx,
                                                       struct webhook_endpoint_id id,
                                                       const char *url, bool *taken_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                            /* $1 */
    pg_text(&args, url);                                                /* $2 */
    pg_queue_one(ctx, &webhook_endpoint_url_taken, &args, &rows);
    TRY(pg_wait(ctx));
    *taken_out = pg_row_bool(pg_row_at(&rows, 0), "taken");
    return OK;
}

/* An endpoint whose failures are forgotten is tried with one delivery at a time at first. */
static const struct pg_statement webhook_endpoint_update = {
    .name = "webhook_endpoint_update",
    .sql =
        "UPDATE webhook_endpoints"
        " SET url = $2, events = string_to_array($3, ' '), description = $4, status = $5,"
        "     disabled_reason = $6, generation = $7, signs_from = $8, former_until = at_ms($9),"
        "     in_flight_max = CASE WHEN failures > 0 AND $10 = 0 THEN 1 ELSE in_flight_max END,"
        "     failures = $10, failing_since = at_ms($11), updated_at = at_ms($12)"
        " WHERE endpoint_id = $1"
};

void store_webhook_endpoint_update(struct ctx *ctx, const struct webhook_endpoint *endpoint)
{
    struct pg_args args = { 0 };

    pg_text(&args, endpoint->id.text);                                  /* $1 */
    pg_text(&args, endpoint->url);                                      /* $2 */
    pg_text(&args, events_text(ctx->arena, endpoint->events));          /* $3 */
    pg_text(&args, endpoint->description);                              /* $4 */
    pg_text(&args, webhook_endpoint_status_name(endpoint->status));     /* $5 */
    pg_text_or_null(&args, webhook_disabled_reason_name(endpoint->disabled_reason));   /* $6 */
    pg_i64(&args, endpoint->generation);                                /* $7 */
    pg_i64(&args, endpoint->signs_from);                                /* $8 */
    pg_i64_or_null(&args, endpoint->former_until_ms);                   /* $9 */
    pg_i64(&args, endpoint->failures);                                  /* $10 */
    pg_i64_or_null(&args, endpoint->failing_since_ms);                  /* $11 */
    pg_i64(&args, endpoint->updated_at_ms);                             /* $12 */
    pg_queue_one(ctx, &webhook_endpoint_update, &args, NULL);
}

const struct pg_statement *const webhook_endpoint_statements[] = {
    &webhook_endpoint_find, &webhook_endpoint_lock, &webhook_endpoints_list,
    &webhook_endpoint_insert, &webhook_endpoint_url_taken, &webhook_endpoint_update, NULL
};
