#include "infrastructure/api/router.h"

#include "base/text.h"
#include "infrastructure/api/endpoints/endpoints.h"

#define BODY_BYTES_MAX    ((size_t) 64 * 1024)
#define WEBHOOK_BYTES_MAX ((size_t) 1024 * 1024)

#define V1 "/api/v1"

static const struct route routes[] = {
    { "POST", V1 "/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      post_order,               "",                  V1 "/orders/" },
    { "GET",  V1 "/orders",                    AUTH_USER,      POOL_FAST,     STYLE_API,
      get_orders,               "limit page cursor", NULL },
    { "GET",  V1 "/orders/:id",                AUTH_USER,      POOL_FAST,     STYLE_API,
      get_order_by_id,          "",                  NULL },
    { "POST", V1 "/orders/:id/checkout",       AUTH_USER,      POOL_PROVIDER, STYLE_API,
      post_order_checkout,      "",                  V1 "/payments/" },
    { "GET",  V1 "/orders/:id/payment-status", AUTH_USER,      POOL_FAST,     STYLE_API,
      get_order_payment_status, "",                  NULL },
    { "GET",  V1 "/payments/:id",              AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_by_id,        "",                  NULL },
    { "GET",  V1 "/payments",                  AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_payments,             "limit cursor needsReview status provider", NULL },
    { "GET",  V1 "/payments/:id/timeline",     AUTH_USER,      POOL_FAST,     STYLE_API,
      get_payment_timeline,     "",                  NULL },
    { "POST", V1 "/payments/:id/review",       AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      post_payment_review,      "",                  NULL },
    { "GET",  V1 "/transactions",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_transactions,
      "limit page cursor paymentId orderId type status provider currency from to", NULL },
    { "GET",  V1 "/audit",                     AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_audit,                "limit cursor orderId paymentId action actor from to", NULL },
    { "GET",  V1 "/audit/verify",              AUTH_ADMIN,     POOL_FAST,     STYLE_API,
      get_audit_verify,         "",                  NULL },
    { "POST", V1 "/webhooks/stripe",           AUTH_SIGNATURE, POOL_FAST,     STYLE_WEBHOOK,
      post_webhook_stripe,      NULL,                NULL },
    { "GET",  "/health",                       AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      get_health,               NULL,                NULL },
    { "GET",  "/health/live",                  AUTH_NONE,      POOL_FAST,     STYLE_LIVENESS,
      get_health_live,          NULL,                NULL },
    { "GET",  "/health/ready",                 AUTH_NONE,      POOL_FAST,     STYLE_HEALTH,
      get_health_ready,         NULL,                NULL },
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

const struct route *router_table(size_t *count_out)
{
    *count_out = ROUTE_COUNT;
    return routes;
}

size_t route_body_max(const struct route *route)
{
    return route->style == STYLE_WEBHOOK ? WEBHOOK_BYTES_MAX : BODY_BYTES_MAX;
}

bool route_is_health(const struct route *route)
{
    return route->style == STYLE_HEALTH || route->style == STYLE_LIVENESS;
}

/* --- Matching ------------------------------------------------------------------------------ */

/* True when path has the pattern's shape; *id_out is then what stands for ":id", if anything. */
static bool matches(const char *pattern, const char *path, struct bytes *id_out)
{
    const char *mark = strchr(pattern, ':');
    size_t before, size;

    *id_out = (struct bytes) { NULL, 0 };
    if (mark == NULL)
        return strcmp(pattern, path) == 0;
    before = (size_t) (mark - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    size = strcspn(path + before, "/");
    *id_out = (struct bytes) { path + before, size };
    return size > 0 && strcmp(mark + strlen(":id"), path + before + size) == 0;
}

/* HEAD is answered like GET; the body is left out when the answer is written. */
static bool takes_method(const struct route *route, const char *method)
{
    return strcmp(route->method, strcmp(method, "HEAD") == 0 ? "GET" : method) == 0;
}

static const struct route *find(const char *method, const char *path, struct bytes *id_out)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if (matches(routes[i].pattern, path, id_out) && takes_method(&routes[i], method))
            return &routes[i];
    return NULL;
}

const char *router_allow(struct arena *arena, const char *path)
{
    struct text allow = text_new(arena);
    struct bytes id;

    text_append(&allow, "");
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if (matches(routes[i].pattern, path, &id))
            text_printf(&allow, "%s%s", allow.size > 0 ? ", " : "",
                        strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : routes[i].method);
    return text_bytes(&allow).data;
}

static const struct problem *no_route(struct ctx *ctx, const struct request *request)
{
    const char *allow = router_allow(ctx->arena, request->path);

    if (*allow == '\0')
        return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is nothing under this address.");
    return problem_new(ctx->arena, PROBLEM_METHOD_NOT_ALLOWED, "This address answers to %s.", allow);
}

const struct problem *router_find(struct ctx *ctx, enum pool pool, struct request *request)
{
    struct bytes id;
    const struct route *route = find(request->method, request->path, &id);

    if (route == NULL)
        return no_route(ctx, request);
    request->route = route;
    request->id = id.size > 0 ? arena_bytes_dup(ctx->arena, id) : "";
    if (route->pool != pool)
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "Misdirected request."),
                               "nginx sent %s %s to the %s pool", route->method, route->pattern,
                               pool_name(pool));
    return OK;
}

/* --- Pools --------------------------------------------------------------------------------- */

const char *pool_name(enum pool pool)
{
    switch (pool) {
    case POOL_FAST:     return "fast";
    case POOL_PROVIDER: return "provider";
    }
    return "";
}

bool pool_parse(const char *name, enum pool *pool_out)
{
    for (enum pool pool = POOL_FAST; pool <= POOL_PROVIDER; pool++)
        if (strcmp(name, pool_name(pool)) == 0) {
            *pool_out = pool;
            return true;
        }
    return false;
}
