/* Calls of providers: inserted, leased, sent, recorded and given up. */
#include "application/store/store_calls.h"

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

static const struct pg_statement call_insert = {
    .name = "call_insert",
    .sql =
        "INSERT INTO provider_calls"
        "   (call_id, payment_id, provider, operation, request_method, request_path,"
        "    request_body, idempotency_key, attempts, started_at, lease_until, next_at, trace_id,"
        "    refund_id, maybe_executed, sent_at)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6,"
        "    $7, $8, $9, at_ms($10),"
        "    CASE WHEN $9 > 0 THEN now() + make_interval(secs => $11) END,"
        "    now() + make_interval(secs => CASE WHEN $9 > 0 THEN $11 ELSE 0 END), $12, $13,"
        "    $14, CASE WHEN $14 THEN now() + make_interval(secs => $11) END)"
};

void store_call_insert(struct ctx *ctx, const struct provider_call *call, bool sends)
{
    struct pg_args args = { 0 };

    pg_text(&args, call->id.text);                                      /* $1 */
    pg_text(&args, call->payment_id.text);                              /* $2 */
    pg_text(&args, call->provider);                                     /* $3 */
    pg_text(&args, provider_operation_name(call->request.operation));   /* $4 */
    pg_text(&args, call->request.method);                               /* $5 */
    pg_text(&args, call->request.path);                                 /* $6 */
    pg_text(&args, arena_bytes_dup(ctx->arena, call->request.body));    /* $7 */
    pg_text(&args, call->request.idempotency_key);                      /* $8 */
    pg_i64(&args, call->attempts);                                      /* $9 */
    pg_i64(&args, call->started_at_ms);                                 /* $10 */
    pg_i64(&args, CALL_LEASE_S);                                        /* $11 */
    pg_text(&args, ctx->trace_id);                                      /* $12 */
    pg_text_or_null(&args, call->refund_id.text);                       /* $13 */
    pg_bool(&args, sends);                                              /* $14 */
    pg_queue_one(ctx, &call_insert, &args, NULL);
}

/* attempts is the number of the new attempt; the row must still have the one before. */
static const struct pg_statement call_lease = {
    .name = "call_lease",
    .sql =
        "WITH leased AS ("
        "   UPDATE provider_calls"
        "   SET attempts = $2, lease_until = now() + make_interval(secs => $3),"
        "       next_at = now() + make_interval(secs => $3),"
        "       maybe_executed = true, sent_at = now() + make_interval(secs => $3)"
        "   WHERE payment_id = $4 AND call_id = $1 AND attempts = $2 - 1 AND finished_at IS NULL"
        "     AND (lease_until IS NULL OR lease_until <= now())"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM leased"
};

void store_call_lease(struct ctx *ctx, const struct provider_call *call)
{
    struct pg_args args = { 0 };

    pg_text(&args, call->id.text);                                      /* $1 */
    pg_i64(&args, call->attempts);                                      /* $2 */
    pg_i64(&args, CALL_LEASE_S);                                        /* $3 */
    pg_text(&args, call->payment_id.text);                              /* $4 */
    pg_queue_one(ctx, &call_lease, &args, NULL);
}

/* The reply arrives within the lease; after that nobody waits for it any more. */
static const struct pg_statement call_sending = {
    .name = "call_sending",
    .sql =
        "WITH sent AS ("
        "   UPDATE provider_calls"
        "   SET maybe_executed = true, sent_at = now() + make_interval(secs => $3)"
        "   WHERE payment_id = $4 AND call_id = $1 AND attempts = $2 AND finished_at IS NULL"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM sent"
};

void store_call_sending(struct ctx *ctx, const struct provider_call *call)
{
    struct pg_args args = { 0 };

    pg_text(&args, call->id.text);                                      /* $1 */
    pg_i64(&args, call->attempts);                                      /* $2 */
    pg_i64(&args, CALL_LEASE_S);                                        /* $3 */
    pg_text(&args, call->payment_id.text);                              /* $4 */
    pg_queue_one(ctx, &call_sending, &args, NULL);
}

