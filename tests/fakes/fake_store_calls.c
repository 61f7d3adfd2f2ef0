/* Calls of providers in memory, with their leases and fences. */
#include "fake_store_parts.h"

static const struct problem *apply_call_insert(struct ctx *ctx, const void *argument)
{
    const struct fake_call *call = argument;
    struct fake_tables *rows = part_tables(ctx->store);
    struct fake_call *row;

    for (int i = 0; i < rows->call_count; i++)
        if (same(rows->calls[i].id.text, call->id.text)
            || same(rows->calls[i].idempotency_key, call->idempotency_key))
            return part_refuse(ctx, "provider_key_once");
    if (part_payment_row(rows, call->payment_id.text) == NULL)
        return part_refuse(ctx, "call_has_a_payment");
    assert_true(rows->call_count < FAKE_ROWS_MAX);
    row = &rows->calls[rows->call_count++];
    *row = *call;
    row->next_at_ms = ctx->store->now_ms + (call->attempts > 0 ? CALL_LEASE_S * 1000 : 0);
    row->lease_until_ms = call->attempts > 0 ? row->next_at_ms : 0;
    row->sent_at_ms = call->maybe_executed ? row->lease_until_ms : 0;
    return OK;
}

void store_call_insert(struct ctx *ctx, const struct provider_call *call, bool sends)
{
    struct fake_call *row = arena_alloc(ctx->arena, sizeof(*row));

    *row = (struct fake_call) { .id = call->id, .payment_id = call->payment_id,
                                .refund_id = call->refund_id, .attempts = call->attempts,
                                .started_at_ms = call->started_at_ms,
                                .maybe_executed = sends };
    assert_true(!sends || call->attempts > 0);
    COPY(row->provider, call->provider);
    COPY(row->operation, provider_operation_name(call->request.operation));
    COPY(row->method, call->request.method);
    COPY(row->path, call->request.path);
    COPY(row->idempotency_key, call->request.idempotency_key);
    copy_bytes(row->body, sizeof(row->body), call->request.body);
    part_queue(ctx, apply_call_insert, row);
}

struct call_write {
    struct call_id        id;
    int                   attempts, looks;
    int                   http_status;
    struct call_attempt   attempt;
};

bool part_is_leased(const struct store *store, const struct fake_call *row)
{
    return row->lease_until_ms > store->now_ms;
}

void part_lease(const struct store *store, struct fake_call *row)
{
    row->lease_until_ms = store->now_ms + CALL_LEASE_S * 1000;
    row->next_at_ms = row->lease_until_ms;
}

static void note_sending(struct fake_call *row)
{
    row->maybe_executed = true;
    row->sent_at_ms = row->lease_until_ms;
}

static const struct problem *apply_call_lease(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = part_call_row(part_tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts - 1
        || part_is_leased(ctx->store, row))
        return part_repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    row->attempts = write->attempts;
    part_lease(ctx->store, row);
    note_sending(row);
    return OK;
}

static const struct problem *apply_call_sending(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = part_call_row(part_tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts)
        return part_repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    note_sending(row);
    return OK;
}

static const struct problem *apply_call_record(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    const struct call_attempt *attempt = &write->attempt;
    struct fake_call *row = part_call_row(part_tables(ctx->store), write->id.text);

    if (row == NULL || row->attempts != write->attempts)
        return part_refuse(ctx, "call_fence");
    if (attempt->maybe_executed && attempt->looked && row->sent_at_ms == 0)
        return part_refuse(ctx, "executed_means_sent");
    row->recorded = true;
    row->verdict = attempt->verdict;
    row->http_status = write->http_status;
    row->finished = attempt->verdict == VERDICT_DONE || attempt->verdict == VERDICT_REFUSED;
    row->lease_until_ms = ctx->store->now_ms;
    row->next_at_ms = ctx->store->now_ms + attempt->retry_ms;
    row->looks = write->looks + attempt->looked;
    row->maybe_executed = attempt->maybe_executed;
    row->replays_5xx = attempt->replays_5xx;
    if (!attempt->looked)
        row->sent_at_ms = ctx->store->now_ms - attempt->sent_age_ms;
    return OK;
}

static struct call_write *call_write(struct ctx *ctx, const struct provider_call *call)
{
    struct call_write *write = arena_alloc(ctx->arena, sizeof(*write));

