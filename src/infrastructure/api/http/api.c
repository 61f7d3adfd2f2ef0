/* Opens a request (route, age, token, query), runs its endpoint and builds the response. */
#include "api.h"

#include "access.h"
#include "application/store/store.h"
#include "infrastructure/api/input/query.h"
#include "infrastructure/json_parse.h"

/* --- Opening ------------------------------------------------------------------------------- */

/* Refuses a request that waited so long that its sender has given up, or will before we finish. */
static const struct problem *check_age(const struct exchange *exchange, int queue_limit_ms)
{
    int64_t age_ms = exchange->ctx.now_ms - exchange->request.arrived_at_ms;

    if (exchange->request.arrived_at_ms == 0 || age_ms <= queue_limit_ms)
        return OK;
    return problem_because(exchange->ctx.arena,
                           problem_new(exchange->ctx.arena, PROBLEM_OVERLOADED,
                                       "The request waited too long to be started; nothing was"
                                       " done."),
                           "%lld ms in the queue", (long long) age_ms);
}

/* A misspelt parameter is an error; it must not be treated as absent. */
static const struct problem *read_parameters(struct ctx *ctx, struct request *request)
{
    struct query *query = arena_alloc(ctx->arena, sizeof(*query));

    request->parameters = query;
    return query_read(ctx, request, request->route->query, query);
}

static const struct problem *let_in(const struct api *api, struct exchange *exchange)
{
    struct ctx *ctx = &exchange->ctx;
    struct request *request = &exchange->request;

    TRY(request_check(ctx, request));
    TRY(router_find(ctx, api->pool, request));
    TRY(check_age(exchange, api->queue_limit_ms));
    TRY(access_check(ctx, &api->token_rules, api->api_key_memory, request));
    return read_parameters(ctx, request);
}

void api_open(const struct api *api, struct arena *arena, char *const *params, int64_t now_ms,
              struct exchange *exchange_out)
{
    struct exchange *exchange = exchange_out;

    exchange->request = request_collect(arena, params);
    exchange->ctx = ctx_new(arena, api->store, api->providers, api->settings, now_ms);
    exchange->ctx.rejections = api->rejections;
    exchange->ctx.trace_id = exchange->request.trace_id;
    exchange->ctx.method = exchange->request.method;
    exchange->ctx.path = exchange->request.path;
    exchange->problem = let_in(api, exchange);
}

/* --- Answering ----------------------------------------------------------------------------- */

/* RFC 6750 section 3: without a token the challenge has no error. */
static const char *challenge_for(const struct request *request)
{
    return token_is_present(request->authorization) ? "Bearer error=\"invalid_token\"" : "Bearer";
}

static struct response respond_problem(struct exchange *exchange)
{
    struct response response = { .answer = answer_problem(&exchange->ctx, exchange->problem),
                                 .content_type = "application/problem+json" };

    if (response.answer.http_status == 401)
        response.challenge = challenge_for(&exchange->request);
    if (response.answer.http_status == 405)
        response.answer.allow = router_allow(exchange->ctx.arena, exchange->request.path);
    return response;
}

/*
 * Reads the id from the body, because of a replayed answer only the body was stored. NULL: no id.
 */
static const char *location_of(struct arena *arena, const struct route *route, struct bytes body)
{
    json_t *answer = route->location != NULL ? json_parse_object(arena, body) : NULL;
    const char *id = json_string_value(json_object_get(json_object_get(answer, "data"), "id"));

    return id != NULL ? arena_printf(arena, "%s%s", route->location, id) : NULL;
}

static struct response respond_answer(struct exchange *exchange, struct answer answer)
{
    const struct route *route = exchange->request.route;
    bool problem = answer.http_status >= 400 && !route_is_health(route);
    struct response response = { .answer = answer,
                                 .content_type = problem ? "application/problem+json"
                                                         : "application/json" };

    if (answer.stream != NULL)
        response.content_type = answer.stream->content_type;

    if (answer.http_status == 201)
        response.location = location_of(exchange->ctx.arena, route, answer.body);
    return response;
}

static const struct problem *run(struct exchange *exchange, struct answer *answer_out)
{
    return exchange->request.route->endpoint(&exchange->ctx, &exchange->request, answer_out);
}

/*
 * Runs a GET once more when the database connection broke meanwhile, so that callers do not notice
 * a restart or a failover. Commands repeat their own steps (transaction.h).
 */
static const struct problem *run_patiently(struct exchange *exchange, struct answer *answer_out)
{
    const struct problem *problem = run(exchange, answer_out);
    bool only_reads = strcmp(exchange->request.route->method, "GET") == 0;

    if (problem == OK || !problem->repeatable || !only_reads)
        return problem;
    store_prepare_repeat(&exchange->ctx, 1);
    return run(exchange, answer_out);
}

struct response api_answer(struct exchange *exchange)
{
    struct answer answer = { 0 };
    struct response response;

    if (exchange->problem == OK)
        exchange->problem = run_patiently(exchange, &answer);
    response = exchange->problem != OK ? respond_problem(exchange)
                                       : respond_answer(exchange, answer);
    if (exchange->problem == OK)
        exchange->problem = answer.problem;         /* told already; the log wants its cause */
    response.head_only = strcmp(exchange->request.method, "HEAD") == 0;
    return response;
}
