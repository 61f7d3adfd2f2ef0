/* The audit log and the domain events, written with every change. */
#include "application/store/store_history.h"

#include "infrastructure/postgres/pg/statements.h"

/* --- Audit ----------------------------------------------------------------------------------- */

static const char *actor_text(const struct ctx *ctx)
{
    const struct actor *actor = &ctx->actor;

    switch (actor->kind) {
    case ACTOR_WEBHOOK: return arena_printf(ctx->arena, "webhook:%s", actor->id);
    case ACTOR_PULL:
    case ACTOR_JOBS:    return actor->id;
    case ACTOR_CALLER:  break;
    }
    switch (actor->role) {
    case ROLE_USER:  return arena_printf(ctx->arena, "user:%s", actor->id);
    case ROLE_SHOP:  return arena_printf(ctx->arena, "shop:%s", actor->id);
    case ROLE_ADMIN: return arena_printf(ctx->arena, "admin:%s", actor->id);
    case ROLE_NONE:  break;
    }
    return "nobody";            /* a caller without a token changes nothing that is audited */
}

/* The trigger audit_chain adds the place in the payment's hash chain. */
static const struct pg_statement audit_insert = {
    .name = "audit_insert",
    .sql =
        "INSERT INTO audit_log"
        "   (order_id, payment_id, actor, action, body, trace_id)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6)"
};

void store_audit_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        const char *action, struct bytes body)
{
    struct pg_args args = { 0 };

    pg_text_or_null(&args, order_id.text);                  /* $1 */
    pg_text_or_null(&args, payment_id.text);                /* $2 */
    pg_text(&args, actor_text(ctx));                        /* $3 */
    pg_text(&args, action);                                 /* $4 */
    pg_text(&args, arena_bytes_dup(ctx->arena, body));      /* $5 */
    pg_text(&args, ctx->trace_id);                          /* $6 */
    pg_queue_one(ctx, &audit_insert, &args, NULL);
}

/* --- Domain events --------------------------------------------------------------------------- */

/* The next number within the payment, else the order: its row is locked by this transaction. */
static const struct pg_statement event_insert = {
    .name = "event_insert",
    .sql =
        "INSERT INTO outbox"
        "   (event_id, aggregate_id, aggregate_seq, type, order_id, payment_id, payload,"
        "    trace_id, created_at)"
        " SELECT $1, coalesce($4, $3), coalesce(max(aggregate_seq), 0) + 1, $2, $3, $4, $5,"
        "    $6, at_ms($7)"
        " FROM outbox"
        " WHERE aggregate_id = coalesce($4, $3)"
};

void store_outbox_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                         enum domain_event type, struct bytes payload)
{
    struct pg_args args = { 0 };
    struct event_id id;

    ctx_new_id(ctx, "evt", id.text);
    pg_text(&args, id.text);                                /* $1 */
    pg_text(&args, domain_event_name(type));                  /* $2 */
    pg_text(&args, order_id.text);                          /* $3 */
    pg_text_or_null(&args, payment_id.text);                /* $4 */
    pg_text(&args, arena_bytes_dup(ctx->arena, payload));   /* $5 */
    pg_text(&args, ctx->trace_id);                          /* $6 */
    pg_i64(&args, ctx->now_ms);                             /* $7 */
    pg_queue_one(ctx, &event_insert, &args, NULL);
}

const struct pg_statement *const history_statements[] = {
    &audit_insert, &event_insert, NULL
};
