/* The timetable of payapi-jobs, and each job in it. */
#include "infrastructure/jobs/jobs_periodic.h"

#include <assert.h>

#include "application/audit/audit_key.h"
#include "application/commands.h"
#include "application/inbox/pull_events.h"
#include "application/provider.h"
#include "application/reconcile.h"
#include "base/log.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/store_pg.h"
#include "jobs_gauges.h"

/* --- Audit --------------------------------------------------------------------------------- */

/* Seals what the audit log gained, if we have the key; rivals then find nothing left to do. */
static const struct problem *seal_audit(struct runner *runner, struct ctx *ctx)
{
    int made;

    if (ctx->settings->audit_key == NULL || !audit_key_can_sign(ctx->settings->audit_key))
        return OK;
    TRY(checkpoint_audit(ctx, "", &made));
    runner->left_some = made == CHECKPOINTS_AT_ONCE;
    return OK;
}

/* --- Missed events ------------------------------------------------------------------------- */

static void log_pull(const struct ctx *ctx, const struct provider *provider,
                     const struct pull_report *report)
{
    bool answered = report->result != PULL_NO_ANSWER;

    if (answered && report->missed == 0)
        return;
    log_event(answered ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "events_pulled",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("provider", provider->name),
              LOG_TEXT("result", pull_result_name(report->result)),
              LOG_NUMBER("listed", report->listed), LOG_NUMBER("missed", report->missed));
}

static enum first_pull after_pull(enum first_pull before, enum pull_result result)
{
    if (before == FIRST_PULL_DONE || result == PULL_NOT_DUE)
        return before;
    return result == PULL_NO_ANSWER ? FIRST_PULL_UNANSWERED : FIRST_PULL_DONE;
}

static const struct problem *pull_from(struct ctx *ctx, const struct provider *provider,
                                       enum first_pull *first)
{
    struct pull_report report;

    ctx->actor = (struct actor) { ROLE_NONE, arena_printf(ctx->arena, "pull:%s", provider->name),
                                  ACTOR_PULL };
    TRY(pull_events(ctx, provider, *first == FIRST_PULL_WANTED,
                    *first == FIRST_PULL_DONE ? PULL_OVERLAP_S : PULL_OVERLAP_AT_START_S, &report));
    *first = after_pull(*first, report.result);
    log_pull(ctx, provider, &report);
    return OK;
}

static const struct problem *pull_missed(struct runner *runner, struct ctx *ctx)
{
    for (int i = 0; ctx->providers[i] != NULL && !runner_is_stopping(); i++) {
        assert(i < PROVIDERS_MAX);
        if (ctx->providers[i]->write_list_events != NULL)
            TRY(pull_from(ctx, ctx->providers[i], &runner->first_pulls[i]));
    }
    return OK;
}

/*
 * Looks at refunds under way and, where no list reports what happens to a page, at open payments.
 */
static const struct problem *look_again(struct runner *runner, struct ctx *ctx)
{
    for (int i = 0; ctx->providers[i] != NULL; i++) {
        const struct provider *provider = ctx->providers[i];
        struct payment_id ids[JOBS_BATCH_MAX];
        bool open_too = provider->write_list_events == NULL || provider->lists_what_was_made;
        int count;

        TRY(store_due_looks(ctx, provider->name, open_too, ids, &count));
        for (int at = 0; at < count && !runner_is_stopping(); at++)
            runner_recover(runner, ids[at]);
    }
    return OK;
}

/* --- Reconciliation ------------------------------------------------------------------------ */

/* The days' rows say what is due, for all runners; a day with many pages is resumed soon. */
static const struct problem *reconcile(struct runner *runner, struct ctx *ctx)
{
    for (int i = 0; ctx->providers[i] != NULL && ctx->settings->reconcile; i++) {
        enum reconcile_result result;
        struct reconciliation run;

        if (ctx->providers[i]->write_list_book == NULL || runner_is_stopping())
            continue;
        TRY(reconcile_next(ctx, ctx->providers[i], &run, &result));
        runner->left_some |= result == RECONCILE_GOES_ON || result == RECONCILE_THROUGH;
    }
    return OK;
}

