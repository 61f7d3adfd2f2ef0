#include "given.h"

#include <stdio.h>

#include "application/store/store.h"
#include "infrastructure/auth/token.h"
#include "infrastructure/live/live_ticket.h"
#include "infrastructure/webhooks_out/webhook_secrets.h"
#include "infrastructure/postgres/store_pg.h"

struct fakes fakes;

static const struct provider *const no_providers[] = { NULL };

static struct settings settings = {
    .default_provider = "stripe",
    .problem_base_url = "https://api.example.com/errors/",
    .public_base_url = "http://127.0.0.1:3000",
    .checkout_ttl_s = 3600,
    .idempotency_ttl_h = 72,
};

void given_return_url_origins(const char *origins)
{
    settings.return_url_origins = origins;
}

static struct api_key_memory *api_key_memory;

int given_nothing(void **state)
{
    const struct config_list keys = { .items = { SECRET }, .count = 1 };

    *state = arena_new();
    api_key_memory = api_key_memory_new(*state);
    settings.live_tickets = live_tickets_new(*state, &keys);
    settings.webhook_secrets = webhook_secrets_new(*state, SECRET);
    settings.webhook_allow_nets = "127.0.0.1";
    fakes = (struct fakes) { .called = "" };
    given_return_url_origins("");
    return 0;
}

int forget_all(void **state)
{
    arena_free(*state);
    return 0;
}

struct ctx given_ctx(struct arena *arena)
{
    return (struct ctx) { .arena = arena, .providers = no_providers, .settings = &settings,
                          .now_ms = NOW_MS, .trace_id = TRACE_ID, .method = "POST",
                          .path = "/api/v1/orders", .actor = { ROLE_USER, "alice", ACTOR_CALLER } };
}

struct api given_api(enum pool pool)
{
    return (struct api) { .pool = pool,
                          .token_rules = { .key = { .hs256_secret = bytes_of(SECRET) }, .issuer = "",
                                           .audience = "" },
                          .api_key_memory = api_key_memory, .queue_limit_ms = 5000, .providers = no_providers,
                          .settings = &settings };
}

const char *given_token(struct arena *arena, const char *subject, enum role role)
{
    struct api api = given_api(POOL_FAST);
    const struct token_wish wish = { subject, role, NOW_MS / 1000, NOW_MS / 1000 + 600 };

    return arena_printf(arena, "Bearer %s", token_mint(arena, &api.token_rules, &wish));
}

struct exchange given_exchange(struct arena *arena, enum pool pool,
                               const struct given_request *wanted)
{
    const struct { const char *name, *value; } params[] = {
        { "REQUEST_METHOD", wanted->method },       { "DOCUMENT_URI", wanted->path },
        { "QUERY_STRING", wanted->query },          { "TRACE_ID", TRACE_ID },
        { "CONTENT_TYPE", wanted->content_type },   { "HTTP_CONTENT_TYPE", wanted->content_type },
        { "HTTP_AUTHORIZATION", wanted->authorization },
        { "HTTP_IDEMPOTENCY_KEY", wanted->key },    { "HTTP_STRIPE_SIGNATURE", wanted->signature },
        { "REMOTE_ADDR", wanted->address },
        { "REQUEST_START", "1795393859.900" },      { "HTTP_X_UNKNOWN", "is not looked at" },
    };
    char *envp[sizeof(params) / sizeof(params[0]) + 1] = { NULL };
    struct api api = given_api(pool);
    struct exchange exchange;
    int count = 0;

    for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
        if (params[i].value != NULL)
            envp[count++] = arena_printf(arena, "%s=%s", params[i].name, params[i].value);
    api_open(&api, arena, envp, NOW_MS, &exchange);
    exchange.request.body = bytes_of(wanted->body);
    return exchange;
}

struct response send_request(struct arena *arena, enum pool pool,
                             const struct given_request *wanted)
{
    struct exchange exchange = given_exchange(arena, pool, wanted);

    return api_answer(&exchange);
}

enum pool pool_of(const char *path)
{
    static const char *const waiting[] = { "/checkout", "/refund", "/sync", "/cancel", "/replay" };
    const char *last = strrchr(path, '/');

    if (strstr(path, "/webhook-endpoints") != NULL && strcmp(last, "/test") != 0
        && strcmp(last, "/recover") != 0 && strcmp(last, "/deliveries") != 0)
        return POOL_PROVIDER;
    for (size_t i = 0; last != NULL && i < sizeof(waiting) / sizeof(waiting[0]); i++)
        if (strcmp(last, waiting[i]) == 0)
            return POOL_PROVIDER;
    return POOL_FAST;
}

