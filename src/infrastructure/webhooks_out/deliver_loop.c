/* The loop of payapi-deliver. */
#include "deliver_loop.h"

#include <signal.h>
#include <sysexits.h>

#include "application/answer.h"
#include "application/entropy.h"
#include "application/store/store_webhook_endpoints.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/metrics.h"
#include "domain/delivery.h"
#include "infrastructure/clock.h"
#include "infrastructure/notify.h"
#include "infrastructure/postgres/store_pg.h"

_Static_assert(SENDER_TOTAL_MS + 5000 <= DELIVER_LEASE_MS, "an attempt must end within its lease");

struct loop {
    const struct deliver *deliver;
    struct arena         *arena;        /* of one look */
    int64_t               look_at_ms;   /* the next one; these are of the monotonic clock */
    int64_t               plan_at_ms;   /* not at each look: a busy one has many */
    int                   pause_ms;     /* longer than DELIVER_LOOK_MS while the database is away */
    int64_t               beat_at_ms;
    int64_t               accepted, failed;     /* since the last line in the log */
};

static volatile sig_atomic_t stopping;

static void on_stop(int signal)
{
    (void) signal;
    stopping = 1;
}

static void handle_signals(void)
{
    struct sigaction stop = { .sa_handler = on_stop }, ignore = { .sa_handler = SIG_IGN };

    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
}

static struct ctx ctx_of(struct loop *loop)
{
    static const struct settings none;
    struct ctx ctx = ctx_new(loop->arena, loop->deliver->store, NULL, &none, clock_now_ms());

    ctx.trace_id = ctx_new_trace_id(loop->arena);
    return ctx;
}

/* --- Endpoints that are given up ------------------------------------------------------------ */

static const struct problem *disable(struct ctx *ctx, struct webhook_endpoint_id id,
                                     enum webhook_disabled_reason reason)
{
    struct webhook_endpoint endpoint;
    bool found, done = false;

    TRY(store_webhook_endpoint_find(ctx, id, &endpoint, &found));
    if (!found || endpoint.status != ENDPOINT_ENABLED)
        return OK;
    endpoint.status = ENDPOINT_DISABLED;
    endpoint.disabled_reason = reason;
    endpoint.updated_at_ms = ctx->now_ms;
    TRY(store_endpoint_disable(ctx, id, reason, webhook_endpoint_json(ctx, &endpoint), &done));
    if (done)
        log_event(LOG_LEVEL_ERROR, "endpoint_disabled", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("endpoint", id.text),
                  LOG_TEXT("reason", webhook_disabled_reason_name(reason)),
                  LOG_NUMBER("failures", endpoint.failures));
    return OK;
}

static const struct problem *disable_gone(struct ctx *ctx, const struct sent *const *ended,
                                          int count)
{
    for (int i = 0; i < count; i++)
        if (ended[i]->result.http_status == DELIVERY_GONE)
            TRY(disable(ctx, ended[i]->endpoint_id, ENDPOINT_GONE));
    return OK;
}

static const struct problem *disable_failing(struct ctx *ctx, const struct endpoint_fare *fares,
                                             int count)
{
    for (int i = 0; i < count; i++)
        if (delivery_endpoint_is_failing(fares[i].failures, fares[i].failing_since_ms, ctx->now_ms))
            TRY(disable(ctx, fares[i].id, ENDPOINT_FAILING));
    return OK;
}

/* --- Outcomes ------------------------------------------------------------------------------- */

static int draw_chance(void)
{
    unsigned random;

    entropy_fill(&random, sizeof(random));
    return (int) (random % 1001);
}

static bool is_accepted(const struct sent *sent)
{
    return sent->result.error[0] == '\0';
}

static struct delivery_result result_of(const struct sent *sent)
{
    struct delivery_result result = sent->result;

    if (!is_accepted(sent))
        result.next_at_ms = delivery_next_at_ms(sent->place, result.began_ms + result.duration_ms,
                                                draw_chance(), sent->retry_after_s);
    return result;
}

static void count(struct loop *loop, const struct sent *const *ended, int number)
{
    for (int i = 0; i < number; i++) {
        const struct delivery_result *result = &ended[i]->result;

        if (is_accepted(ended[i]))
            loop->accepted++;
        else
            loop->failed++;
        metrics_add(METRIC_DELIVERIES, 1,
                    METRIC_VALUES(is_accepted(ended[i]) ? "accepted" : result->error));
        metrics_observe(METRIC_DELIVERY_SECONDS, result->duration_ms * INT64_C(1000), NULL);
    }
}

static const struct problem *record(struct loop *loop, struct ctx *ctx)
{
    const struct sent *ended[SENDER_IN_FLIGHT_MAX];
    struct delivery_result results[SENDER_IN_FLIGHT_MAX];
    const struct problem *problem;
    struct endpoint_fare *fares;
    int number = sender_ended(loop->deliver->sender, ended), fare_count;

    if (number == 0)
        return OK;
    (void) FAULT_HERE("delivery.sent");
    for (int i = 0; i < number; i++)
        results[i] = result_of(ended[i]);
    TRY(store_deliveries_finish(ctx, results, number, &fares, &fare_count));
    count(loop, ended, number);
    problem = disable_gone(ctx, ended, number);
    sender_release(loop->deliver->sender);
    return problem != OK ? problem : disable_failing(ctx, fares, fare_count);
}