/* --- Providers that are not configured here ------------------------------------------------- */

static const struct problem *tell_unserved(struct runner *runner, struct ctx *ctx)
{
    struct unserved unserved[PROVIDERS_MAX];
    int count;

    (void) runner;
    TRY(store_unserved_payments(ctx, unserved, &count));
    for (int i = 0; i < count; i++)
        log_event(LOG_LEVEL_ERROR, "provider_not_configured", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("provider", unserved[i].provider),
                  LOG_NUMBER("payments_waiting", unserved[i].payments));
    return OK;
}

/* --- Limited retention --------------------------------------------------------------------- */

/* At 100 checkouts a second each round leaves some. */
static const struct problem *purge(struct runner *runner, struct ctx *ctx)
{
    int64_t bodies, keys, deliveries;

    TRY(store_purge_bodies(ctx, ctx->settings->webhook_body_retention_days, &bodies));
    TRY(store_purge_keys(ctx, ctx->settings->idempotency_ttl_h, &keys));
    TRY(store_purge_deliveries(ctx, ctx->settings->webhook_delivery_retention_days, &deliveries));
    runner->left_some = bodies == PURGE_BATCH || keys == PURGE_BATCH
                        || deliveries >= PURGE_BATCH;
    if (bodies > 0 || keys > 0 || deliveries > 0)
        log_event(LOG_LEVEL_INFO, "purged", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_NUMBER("webhook_bodies", bodies), LOG_NUMBER("idempotency_keys", keys),
                  LOG_NUMBER("deliveries", deliveries));
    return OK;
}

/* --- Metrics -------------------------------------------------------------------------------- */

static const struct problem *measure(struct runner *runner, struct ctx *ctx)
{
    (void) runner;
    return jobs_measure(ctx);
}

/* --- The timetable ------------------------------------------------------------------------- */

/*
 * Each job runs at the start and then at its interval; sooner when it left some work. The cursor's
 * row says when a pull is due, for all runners.
 */
static const struct periodic {
    const char *name;
    int         interval_ms;
    const struct problem *(*run)(struct runner *runner, struct ctx *ctx);
} timetable[] = {
    { "seal_audit",    5000,    seal_audit },
    { "pull_missed",   1000,    pull_missed },
    { "look_again",    10000,   look_again },
    { "tell_unserved", 3600000, tell_unserved },
    { "reconcile",     60000,   reconcile },
    { "purge",         60000,   purge },
    { "measure",       15000,   measure },
};
#define PERIODIC_COUNT (sizeof(timetable) / sizeof(timetable[0]))
static_assert(PERIODIC_COUNT <= JOBS_PERIODIC_MAX, "the runner keeps the time of each");
#define MORE_AFTER_MS 1000          /* other work comes first */

/*
 * Uses an arena of its own, because the pieces that the job finds use the runner's. Returns in how
 * many ms the job is due again.
 */
static int run_one(struct runner *runner, const struct periodic *periodic)
{
    struct arena *arena = arena_new();
    struct ctx ctx = runner_ctx(runner, arena);
    const struct problem *problem;

    runner->left_some = false;
    problem = periodic->run(runner, &ctx);
    if (problem != OK)
        runner_note_failure(runner, &ctx, periodic->name, problem);
    store_rollback_if_open(&ctx);
    arena_free(arena);
    return runner->left_some ? MORE_AFTER_MS : periodic->interval_ms;
}

void jobs_run_periodic(struct runner *runner)
{
    for (size_t i = 0; i < PERIODIC_COUNT && !runner_is_stopping(); i++) {
        int64_t now_ms = clock_monotonic_ms();

        if (now_ms >= runner->due_at_ms[i])
            runner->due_at_ms[i] = now_ms + run_one(runner, &timetable[i]);
    }
}