struct response ask(struct arena *arena, const char *method, const char *path)
{
    const struct given_request wanted = {
        .method = method, .path = path, .authorization = given_token(arena, "root", ROLE_ADMIN),
        .content_type = "application/json",
        .body = strcmp(path, "/api/v1/orders") == 0 ? "{\"amount\":1,\"currency\":\"USD\"}"
              : strcmp(path, "/api/v1/api-keys") == 0 ? "{\"name\":\"n\",\"scopes\":[\"admin\"]}"
              : strcmp(path, "/api/v1/webhook-endpoints") == 0
                  ? "{\"url\":\"http://127.0.0.1:9/\",\"events\":[\"*\"]}"
              : strcmp(method, "PATCH") == 0 ? "{}"
              : strstr(path, "/recover") != NULL ? "{\"since\":\"2026-11-22T00:00:00Z\"}"
              : strstr(path, "/review") != NULL ? "{\"reason\":\"seen\"}"
              : strstr(path, "/explain") != NULL ? "{\"finding\":1,\"reason\":\"seen\"}" : "",
        .key = strstr(path, "/refund") != NULL ? "k1" : NULL,
    };

    return send_request(arena, pool_of(path), &wanted);
}

struct response post_body(struct arena *arena, const char *path, struct bytes body,
                          const char *content_type)
{
    const struct given_request wanted = {
        .method = "POST", .path = path, .content_type = content_type,
        .authorization = given_token(arena, "alice", ROLE_SHOP),
    };
    struct exchange exchange = given_exchange(arena, pool_of(path), &wanted);

    exchange.request.body = body;
    return api_answer(&exchange);
}

const char *sent_bytes(struct arena *arena, const struct response *response)
{
    return response_bytes(arena, response).data;
}

struct order given_order(void)
{
    return (struct order) {
        .id = { "abc-123" }, .owner_id = "alice", .amount = { 9999, "USD" },
        .status = ORDER_OPEN, .metadata_json = "{\"cart\":\"17\"}",
        .created_at_ms = NOW_MS, .updated_at_ms = NOW_MS + 1000,
    };
}

struct payment given_payment(void)
{
    return (struct payment) {
        .id = { PAYMENT_ID }, .order_id = { "abc-123" }, .owner_id = "alice",
        .amount = { 9999, "USD" }, .provider = "stripe", .provider_ref = "cs_test_1",
        .checkout_url = "https://checkout.stripe.com/c/pay/cs_test_1",
        .facts = { .snapshot = { .progress = PROGRESS_OPENED } }, .status = PAYMENT_PROCESSING,
        .expires_at_ms = NOW_MS + 3600000, .created_at_ms = NOW_MS, .updated_at_ms = NOW_MS,
    };
}

/* --- The fake use cases -------------------------------------------------------------------- */

const struct problem *called(const struct ctx *ctx, const char *name)
{
    fakes.calls++;
    fakes.called = name;
    fakes.role = ctx->actor.role;
    snprintf(fakes.actor_id, sizeof(fakes.actor_id), "%s", ctx->actor.id);
    return fakes.problem_count == 0 || fakes.calls <= fakes.problem_count ? fakes.problem : OK;
}

void store_prepare_repeat(struct ctx *ctx, int try)
{
    (void) ctx;
    (void) try;
    fakes.repeats++;
}

const struct problem *store_ready(struct ctx *ctx)
{
    (void) ctx;
    return OK;
}

static void note_key(const struct idempotency_key *key)
{
    if (key != NULL)
        fakes.key = *key;
}

const struct problem *create_order(struct ctx *ctx, const struct create_order *command,
                                   struct answer *answer_out)
{
    struct order order = command->order;

    fakes.create_order = *command;
    note_key(command->key);
    if (order.id.text[0] == '\0')
        snprintf(order.id.text, sizeof(order.id.text), "ord_new");
    *answer_out = answer_order(ctx, 201, &order);
    answer_out->replayed = fakes.replay;
    return called(ctx, "create_order");
}

struct refund given_refund(void)
{
    return (struct refund) {
        .id = { REFUND_ID }, .payment_id = { PAYMENT_ID }, .amount = { 2500, "USD" },
        .status = REFUND_SUCCEEDED, .provider = "stripe", .provider_ref = "re_1",
        .reason = "duplicate", .created_at_ms = NOW_MS, .updated_at_ms = NOW_MS,
    };
}

const struct problem *refund_payment(struct ctx *ctx, const struct refund_payment *command,
                                     struct answer *answer_out)
{
    struct refund refund = given_refund();