/* An attempt may be recorded twice: the reply to the first COMMIT may have been lost. */
static const struct pg_statement call_record = {
    .name = "call_record",
    .sql =
        "WITH recorded AS ("
        "   UPDATE provider_calls"
        "   SET verdict = $3, http_status = $4, provider_request_id = $5, error = $6,"
        "       duration_ms = $7, recorded_at = now(), lease_until = now(),"
        "       finished_at = CASE WHEN $3 IN ('done', 'refused') THEN now() END,"
        "       next_at = CASE WHEN $3 NOT IN ('done', 'refused')"
        "                      THEN now() + $8::bigint * interval '1 millisecond' END,"
        "       looks = $9, maybe_executed = $10,"
        "       sent_at = CASE WHEN $11 THEN sent_at"
        "                      ELSE now() - $12::bigint * interval '1 millisecond' END,"
        "       replays_5xx = $13"
        "   WHERE payment_id = $14 AND call_id = $1 AND attempts = $2"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM recorded"
};

void store_call_record(struct ctx *ctx, const struct provider_call *call,
                       const struct call_attempt *attempt)
{
    const struct provider_reply *reply = attempt->reply;
    struct pg_args args = { 0 };

    pg_text(&args, call->id.text);                                      /* $1 */
    pg_i64(&args, call->attempts);                                      /* $2 */
    pg_text(&args, provider_verdict_name(attempt->verdict));            /* $3 */
    pg_i64(&args, reply->http_status);                                  /* $4 */
    pg_text(&args, reply->request_id);                                  /* $5 */
    pg_text(&args, reply->error);                                       /* $6 */
    pg_i64(&args, reply->duration_ms);                                  /* $7 */
    pg_i64(&args, attempt->retry_ms);                                   /* $8 */
    pg_i64(&args, call->looks + (attempt->looked ? 1 : 0));             /* $9 */
    pg_bool(&args, attempt->maybe_executed);                            /* $10 */
    pg_bool(&args, attempt->looked);                                    /* $11 */
    pg_i64(&args, attempt->sent_age_ms);                                /* $12 */
    pg_bool(&args, attempt->replays_5xx);                               /* $13 */
    pg_text(&args, call->payment_id.text);                              /* $14 */
    pg_queue_one(ctx, &call_record, &args, NULL);
}

/* --- Giving up ------------------------------------------------------------------------------- */

static const struct pg_statement open_calls = {
    .name = "open_calls",
    .sql =
        "SELECT" CALL_COLUMNS
        " FROM provider_calls AS c"
        " WHERE c.payment_id = $1 AND c.finished_at IS NULL"
        " ORDER BY c.started_at, c.call_id"
};

const struct problem *store_open_calls(struct ctx *ctx, struct payment_id payment_id,
                                       struct provider_call **calls_out, int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, payment_id.text);                                    /* $1 */
    pg_queue_many(ctx, &open_calls, &args, &rows);
    TRY(pg_wait(ctx));
    *calls_out = arena_alloc(ctx->arena, ((size_t) rows.count + 1) * sizeof(**calls_out));
    for (int i = 0; i < rows.count; i++)
        (*calls_out)[i] = row_call(pg_row_at(&rows, i));
    *count_out = rows.count;
    return OK;
}

static const struct pg_statement call_give_up = {
    .name = "call_give_up",
    .sql =
        "WITH given_up AS ("
        "   UPDATE provider_calls"
        "   SET verdict = 'given_up', finished_at = now(), next_at = NULL"
        "   WHERE payment_id = $3 AND call_id = $1 AND attempts = $2 AND finished_at IS NULL"
        "     AND (lease_until IS NULL OR lease_until <= now())"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM given_up"
};

void store_call_give_up(struct ctx *ctx, const struct provider_call *call)
{
    struct pg_args args = { 0 };

    pg_text(&args, call->id.text);                                      /* $1 */
    pg_i64(&args, call->attempts);                                      /* $2 */
    pg_text(&args, call->payment_id.text);                              /* $3 */
    pg_queue_one(ctx, &call_give_up, &args, NULL);
}

const struct pg_statement *const call_statements[] = {
    &call_insert, &call_lease, &call_sending, &call_record, &open_calls, &call_give_up, NULL
};
