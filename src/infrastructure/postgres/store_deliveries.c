/* Deliveries of events: planned, leased, finished, by the functions of deliver_role.sql. */
#include "application/store/store_deliveries.h"

#include "base/json_out.h"
#include "infrastructure/postgres/pg/statements.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

static const struct pg_statement deliveries_plan = {
    .name = "deliveries_plan",
    .sql = "SELECT plan_deliveries($1) AS events"
};

const struct problem *store_deliveries_plan(struct ctx *ctx, int at_most, int *events_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, at_most);                                             /* $1 */
    pg_queue_one(ctx, &deliveries_plan, &args, &rows);
    TRY(pg_wait(ctx));
    *events_out = (int) pg_row_i64(pg_row_at(&rows, 0), "events");
    return OK;
}

/* --- Leases --------------------------------------------------------------------------------- */

static const struct pg_statement deliveries_claim = {
    .name = "deliveries_claim",
    .sql =
        "SELECT delivery_id, endpoint_id, url, generation, signs_from,"
        "   ms(former_until) AS former_until_ms, attempt, tries_before, event_id, event_type,"
        "   event_at_ms, seq, payload, trace_id"
        " FROM claim_deliveries($1, $2)"
};

static struct due_delivery row_due(struct pg_row row)
{
    struct due_delivery due = {
        .url = pg_row_text(row, "url"),
        .generation = (int) pg_row_i64(row, "generation"),
        .signs_from = (int) pg_row_i64(row, "signs_from"),
        .former_until_ms = pg_row_i64(row, "former_until_ms"),
        .attempt = (int) pg_row_i64(row, "attempt"),
        .tries_before = (int) pg_row_i64(row, "tries_before"),
        .event_id = pg_row_text(row, "event_id"),
        .event_type = pg_row_text(row, "event_type"),
        .event_at_ms = pg_row_i64(row, "event_at_ms"),
        .seq = pg_row_i64(row, "seq"),
        .payload = pg_row_text(row, "payload"),
        .trace_id = pg_row_text(row, "trace_id"),
    };

    COPY(row, "delivery_id", due.id.text);
    COPY(row, "endpoint_id", due.endpoint_id.text);
    return due;
}

const struct problem *store_deliveries_claim(struct ctx *ctx, int at_most, int lease_ms,
                                             struct due_delivery **due_out, int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, at_most);                                             /* $1 */
    pg_i64(&args, lease_ms);                                            /* $2 */
    pg_queue_many(ctx, &deliveries_claim, &args, &rows);
    TRY(pg_wait(ctx));
    *count_out = rows.count;
    *due_out = arena_alloc(ctx->arena, (size_t) (rows.count + 1) * sizeof(**due_out));
    for (int i = 0; i < rows.count; i++)
        (*due_out)[i] = row_due(pg_row_at(&rows, i));
    return OK;
}

/* --- Outcomes ------------------------------------------------------------------------------- */

static const struct pg_statement deliveries_finish = {
    .name = "deliveries_finish",
    .sql =
        "SELECT endpoint_id, failures, ms(failing_since) AS failing_since_ms"
        " FROM finish_deliveries($1::json)"
};

static void put_i64_or_null(struct text *text, const char *name, int64_t value)
{
    if (value == 0)
        json_out_null(text, name);
    else
        json_out_i64(text, name, value);
}

static const char *results_json(struct ctx *ctx, const struct delivery_result *results, int count)
{
    struct text text = text_new(ctx->arena);

    json_out_array(&text, NULL);
    for (int i = 0; i < count; i++) {
        json_out_object(&text, NULL);
        json_out_text(&text, "deliveryId", results[i].id.text);
        json_out_i64(&text, "attempt", results[i].attempt);
        json_out_i64(&text, "atMs", results[i].began_ms);
        json_out_i64(&text, "durationMs", results[i].duration_ms);
        put_i64_or_null(&text, "httpStatus", results[i].http_status);
        json_out_text(&text, "error", results[i].error);
        json_out_text(&text, "answer", results[i].answer);
        put_i64_or_null(&text, "nextMs", results[i].next_at_ms);
        json_out_object_end(&text);
    }
    json_out_array_end(&text);
    return text_bytes(&text).data;
}

const struct problem *store_deliveries_finish(struct ctx *ctx,
                                              const struct delivery_result *results,
                                              int result_count, struct endpoint_fare **fares_out,
                                              int *fare_count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, results_json(ctx, results, result_count));           /* $1 */
    pg_queue_many(ctx, &deliveries_finish, &args, &rows);
    TRY(pg_wait(ctx));
    *fare_count_out = rows.count;
    *fares_out = arena_alloc(ctx->arena, (size_t) (rows.count + 1) * sizeof(**fares_out));
    for (int i = 0; i < rows.count; i++) {
        struct pg_row row = pg_row_at(&rows, i);
        struct endpoint_fare *fare = &(*fares_out)[i];

        COPY(row, "endpoint_id", fare->id.text);
        fare->failures = (int) pg_row_i64(row, "failures");
        fare->failing_since_ms = pg_row_i64(row, "failing_since_ms");
    }
    return OK;
}

static const struct pg_statement endpoint_disable = {
    .name = "endpoint_disable",
    .sql = "SELECT disable_endpoint($1, $2, $3, $4, $5) AS done"
};

const struct problem *store_endpoint_disable(struct ctx *ctx, struct webhook_endpoint_id id,
                                             enum webhook_disabled_reason reason,
                                             struct bytes payload, bool *done_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    char event_id[ID_TEXT_MAX];

    ctx_new_id(ctx, "evt", event_id);
    pg_text(&args, id.text);                                            /* $1 */
    pg_text(&args, webhook_disabled_reason_name(reason));               /* $2 */
    pg_text(&args, event_id);                                           /* $3 */
    pg_text(&args, arena_bytes_dup(ctx->arena, payload));               /* $4 */
    pg_text(&args, ctx->trace_id);                                      /* $5 */
    pg_queue_one(ctx, &endpoint_disable, &args, &rows);
    TRY(pg_wait(ctx));
    *done_out = pg_row_bool(pg_row_at(&rows, 0), "done");
    return OK;
}

const struct pg_statement *const delivery_statements[] = {
    &deliveries_plan, &deliveries_claim, &deliveries_finish, &endpoint_disable, NULL
};