    write->id = call->id;
    write->attempts = call->attempts;
    write->looks = call->looks;
    return write;
}

void store_call_lease(struct ctx *ctx, const struct provider_call *call)
{
    part_queue(ctx, apply_call_lease, call_write(ctx, call));
}

void store_call_sending(struct ctx *ctx, const struct provider_call *call)
{
    part_queue(ctx, apply_call_sending, call_write(ctx, call));
}

void store_call_record(struct ctx *ctx, const struct provider_call *call,
                       const struct call_attempt *attempt)
{
    struct call_write *write = call_write(ctx, call);

    assert_non_null(attempt->reply->error);
    assert_non_null(attempt->reply->request_id);
    assert_true(attempt->retry_ms > 0);
    write->attempt = *attempt;
    write->http_status = attempt->reply->http_status;
    part_queue(ctx, apply_call_record, write);
}

static const struct problem *apply_call_give_up(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = part_call_row(part_tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts
        || part_is_leased(ctx->store, row))
        return part_repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    row->finished = row->given_up = true;
    return OK;
}

void store_call_give_up(struct ctx *ctx, const struct provider_call *call)
{
    part_queue(ctx, apply_call_give_up, call_write(ctx, call));
}

static int64_t idle_ms(const struct store *store, const struct fake_call *row)
{
    int64_t since_ms = row->sent_at_ms != 0 ? row->sent_at_ms : row->started_at_ms;

    return store->now_ms > since_ms ? store->now_ms - since_ms : 0;
}

static enum provider_operation operation_named(const char *name)
{
    enum provider_operation operation = OP_ANY;

    assert_true(provider_operation_parse(name, &operation));
    return operation;
}

struct provider_call part_call_of(struct ctx *ctx, const struct fake_call *row)
{
    return (struct provider_call) {
        .id = row->id,
        .payment_id = row->payment_id,
        .refund_id = row->refund_id,
        .provider = arena_strdup(ctx->arena, row->provider),
        .request = {
            .operation = operation_named(row->operation),
            .method = arena_strdup(ctx->arena, row->method),
            .path = arena_strdup(ctx->arena, row->path),
            .body = bytes_of(arena_strdup(ctx->arena, row->body)),
            .idempotency_key = arena_strdup(ctx->arena, row->idempotency_key),
        },
        .attempts = row->attempts,
        .started_at_ms = row->started_at_ms,
        .leased = part_is_leased(ctx->store, row),
        .looks = row->looks,
        .maybe_executed = row->maybe_executed,
        .replays_5xx = row->replays_5xx,
        .idle_ms = idle_ms(ctx->store, row),
    };
}

struct open_calls_read {
    struct payment_id      payment_id;
    struct provider_call **calls;
    int                   *count;
};

static const struct problem *read_open_calls(struct ctx *ctx, void *argument)
{
    const struct open_calls_read *read = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *read->calls = arena_alloc(ctx->arena, FAKE_ROWS_MAX * sizeof(**read->calls));
    *read->count = 0;
    for (int i = 0; i < rows->call_count; i++)
        if (!rows->calls[i].finished && same(rows->calls[i].payment_id.text, read->payment_id.text))
            (*read->calls)[(*read->count)++] = part_call_of(ctx, &rows->calls[i]);
    return OK;
}

const struct problem *store_open_calls(struct ctx *ctx, struct payment_id payment_id,
                                       struct provider_call **calls_out, int *count_out)
{
    struct open_calls_read read = { payment_id, calls_out, count_out };

    assert_true(fake_store_in_transaction(ctx->store));
    return part_wait(ctx, read_open_calls, &read);
}

/* The call without a known outcome; refund_id "": not about a refund. */
bool part_find_open_call(struct ctx *ctx, const char *payment_id, const char *operation,
                           const char *refund_id, struct provider_call *out)
{
    struct fake_tables *rows = part_tables(ctx->store);
    bool found = false;

    for (int i = 0; i < rows->call_count; i++) {
        const struct fake_call *row = &rows->calls[i];

        if (row->finished || !same(row->payment_id.text, payment_id)
            || !same(row->operation, operation) || !same(row->refund_id.text, refund_id))
            continue;
        found = true;
        *out = part_call_of(ctx, row);
    }
    return found;
}

bool part_is_open_call_of(const struct fake_call *row, const char *payment_id)
{
    return !row->finished && same(row->payment_id.text, payment_id);
}
