/* Idempotency keys: claimed with a lease and a fence, bound, finished and released. */
#include "application/store/store_keys.h"

#include <string.h>

#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"

/*
 * A key may be changed only while the caller's fence is current. Otherwise must_be_one raises an
 * error, and the COMMIT queued behind it in the same round trip does not happen.
 */
static void key_args(struct pg_args *args, const struct idempotency_key *key)
{
    pg_text(args, key->principal);                  /* $1 */
    pg_text(args, key->route);                      /* $2 */
    pg_text(args, key->key);                        /* $3 */
}

/* An expired key counts as absent: its row starts afresh, for whichever request comes. */
static const struct pg_statement key_forget = {
    .name = "key_forget",
    .sql =
        "UPDATE idempotency_keys"
        " SET fingerprint = $4, state = 'running', fence = fence + 1, locked_until = '-infinity',"
        "     payment_id = NULL, answer_status = NULL, answer_body = NULL,"
        "     answer_retry_after_s = NULL, created_at = now()"
        " WHERE principal = $1 AND route = $2 AND key = $3"
        "   AND created_at < now() - make_interval(hours => $5)"
        "   AND (state = 'done' OR locked_until <= now())"
};

static void queue_forget(struct ctx *ctx, const struct idempotency_key *key)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_text(&args, key->fingerprint);               /* $4 */
    pg_i64(&args, ctx->settings->idempotency_ttl_h);        /* $5 */
    pg_queue_any(ctx, &key_forget, &args);
}

/* Returns a row if the claim is ours. The key's row is locked in any case. */
static const struct pg_statement key_take = {
    .name = "key_take",
    .sql =
        "INSERT INTO idempotency_keys AS k"
        "   (principal, route, key, fingerprint, holder, locked_until)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))"
        " ON CONFLICT (principal, route, key) DO UPDATE"
        " SET holder = excluded.holder,"
        "     fence = k.fence + (k.holder <> excluded.holder)::int,"
        "     locked_until = excluded.locked_until"
        " WHERE k.state = 'running' AND k.fingerprint = excluded.fingerprint"
        "   AND (k.holder = excluded.holder OR k.locked_until <= now())"
        " RETURNING fence"
};

static void queue_take(struct ctx *ctx, const struct idempotency_key *key,
                       struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_text(&args, key->fingerprint);               /* $4 */
    pg_text(&args, key->holder);                    /* $5 */
    pg_i64(&args, IDEMPOTENCY_LEASE_S);             /* $6 */
    pg_queue_optional(ctx, &key_take, &args, rows_out);
}

static const struct pg_statement key_read = {
    .name = "key_read",
    .sql =
        "SELECT fingerprint, state, holder, fence, payment_id,"
        "       answer_status, answer_body, answer_retry_after_s"
        " FROM idempotency_keys"
        " WHERE principal = $1 AND route = $2 AND key = $3"
};

static void queue_read(struct ctx *ctx, const struct idempotency_key *key,
                       struct pg_rows *rows_out)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_queue_one(ctx, &key_read, &args, rows_out);
}

void claim_queue(struct ctx *ctx, const struct idempotency_key *key, struct claim_rows *rows_out)
{
    queue_forget(ctx, key);
    queue_take(ctx, key, &rows_out->taken);
    queue_read(ctx, key, &rows_out->key);
}

static enum claim_state state_of(const struct idempotency_key *key, const struct claim_rows *rows,
                                 struct pg_row row)
{
    if (strcmp(pg_row_text(row, "fingerprint"), key->fingerprint) != 0)
        return CLAIM_OTHER_REQUEST;
    if (strcmp(pg_row_text(row, "state"), "done") == 0)
        return CLAIM_DONE;
    return rows->taken.count == 1 ? CLAIM_MINE : CLAIM_RUNNING;
}

