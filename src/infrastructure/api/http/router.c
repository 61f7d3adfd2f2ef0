/* Matches method and path with the rows of routes.c: 404, 405 or the endpoint. */
#include "router.h"

#include "base/text.h"

#define BODY_BYTES_MAX    ((size_t) 64 * 1024)
#define WEBHOOK_BYTES_MAX ((size_t) 1024 * 1024)

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
    size_t count;
    const struct route *routes = router_table(&count);

    for (size_t i = 0; i < count; i++)
        if (matches(routes[i].pattern, path, id_out) && takes_method(&routes[i], method))
            return &routes[i];
    return NULL;
}

const char *router_allow(struct arena *arena, const char *path)
{
    struct text allow = text_new(arena);
    struct bytes id;
    size_t count;
    const struct route *routes = router_table(&count);

    for (size_t i = 0; i < count; i++)
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
    return problem_new(ctx->arena, PROBLEM_METHOD_NOT_ALLOWED, "This address answers to %s.",
                       allow);
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
