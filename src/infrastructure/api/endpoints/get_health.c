/*
 * Health, for people and for supervisors: plain JSON without envelope or token.
 *
 * /health        what works: the database, payapi-jobs, payapi-deliver, and each provider as the
 *                last calls found it (nobody is called for it); 503 when money cannot be taken
 * /health/live   this process answers; touches nothing, or a database restart would restart us too
 * /health/ready  this process can take money now, proved through the write path
 */
#include "application/queries.h"
#include "base/json_out.h"
#include "base/log.h"
#include "infrastructure/api/endpoints/endpoints.h"

static const char *name_of(enum health_status status)
{
    switch (status) {
    case HEALTH_OK:       return "ok";
    case HEALTH_DEGRADED: return "degraded";
    case HEALTH_ERROR:    return "error";
    }
    return "";
}

static struct answer answer_status(enum health_status status, struct bytes body)
{
    return (struct answer) { .http_status = status == HEALTH_ERROR ? 503 : 200, .body = body,
                             .retry_after_s = status == HEALTH_ERROR ? 2 : 0 };
}

static struct answer only_status(struct ctx *ctx, enum health_status status)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "status", name_of(status));
    return answer_status(status, json_out_end(&text));
}

/* Opens the object and leaves it open: each part has members of its own. */
static void begin_part(struct text *text, const char *name, enum health_status status,
                       const char *reason)
{
    json_out_object(text, name);
    json_out_text(text, "status", name_of(status));
    if (reason[0] != '\0')
        json_out_text(text, "reason", reason);
}

static void write_database(struct text *text, const struct health *health)
{
    begin_part(text, "database", health->database.status, health->database.reason);
    if (health->database.status != HEALTH_ERROR || health->database.latency_ms > 0)
        json_out_i64(text, "latencyMs", health->database.latency_ms);
    json_out_object_end(text);
}

static void write_jobs(struct text *text, const struct health *health)
{
    begin_part(text, "jobs", health->jobs.status, health->jobs.reason);
    json_out_time(text, "lastRoundAt", health->jobs.round_at_ms);
    json_out_object_end(text);
}

static void write_deliveries(struct text *text, const struct health *health)
{
    begin_part(text, "deliveries", health->deliveries.status, health->deliveries.reason);
    json_out_time(text, "lastRoundAt", health->deliveries.planned_at_ms);
    json_out_object_end(text);
}

static void write_provider(struct text *text, const char *name, enum health_status status,
                           const char *reason, const struct provider_health *details)
{
    begin_part(text, name, status, reason);
    json_out_i64(text, "answered", details->answered);
    json_out_i64(text, "failed", details->failed);
    if (details->circuit_open)
        json_out_i64(text, "retryAfter", details->retry_after_s);
    json_out_time(text, "lastAnswerAt", details->answered_at_ms);
    json_out_object_end(text);
}

static void write_providers(struct text *text, const struct health *health)
{
    json_out_object(text, "providers");
    for (int i = 0; i < health->provider_count; i++)
        write_provider(text, health->providers[i].name, health->providers[i].status,
                       health->providers[i].reason, &health->providers[i].details);
    json_out_object_end(text);
}

const struct problem *get_health(struct ctx *ctx, const struct request *request,
                                 struct answer *answer_out)
{
    struct text text = json_out_begin(ctx->arena);
    struct health health;

    (void) request;
    check_health(ctx, &health);
    json_out_text(&text, "status", name_of(health.status));
    write_database(&text, &health);
    write_jobs(&text, &health);
    write_deliveries(&text, &health);
    write_providers(&text, &health);
    *answer_out = answer_status(health.status, json_out_end(&text));
    return OK;
}

const struct problem *get_health_live(struct ctx *ctx, const struct request *request,
                                      struct answer *answer_out)
{
    (void) request;
    *answer_out = only_status(ctx, HEALTH_OK);
    return OK;
}

/* Logs the cause here, because a supervisor gets no problem document. */
const struct problem *get_health_ready(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out)
{
    const struct problem *problem = check_ready(ctx);

    (void) request;
    if (problem != OK)
        log_event(LOG_LEVEL_ERROR, "not_ready", LOG_TEXT("problem", problem->detail),
                  LOG_TEXT("cause", problem->cause), LOG_TEXT("traceId", ctx->trace_id));
    *answer_out = only_status(ctx, problem == OK ? HEALTH_OK : HEALTH_ERROR);
    return OK;
}
