/* Accepts requests one by one, answers them, and ends when it is time. */
#include "infrastructure/fastcgi/worker_loop.h"

#include <errno.h>
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "application/commands.h"
#include "application/entropy.h"
#include "application/queries.h"
#include "application/store/store.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metrics.h"
#include "infrastructure/clock.h"
#include "infrastructure/fastcgi/arrival.h"
#include "infrastructure/fastcgi/body.h"
#include "infrastructure/fastcgi/process.h"
#include "infrastructure/postgres/store_pg.h"

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void) signal;
    stopping = 1;
}

/* Before FCGX_Init, which keeps handlers that are set. No SA_RESTART: accept() has to see EINTR. */
static void handle_signals(void)
{
    static const int stops[] = { SIGTERM, SIGINT, SIGUSR1 };
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };
    sigset_t none;

    sigemptyset(&stop.sa_mask);
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        sigaction(stops[i], &stop, NULL);
    sigaction(SIGHUP, &ignore, NULL);           /* only the master acts on it */
    sigaction(SIGPIPE, &ignore, NULL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* --- The log line -------------------------------------------------------------------------- */

static enum log_level level_of(const struct problem *problem, int http_status)
{
    static const enum problem_type ours[] = {
        PROBLEM_INTERNAL, PROBLEM_DATABASE_UNAVAILABLE, PROBLEM_PROVIDER_MISCONFIGURED,
        PROBLEM_PROVIDER_REJECTED_REQUEST,
    };

    for (size_t i = 0; problem != OK && i < sizeof(ours) / sizeof(ours[0]); i++)
        if (problem->type == ours[i])
            return LOG_LEVEL_ERROR;
    return http_status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
}

/* Strangers' webhooks are logged in totals (rejections.h); a line for each would fill the disk. */
static bool is_told_elsewhere(const struct exchange *exchange)
{
    const struct route *route = exchange->request.route;
    const struct problem *problem = exchange->problem;

    return route != NULL && route->style == STYLE_WEBHOOK && problem != OK
           && (problem->type == PROBLEM_WEBHOOK_SIGNATURE_INVALID
               || problem->type == PROBLEM_RATE_LIMITED);
}

static void log_request(const struct exchange *exchange, int http_status, int64_t duration_ms)
{
    const struct problem *problem = exchange->problem;
    const struct route *route = exchange->request.route;
    const struct log_field fields[] = {
        LOG_TEXT("method", exchange->request.method),
        LOG_TEXT("route", route != NULL ? route->pattern : "-"),
        LOG_NUMBER("status", http_status),
        LOG_NUMBER("duration_ms", duration_ms),
        LOG_TEXT("traceId", exchange->ctx.trace_id),
        LOG_TEXT("problem", problem != OK ? problem_kind(problem->type)->slug : ""),
        LOG_TEXT("cause", problem != OK ? problem->cause : ""),
    };
    int count = problem == OK ? 5 : problem->cause == NULL ? 6 : 7;

    log_write(level_of(problem, http_status), "request", fields, count);
}

/* --- Counting ------------------------------------------------------------------------------ */

/* A path that no route answers counts as "-": whoever scans for paths makes no series. */
static void count_request(const struct exchange *exchange, int http_status, int64_t duration_us)
{
    const struct route *route = exchange->request.route;
    const char *pattern = route != NULL ? route->pattern : "-";
    char code[16];

    snprintf(code, sizeof(code), "%d", http_status);
    metrics_add(METRIC_HTTP_REQUESTS, 1,
                METRIC_VALUES(pattern, route != NULL ? route->method : "-", code));
    metrics_observe(METRIC_HTTP_SECONDS, duration_us, METRIC_VALUES(pattern));
    if (exchange->problem != OK && exchange->problem->type == PROBLEM_OVERLOADED)
        metrics_add(METRIC_REQUESTS_DROPPED, 1, METRIC_VALUES("too_late"));
}

/* --- One request --------------------------------------------------------------------------- */

/* Liveness needs no database; health checks it itself and reports; everything else needs it. */
static const struct problem *connect_store(struct exchange *exchange)
{
    enum route_style style = exchange->request.route->style;
    const struct problem *problem = style == STYLE_LIVENESS ? OK : store_ready(&exchange->ctx);

    return style == STYLE_HEALTH ? OK : problem;
}

/*
 * By default libfcgi finally waits until nginx has closed its side, so that unread bytes of the
 * request do not make the kernel discard the answer. Here the request was read to its end, so
 * nothing is unread.
 */
static void close_without_waiting(FCGX_Request *fcgx)
{
    FCGX_Detach(fcgx);
}

static const struct problem *prepare(struct exchange *exchange, FCGX_Request *fcgx)
{
    TRY(exchange->problem);
    TRY(body_read(&exchange->ctx, fcgx, route_body_max(exchange->request.route),
                  &exchange->request.body));
    close_without_waiting(fcgx);
    return connect_store(exchange);
}

struct client {
    FCGX_Request         *fcgx;
    struct worker_status *status;
};

static bool put_to_client(struct sink *sink, struct bytes block)
{
    const struct client *client = sink->target;

    worker_status_say(client->status, ACTIVITY_BUSY);   /* a long answer is a sign of life */
    return FCGX_PutStr(block.data, (int) block.size, client->fcgx->out) >= 0;
}

/*
 * The head has been sent already, so we can only show the client that the end is missing: nginx
 * closes its connection when ours breaks off.
 */
static void write_stream(struct exchange *exchange, struct client *client,
                         const struct answer_stream *stream)
{
    struct sink sink = { .put = put_to_client, .target = client };

    exchange->problem = stream->write(&exchange->ctx, stream, &sink);
    if (exchange->problem != OK)
        shutdown(client->fcgx->ipcFd, SHUT_RDWR);
}

static void write_response(struct exchange *exchange, struct client *client,
                           const struct response *response)
{
    struct bytes bytes = response_bytes(exchange->ctx.arena, response);

    FCGX_PutStr(bytes.data, (int) bytes.size, client->fcgx->out);  /* fails if the caller left */
    if (response->answer.stream != NULL && !response->head_only)
        write_stream(exchange, client, response->answer.stream);
}

/* Runs once the caller has its answer. A request that needs no database still uses none. */
static void tell_strangers(struct exchange *exchange)
{
    const struct route *route = exchange->request.route;

    if (route != NULL && route->style != STYLE_LIVENESS)
        tell_rejections(&exchange->ctx, false);
}

static void serve(const struct api *api, struct arena *arena, struct client *client)
{
    FCGX_Request *fcgx = client->fcgx;
    int64_t began_us = clock_monotonic_us(), duration_us;
    struct exchange exchange;
    struct response response;

    api_open(api, arena, fcgx->envp, clock_now_ms(), &exchange);
    exchange.problem = prepare(&exchange, fcgx);
    response = api_answer(&exchange);
    if (FAULT_HERE("answer.before") != FAULT_ERROR)
        write_response(&exchange, client, &response);
    FCGX_Finish_r(fcgx);                                /* the client has its answer */
    (void) FAULT_HERE("answer.after");
    store_rollback_if_open(&exchange.ctx);              /* a problem may have left a transaction */
    duration_us = clock_monotonic_us() - began_us;
    count_request(&exchange, response.answer.http_status, duration_us);
    if (!is_told_elsewhere(&exchange))
        log_request(&exchange, response.answer.http_status, duration_us / 1000);
    note_api_key_use(&exchange.ctx);
    tell_strangers(&exchange);
    arena_reset(arena);                                 /* and nothing of this request remains */
}

/* --- The database -------------------------------------------------------------------------- */

/* The context of work that belongs to no request. */
static struct ctx ctx_of_ours(const struct api *api, struct arena *arena)
{
    struct ctx ctx = ctx_new(arena, api->store, api->providers, api->settings, clock_now_ms());

    ctx.rejections = api->rejections;
    return ctx;
}

bool worker_has_room(const struct api *api, int workers, enum log_level level)
{
    struct arena *arena = arena_new();
    struct ctx ctx = ctx_of_ours(api, arena);
    int64_t room = INT64_MAX;
    bool has_room;

    (void) store_room(&ctx, &room);
    has_room = room >= 2 * workers;
    if (!has_room)
        log_event(level, "too_few_connections", LOG_TEXT("pool", pool_name(api->pool)),
                  LOG_TEXT("cause", "a reload connects both generations: raise max_connections"),
                  LOG_NUMBER("needed", 2 * workers), LOG_NUMBER("room", room));
    arena_free(arena);
    return has_room;
}

static enum worker_database judge_database(const struct api *api,
                                           const struct problem *(*check)(struct ctx *ctx))
{
    struct arena *arena = arena_new();
    struct ctx ctx = ctx_of_ours(api, arena);
    const struct problem *problem = check(&ctx);
    enum worker_database result = DATABASE_FITS;

    if (problem != OK) {
        result = problem->type == PROBLEM_DATABASE_UNAVAILABLE ? DATABASE_AWAY : DATABASE_FOREIGN;
        log_event(LOG_LEVEL_ERROR,
                  result == DATABASE_AWAY ? "database_unavailable" : "schema_does_not_fit",
                  LOG_TEXT("cause", problem->cause));
    }
    arena_free(arena);
    return result;
}

enum worker_database worker_try_database(const struct api *api)
{
    return judge_database(api, store_ready);
}

enum worker_database worker_check_database(const struct api *api)
{
    return judge_database(api, store_check_statements);
}

/* --- The loop ------------------------------------------------------------------------------ */

/* Up to a tenth more, so that the workers of a pool do not all end at once. */
static int with_jitter(int recycle_after)
{
    unsigned random;

    entropy_fill(&random, sizeof(random));
    return recycle_after + (int) (random % (unsigned) (recycle_after / 10 + 1));
}

/*
 * The cause is a leak, or one giant request whose memory was not given back; a new worker starts
 * small. A look costs as much as a tenth of a short request.
 */
#define MEMORY_LOOK_EVERY 16
static bool has_grown(const struct worker_life *life)
{
    int64_t private_bytes = process_private_bytes(life->memory);

    if (private_bytes <= life->memory_max_bytes)
        return false;
    log_event(LOG_LEVEL_INFO, "worker_has_grown", LOG_NUMBER("private_bytes", private_bytes),
              LOG_NUMBER("limit_bytes", life->memory_max_bytes));
    return true;
}

/* Also sees, in the same system call, whether the database has said something meanwhile. */
static enum arrival await_request(const struct api *api, int connection)
{
    bool store_is_quiet;
    enum arrival arrival = arrival_await(connection, store_socket(api->store), &store_is_quiet);

    store_note_quiet(api->store, store_is_quiet);
    return arrival;
}

static void serve_or_drop(const struct api *api, struct arena *arena, struct client *client,
                          int connection)
{
    enum arrival arrival;

    worker_status_say(client->status, ACTIVITY_BUSY);
    arrival = await_request(api, connection);
    if (arrival != ARRIVAL_REQUEST)
        close(connection);
    else if (arrival_read(client->fcgx, connection))
        serve(api, arena, client);
    if (arrival == ARRIVAL_GONE) {
        log_event(LOG_LEVEL_INFO, "request_dropped", LOG_TEXT("cause", "the caller is gone"));
        metrics_add(METRIC_REQUESTS_DROPPED, 1, METRIC_VALUES("caller_gone"));
    }
    FCGX_Finish_r(client->fcgx);
    worker_status_say(client->status, ACTIVITY_IDLE);
}

/* Of one connection only, or a signal: the next may be good. */
static bool passes(int accept_errno)
{
    return accept_errno == EINTR || accept_errno == ECONNABORTED || accept_errno == EAGAIN;
}

static int serve_all(const struct api *api, const struct worker_life *life, struct client *client)
{
    struct arena *arena = arena_new();
    int limit = with_jitter(life->recycle_after), status = 0;
    bool done = false;

    for (int served = 0; served < limit && !done && !stopping; served++) {
        int connection = arrival_accept(STDIN_FILENO);

        if (connection >= 0)
            serve_or_drop(api, arena, client, connection);
        else if (!passes(errno))
            status = EX_SOFTWARE;
        done = status != 0 || (served % MEMORY_LOOK_EVERY == 0 && has_grown(life));
    }
    arena_free(arena);
    return status;
}

/* Otherwise the counts would be lost with the pool. */
static void tell_the_rest(const struct api *api)
{
    struct arena *arena = arena_new();
    struct ctx ctx = ctx_of_ours(api, arena);

    tell_rejections(&ctx, true);
    arena_free(arena);
}

/* Once in the lifetime of a pool. */
static void look_for_room(const struct api *api, const struct worker_life *life)
{
    if (!atomic_exchange(life->room_told, true))
        (void) worker_has_room(api, life->pool_size, LOG_LEVEL_WARN);
}

int worker_loop(const struct api *api, const struct worker_life *life)
{
    FCGX_Request fcgx;
    struct client client = { &fcgx, life->status };
    int status;
    enum worker_database database;

    handle_signals();
    database = worker_try_database(api);
    if (database == DATABASE_FOREIGN || FCGX_Init() != 0 || FCGX_InitRequest(&fcgx, -1, 0) != 0)
        return EX_SOFTWARE;
    if (database == DATABASE_FITS)
        look_for_room(api, life);
    worker_status_say(life->status, ACTIVITY_IDLE);
    status = serve_all(api, life, &client);
    if (stopping)
        tell_the_rest(api);
    return status;
}