/* --- New work ------------------------------------------------------------------------------- */

static const struct problem *claim(struct loop *loop, struct ctx *ctx, bool *more_out)
{
    struct sender *sender = loop->deliver->sender;
    int room = sender_room(sender), due_count;
    struct due_delivery *due;

    if (room == 0)
        return OK;
    TRY(store_deliveries_claim(ctx, room, DELIVER_LEASE_MS, &due, &due_count));
    for (int i = 0; i < due_count; i++) {
        (void) FAULT_HERE("delivery.claimed");
        sender_send(sender, &due[i], clock_now_ms());
    }
    *more_out |= due_count == room;
    return OK;
}

static const struct problem *plan(struct loop *loop, struct ctx *ctx, bool *more_out)
{
    int64_t now_ms = clock_monotonic_ms();
    int events;

    if (now_ms < loop->plan_at_ms)
        return OK;
    TRY(store_deliveries_plan(ctx, DELIVER_EVENTS_MAX, &events));
    *more_out = events >= DELIVER_EVENTS_MAX;
    loop->plan_at_ms = *more_out ? now_ms : now_ms + DELIVER_LOOK_MS;
    return OK;
}

static const struct problem *look(struct loop *loop, bool *more_out)
{
    struct ctx ctx = ctx_of(loop);

    TRY(store_ready(&ctx));
    TRY(record(loop, &ctx));
    if (stopping)
        return OK;
    TRY(plan(loop, &ctx, more_out));
    return claim(loop, &ctx, more_out);
}

/* --- The loop ------------------------------------------------------------------------------- */

static void note_look(struct loop *loop, const struct problem *problem)
{
    if (problem == OK) {
        if (loop->pause_ms > DELIVER_LOOK_MS)
            log_event(LOG_LEVEL_INFO, "database_available",
                      LOG_NUMBER("under_way", sender_under_way(loop->deliver->sender)));
        loop->pause_ms = DELIVER_LOOK_MS;
        return;
    }
    if (loop->pause_ms == DELIVER_LOOK_MS)
        log_event(LOG_LEVEL_ERROR, "database_unavailable", LOG_TEXT("cause", problem->cause));
    loop->pause_ms *= 2;
    if (loop->pause_ms > DELIVER_LOOK_MAX_MS)
        loop->pause_ms = DELIVER_LOOK_MAX_MS;
}

static bool has_outcomes(const struct loop *loop)
{
    const struct sent *ended[SENDER_IN_FLIGHT_MAX];

    return sender_ended(loop->deliver->sender, ended) > 0;
}

/* At once for an outcome, which makes room, unless the database is away. */
static bool is_due(const struct loop *loop)
{
    return clock_monotonic_ms() >= loop->look_at_ms
        || (has_outcomes(loop) && loop->pause_ms == DELIVER_LOOK_MS);
}

static void look_when_due(struct loop *loop)
{
    const struct problem *problem;
    bool more = false;

    if (!is_due(loop))
        return;
    problem = look(loop, &more);
    note_look(loop, problem);
    arena_reset(loop->arena);
    loop->look_at_ms = clock_monotonic_ms() + (problem == OK && more ? 0 : loop->pause_ms);
}

static int ms_until_look(const struct loop *loop)
{
    int64_t left_ms = loop->look_at_ms - clock_monotonic_ms();

    if (left_ms <= 0)
        return 0;
    return left_ms < DELIVER_LOOK_MS ? (int) left_ms : DELIVER_LOOK_MS;
}

static void beat(struct loop *loop)
{
    int64_t now_ms = clock_monotonic_ms();

    notify_alive();
    if (now_ms < loop->beat_at_ms)
        return;
    loop->beat_at_ms = now_ms + DELIVER_HEARTBEAT_MS;
    log_event(LOG_LEVEL_INFO, "deliveries", LOG_NUMBER("accepted", loop->accepted),
              LOG_NUMBER("failed", loop->failed),
              LOG_NUMBER("under_way", sender_under_way(loop->deliver->sender)));
    loop->accepted = loop->failed = 0;
}

static bool has_work_left(const struct loop *loop, int64_t stop_at_ms)
{
    return (sender_under_way(loop->deliver->sender) > 0 || has_outcomes(loop))
        && clock_monotonic_ms() < stop_at_ms;
}

static void finish(struct loop *loop)
{
    int64_t stop_at_ms = clock_monotonic_ms() + DELIVER_FINISH_MS;

    notify_stopping();
    while (has_work_left(loop, stop_at_ms)) {
        sender_run(loop->deliver->sender, DELIVER_LOOK_MS);
        look_when_due(loop);
    }
}

int deliver_loop(const struct deliver *deliver)
{
    struct loop loop = { .deliver = deliver, .arena = arena_new(), .pause_ms = DELIVER_LOOK_MS };

    handle_signals();
    log_event(LOG_LEVEL_INFO, "deliver_started",
              LOG_NUMBER("in_flight_max", SENDER_IN_FLIGHT_MAX));
    notify_ready();
    while (!stopping) {
        look_when_due(&loop);
        sender_run(deliver->sender, ms_until_look(&loop));
        beat(&loop);
    }
    finish(&loop);
    log_event(LOG_LEVEL_INFO, "deliver_stopped",
              LOG_NUMBER("under_way", sender_under_way(deliver->sender)));
    arena_free(loop.arena);
    return EX_OK;
}
