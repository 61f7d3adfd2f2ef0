/* Idempotency keys: peeked at, taken with a lease and a fence, finished and released. */
#include "application/store/store_keys.h"

#include <string.h>

#include "claim_rows.h"
#include "infrastructure/postgres/pg/statements.h"

static void key_args(struct pg_args *args, const struct idempotency_key *key)
{
    pg_text(args, key->principal);                          /* $1 */
    pg_text(args, key->route);                              /* $2 */
    pg_text(args, key->key);                                /* $3 */
}

/* --- Peeking ------------------------------------------------------------------------------- */

void claim_args(const struct ctx *ctx, struct pg_args *args, const struct idempotency_key *key)
{
    static const struct idempotency_key none;

    key_args(args, key != NULL ? key : &none);              /* $1 $2 $3 */
    pg_i64(args, ctx->settings->idempotency_ttl_h);         /* $4 */
}

/* A key that is too old counts as absent: its row starts afresh, for whichever request comes. */
static struct claim claim_afresh(struct pg_row row)
{
    return (struct claim) {
        .state = CLAIM_FREE,
        .version = pg_row_i64(row, "key_version"),
        .fence = pg_row_i64(row, "fence") + 1,
        .starts_afresh = true,
    };
}

/* Our own answer, found after the reply to its COMMIT was lost, is the first one, not a replay. */
static struct answer answer_of(struct pg_row row, bool is_ours)
{
    return (struct answer) {
        .http_status = (int) pg_row_i64(row, "answer_status"),
        .body = bytes_of(pg_row_text(row, "answer_body")),
        .retry_after_s = (int) pg_row_i64(row, "answer_retry_after_s"),
        .replayed = !is_ours,
    };
}

static struct claim claim_as_it_is(const struct idempotency_key *key, struct pg_row row)
{
    bool is_ours = strcmp(pg_row_text(row, "holder"), key->holder) == 0;
    struct claim claim = {
        .state = is_ours || pg_row_bool(row, "lease_is_over") ? CLAIM_FREE : CLAIM_RUNNING,
        .version = pg_row_i64(row, "key_version"),
        .fence = pg_row_i64(row, "fence") + (is_ours ? 0 : 1),
    };

    pg_row_copy(row, "payment_id", claim.payment_id.text, sizeof(claim.payment_id.text));
    if (strcmp(pg_row_text(row, "fingerprint"), key->fingerprint) != 0)
        claim.state = CLAIM_OTHER_REQUEST;
    else if (pg_row_bool(row, "is_done"))
        claim.state = CLAIM_DONE;
    if (claim.state == CLAIM_DONE)
        claim.answer = answer_of(row, is_ours);
    return claim;
}

struct claim claim_of(const struct idempotency_key *key, struct pg_row row)
{
    if (key == NULL)
        return (struct claim) { .state = CLAIM_FREE };
    if (pg_row_i64(row, "key_version") == 0)
        return (struct claim) { .state = CLAIM_FREE, .fence = 1 };
    if (pg_row_bool(row, "is_old")
        && (pg_row_bool(row, "is_done") || pg_row_bool(row, "lease_is_over")))
        return claim_afresh(row);
    return claim_as_it_is(key, row);
}

static const struct pg_statement key_peek = {
    .name = "key_peek",
    .sql =
        "SELECT" KEY_COLUMNS
        FROM_KEY
};

const struct problem *store_key_peek(struct ctx *ctx, const struct idempotency_key *key,
                                     struct claim *claim_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    claim_args(ctx, &args, key);                            /* $1 to $4 */
    pg_queue_peek(ctx, &key_peek, &args, &rows);
    TRY(pg_wait(ctx));
    *claim_out = claim_of(key, pg_row_at(&rows, 0));
    return OK;
}

static const struct pg_statement key_lock = {
    .name = "key_lock",
    .sql =
        "SELECT FROM idempotency_keys"
        " WHERE principal = $1 AND route = $2 AND key = $3"
        " FOR NO KEY UPDATE"
};

void store_key_queue_up(struct ctx *ctx, const struct idempotency_key *key)
{
    struct pg_args args = { 0 };

    key_args(&args, key);                                   /* $1 $2 $3 */
    pg_queue_optional(ctx, &key_lock, &args, NULL);
}

/* --- Writing ------------------------------------------------------------------------------- */

/*
 * A key may be changed only while it is as the caller knows it: taken while its row is as it was
 * peeked at (xmin, the transaction that wrote it last), later while the caller's fence is current.
 * Otherwise must_be_one raises an error, and the COMMIT queued behind it in the same round trip
 * does not happen.
 */
static const struct pg_statement key_take = {
    .name = "key_take",
    .sql =
        "WITH taken AS ("
        "   INSERT INTO idempotency_keys AS k"
        "      (principal, route, key, fingerprint, holder, fence, payment_id, locked_until, state,"
        "       answer_status, answer_body, answer_retry_after_s)"
        "   VALUES"
        "      ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8),"
        "       CASE WHEN $11::integer IS NULL THEN 'running' ELSE 'done' END, $11, $12, $13)"
        "   ON CONFLICT (principal, route, key) DO UPDATE"
        "   SET fingerprint = excluded.fingerprint, state = excluded.state,"
        "       holder = excluded.holder, fence = excluded.fence,"
        "       payment_id = excluded.payment_id, locked_until = excluded.locked_until,"
        "       answer_status = excluded.answer_status, answer_body = excluded.answer_body,"
        "       answer_retry_after_s = excluded.answer_retry_after_s,"
        "       created_at = CASE WHEN $9 THEN excluded.created_at ELSE k.created_at END"
        "   WHERE k.xmin = $10"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM taken"
};

static void take_args(struct pg_args *args, const struct idempotency_key *key,
                      const struct claim *claim, const char *payment_id)
{
    key_args(args, key);                            /* $1 $2 $3 */
    pg_text(args, key->fingerprint);                /* $4 */
    pg_text(args, key->holder);                     /* $5 */
    pg_i64(args, claim->fence);                     /* $6 */
    pg_text_or_null(args, payment_id);              /* $7 */
    pg_i64(args, IDEMPOTENCY_LEASE_S);              /* $8 */
    pg_bool(args, claim->starts_afresh);            /* $9 */
    pg_i64(args, claim->version);                   /* $10 */
}

void store_key_take(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                    struct payment_id payment_id)
{
    struct pg_args args = { 0 };

    take_args(&args, key, claim, payment_id.text);  /* $1 to $10 */
    pg_text(&args, NULL);                           /* $11 */
    pg_text(&args, NULL);                           /* $12 */
    pg_text(&args, NULL);                           /* $13 */
    pg_queue_one(ctx, &key_take, &args, NULL);
}

static void answer_args(struct ctx *ctx, struct pg_args *args, const struct answer *answer)
{
    pg_i64(args, answer->http_status);
    pg_text(args, arena_bytes_dup(ctx->arena, answer->body));
    pg_i64(args, answer->retry_after_s);
}

void store_key_answer(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                      struct payment_id payment_id, const struct answer *answer)
{
    struct pg_args args = { 0 };

    take_args(&args, key, claim, payment_id.text);  /* $1 to $10 */
    answer_args(ctx, &args, answer);                /* $11 $12 $13 */
    pg_queue_one(ctx, &key_take, &args, NULL);
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

    key_args(&args, key);                           /* $1 $2 $3 */
    pg_i64(&args, fence);                           /* $4 */
    answer_args(ctx, &args, answer);                /* $5 $6 $7 */
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
    &key_peek, &key_lock, &key_take, &key_hold, &key_finish, &key_release, NULL
};