/* Our own answer, found after the reply to its COMMIT was lost, is the first one, not a replay. */
static struct answer answer_of(const struct idempotency_key *key, struct pg_row row)
{
    return (struct answer) {
        .http_status = (int) pg_row_i64(row, "answer_status"),
        .body = bytes_of(pg_row_text(row, "answer_body")),
        .retry_after_s = (int) pg_row_i64(row, "answer_retry_after_s"),
        .replayed = strcmp(pg_row_text(row, "holder"), key->holder) != 0,
    };
}

struct claim claim_read(const struct idempotency_key *key, const struct claim_rows *rows)
{
    struct pg_row row = pg_row_at(&rows->key, 0);
    struct claim claim = { .state = state_of(key, rows, row) };

    if (claim.state == CLAIM_MINE) {
        claim.fence = pg_row_i64(row, "fence");
        pg_row_copy(row, "payment_id", claim.payment_id.text, sizeof(claim.payment_id.text));
    }
    if (claim.state == CLAIM_DONE)
        claim.answer = answer_of(key, row);
    return claim;
}

const struct problem *store_key_claim(struct ctx *ctx, const struct idempotency_key *key,
                                      struct claim *claim_out)
{
    struct claim_rows rows;

    claim_queue(ctx, key, &rows);
    TRY(pg_wait(ctx));
    *claim_out = claim_read(key, &rows);
    return OK;
}

static const struct pg_statement key_hold = {
    .name = "key_hold",
    .sql =
        "WITH held AS ("
        "   SELECT 1 FROM idempotency_keys"
        "   WHERE principal = $1 AND route = $2 AND key = $3 AND fence = $4"
        "   FOR NO KEY UPDATE)"
        " SELECT must_be_one(count(*)) FROM held"
};

void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_i64(&args, fence);                           /* $4 */
    pg_queue_one(ctx, &key_hold, &args, NULL);
}

static const struct pg_statement key_bind = {
    .name = "key_bind",
    .sql =
        "WITH bound AS ("
        "   UPDATE idempotency_keys"
        "   SET payment_id = $5"
        "   WHERE principal = $1 AND route = $2 AND key = $3 AND fence = $4"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM bound"
};

void store_key_bind(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                    struct payment_id payment_id)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_i64(&args, fence);                           /* $4 */
    pg_text(&args, payment_id.text);                /* $5 */
    pg_queue_one(ctx, &key_bind, &args, NULL);
}

/* A runner may finish twice: the reply to its first COMMIT may have been lost. */
static const struct pg_statement key_finish = {
    .name = "key_finish",
    .sql =
        "WITH finished AS ("
        "   UPDATE idempotency_keys"
        "   SET state = 'done', answer_status = $5, answer_body = $6, answer_retry_after_s = $7"
        "   WHERE principal = $1 AND route = $2 AND key = $3 AND fence = $4"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM finished"
};

void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                                       /* $1 $2 $3 */
    pg_i64(&args, fence);                                       /* $4 */
    pg_i64(&args, answer->http_status);                         /* $5 */
    pg_text(&args, arena_bytes_dup(ctx->arena, answer->body));  /* $6 */
    pg_i64(&args, answer->retry_after_s);                       /* $7 */
    pg_queue_one(ctx, &key_finish, &args, NULL);
}

static const struct pg_statement key_release = {
    .name = "key_release",
    .sql =
        "WITH released AS ("
        "   UPDATE idempotency_keys"
        "   SET locked_until = '-infinity',"
        "       payment_id = CASE WHEN $5 THEN NULL ELSE payment_id END"
        "   WHERE principal = $1 AND route = $2 AND key = $3 AND fence = $4"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM released"
};

void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                       bool unbind)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_i64(&args, fence);                           /* $4 */
    pg_bool(&args, unbind);                         /* $5 */
    pg_queue_one(ctx, &key_release, &args, NULL);
}

const struct pg_statement *const key_statements[] = {
    &key_forget, &key_take, &key_read, &key_hold, &key_bind, &key_finish, &key_release, NULL
};
