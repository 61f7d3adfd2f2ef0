/* The audit log, written with every change; some of its rows are domain events too. */
#include "application/store/store_history.h"

#include "actor_text.h"
#include "infrastructure/postgres/pg/statements.h"

const char *actor_text(const struct ctx *ctx)
{
    const struct actor *actor = &ctx->actor;

    switch (actor->kind) {
    case ACTOR_WEBHOOK: return arena_printf(ctx->arena, "webhook:%s", actor->id);
    case ACTOR_KEY:     return arena_printf(ctx->arena, "key:%s", actor->id);
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

/* The trigger audit_number gives the row its number within the payment. */
static const struct pg_statement history_insert = {
    .name = "history_insert",
    .sql =
        "INSERT INTO audit_log"
        "   (order_id, payment_id, actor, action, body, trace_id, event_id, event_type,"
        "    event_payload)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
};

static void event_args(struct ctx *ctx, struct pg_args *args, const struct change *change)
{
    const char *type = NULL, *payload = NULL;
    char *id = NULL;

    if (change->event != DOMAIN_EVENT_NONE) {
        id = arena_alloc(ctx->arena, ID_TEXT_MAX);
        ctx_new_id(ctx, "evt", id);
        type = domain_event_name(change->event);
        payload = arena_bytes_dup(ctx->arena, change->payload);
    }
    pg_text(args, id);                                                  /* $7 */
    pg_text(args, type);                                                /* $8 */
    pg_text(args, payload);                                             /* $9 */
}

void store_history_insert(struct ctx *ctx, const struct change *change)
{
    struct pg_args args = { 0 };

    pg_text_or_null(&args, change->order_id.text);                      /* $1 */
    pg_text_or_null(&args, change->payment_id.text);                    /* $2 */
    pg_text(&args, actor_text(ctx));                                    /* $3 */
    pg_text(&args, change->action);                                     /* $4 */
    pg_text(&args, arena_bytes_dup(ctx->arena, change->body));          /* $5 */
    pg_text(&args, ctx->trace_id);                                      /* $6 */
    event_args(ctx, &args, change);                                     /* $7 $8 $9 */
    pg_queue_one(ctx, &history_insert, &args, NULL);
}

const struct pg_statement *const history_statements[] = { &history_insert, NULL };