    TRY(command->read_terms(ctx, command->body, "USD", &fakes.refund_terms));
    note_key(command->key);
    *answer_out = answer_refund(ctx, 201, &refund);
    return called(ctx, "refund_payment");
}

const struct problem *list_refunds(struct ctx *ctx, struct payment_id payment_id,
                                   struct refund **refunds_out, int *count_out)
{
    struct refund *refunds = arena_alloc(ctx->arena, 2 * sizeof(*refunds));

    (void) payment_id;
    refunds[0] = refunds[1] = given_refund();
    *refunds_out = refunds;
    *count_out = 2;
    return called(ctx, "list_refunds");
}

struct dispute given_dispute(void)
{
    return (struct dispute) {
        .id = { DISPUTE_ID }, .payment_id = { PAYMENT_ID }, .provider = "stripe",
        .provider_ref = "dp_1", .currency = "USD",
        .facts = { .at_ms = NOW_MS, .fact = { DISPUTE_OPEN, false }, .amount_minor = 2500,
                   .provider_status = "needs_response", .reason = "fraudulent",
                   .due_at_s = NOW_MS / 1000 + 1, .withdrawn_minor = 2500 },
        .created_at_ms = NOW_MS, .updated_at_ms = NOW_MS,
    };
}

const struct problem *list_disputes(struct ctx *ctx, struct payment_id payment_id,
                                    struct dispute **disputes_out, int *count_out)
{
    struct dispute *disputes = arena_alloc(ctx->arena, 2 * sizeof(*disputes));

    (void) payment_id;
    disputes[0] = disputes[1] = given_dispute();
    *disputes_out = disputes;
    *count_out = 2;
    return called(ctx, "list_disputes");
}

const struct problem *checkout_order(struct ctx *ctx, const struct checkout_order *command,
                                     struct answer *answer_out)
{
    struct payment payment = given_payment();

    fakes.checkout_order = *command;
    note_key(command->key);
    *answer_out = answer_payment(ctx, 201, &payment);
    return called(ctx, "checkout_order");
}

const struct problem *receive_webhook(struct ctx *ctx, const struct receive_webhook *command,
                                      enum webhook_outcome *outcome_out)
{
    fakes.receive_webhook = *command;
    *outcome_out = fakes.outcome;
    return called(ctx, "receive_webhook");
}

static const struct problem *asked_for(const struct ctx *ctx, const char *name, const char *id)
{
    snprintf(fakes.id, sizeof(fakes.id), "%s", id);
    return called(ctx, name);
}

const struct problem *sync_payment(struct ctx *ctx, const char *payment_id,
                                   struct answer *answer_out)
{
    struct payment payment = given_payment();

    *answer_out = answer_payment(ctx, 200, &payment);
    return asked_for(ctx, "sync_payment", payment_id);
}

const struct problem *cancel_payment(struct ctx *ctx, const char *payment_id,
                                     struct answer *answer_out)
{
    struct payment payment = given_payment();

    *answer_out = answer_payment(ctx, 200, &payment);
    return asked_for(ctx, "cancel_payment", payment_id);
}

const struct problem *get_order(struct ctx *ctx, const char *order_id, struct order *order_out)
{
    *order_out = given_order();
    return asked_for(ctx, "get_order", order_id);
}

const struct problem *get_payment(struct ctx *ctx, const char *payment_id,
                                  struct payment *payment_out)
{
    *payment_out = given_payment();
    return asked_for(ctx, "get_payment", payment_id);
}

const struct problem *get_outcome(struct ctx *ctx, const char *payment_id,
                                  enum payment_outcome *outcome_out)
{
    *outcome_out = OUTCOME_PAID;
    return asked_for(ctx, "get_outcome", payment_id);
}

const struct problem *get_payment_status(struct ctx *ctx, const char *order_id,
                                         struct payment *payment_out)
{
    *payment_out = given_payment();
    return asked_for(ctx, "get_payment_status", order_id);
}

const struct problem *list_orders(struct ctx *ctx, struct order_page_query *query,
                                  struct order_page *page_out)
{
    fakes.list_orders = *query;
    *page_out = fakes.page;
    return called(ctx, "list_orders");
}

void check_health(struct ctx *ctx, struct health *health_out)
{
    called(ctx, "check_health");
    *health_out = fakes.health;
    if (health_out->database.reason == NULL)
        health_out->database.reason = health_out->jobs.reason = health_out->deliveries.reason = "";
}

const struct problem *check_ready(struct ctx *ctx)
{
    return called(ctx, "check_ready");
}
