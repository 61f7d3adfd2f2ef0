/* Takes up a provider's day, compares it page by page, and stores what was found. */
#include "application/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "application/fault_problem.h"
#include "application/transaction.h"
#include "base/log.h"
#include "base/rfc3339.h"
#include "reconcile_parts.h"

/* --- Writing down -------------------------------------------------------------------------- */

static const struct problem *write_harvest(struct ctx *ctx, void *argument)
{
    const struct harvest *harvest = argument;
    const struct reconciliation *run = &harvest->work->run;

    store_reconcile_save(ctx, run);
    for (int i = 0; i < harvest->confirmation_count; i++)
        store_ledger_confirm(ctx, run, &harvest->confirmations[i]);
    for (int i = 0; i < harvest->finding_count; i++)
        store_finding_put(ctx, run, &harvest->findings[i]);
    return FAULT_HERE_IN(ctx, "reconcile.in_page");
}

const struct problem *reconcile_store_harvest(struct ctx *ctx, struct harvest *harvest)
{
    TRY(FAULT_HERE_IN(ctx, "reconcile.before_page"));       /* healed, but not recorded */
    TRY(in_transaction(ctx, write_harvest, harvest));
    return FAULT_HERE_IN(ctx, "reconcile.after_page");
}

/* Leaves the place in the database unchanged: run still has that of the previous page. */
static const struct problem *renew(struct ctx *ctx, void *argument)
{
    const struct reconciling *work = argument;

    store_reconcile_save(ctx, &work->run);
    return OK;
}

const struct problem *reconcile_keep_lease(struct ctx *ctx, const struct reconciling *work)
{
    struct reconciling kept = *work;

    return in_transaction(ctx, renew, &kept);
}

void reconcile_give_up(struct reconciling *work, const struct provider_reply *reply)
{
    work->result = RECONCILE_NO_ANSWER;
    if (reply->http_status != 0)
        snprintf(work->run.error, sizeof(work->run.error), "the provider answered %d",
                 reply->http_status);
    else
        snprintf(work->run.error, sizeof(work->run.error), "the provider did not answer");
}

/* --- A turn -------------------------------------------------------------------------------- */

static const struct problem *let_go(struct ctx *ctx, void *argument)
{
    const struct reconciling *work = argument;

    store_reconcile_end(ctx, &work->run,
                        work->result == RECONCILE_NO_ANSWER ? RECONCILE_RETRY_S : 0);
    return OK;
}

static const struct problem *work_on(struct ctx *ctx, struct reconciling *work)
{
    work->result = RECONCILE_GOES_ON;
    work->run.error[0] = '\0';
    for (int page = 0; page < RECONCILE_PAGES_AT_ONCE && work->result == RECONCILE_GOES_ON; page++)
        TRY(work->run.step == STEP_OURS ? reconcile_our_page(ctx, work)
                                        : reconcile_their_page(ctx, work));
    if (work->result == RECONCILE_THROUGH)
        work->run.state = RECONCILE_DONE;
    return in_transaction(ctx, let_go, work);
}

/* --- The report ---------------------------------------------------------------------------- */

/* Called once per day, with everything found on it; a human must handle what is open. */
static void report(const struct ctx *ctx, const struct reconciliation *run)
{
    const bool found = run->open + run->healed + run->explained > 0;
    char day[RFC3339_TEXT_MAX];

    rfc3339_print(run->day_ms, day);
    day[strcspn(day, "T")] = '\0';
    log_event(run->open > 0 ? LOG_LEVEL_ERROR : found ? LOG_LEVEL_WARN : LOG_LEVEL_INFO,
              found ? "reconciliation_found" : "reconciled", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("reconciliation_id", run->id), LOG_TEXT("provider", run->provider),
              LOG_TEXT("day", day), LOG_NUMBER("compared", run->compared),
              LOG_NUMBER("foreign", run->foreigners), LOG_NUMBER("unreadable", run->unreadable),
              LOG_NUMBER("open", run->open), LOG_NUMBER("healed", run->healed),
              LOG_NUMBER("explained", run->explained));
}

static void report_silence(const struct ctx *ctx, const struct reconciliation *run)
{
    log_event(LOG_LEVEL_WARN, "reconciliation_waits", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("reconciliation_id", run->id), LOG_TEXT("provider", run->provider),
              LOG_TEXT("cause", run->error));
}

/* --- The run ------------------------------------------------------------------------------- */

static const struct problem *run_turn(struct ctx *ctx, struct reconciling *work)
{
    bool found;

    TRY(work_on(ctx, work));
    TRY(store_reconciliation_find(ctx, work->run.id, &work->run, &found));
    if (work->result == RECONCILE_THROUGH)
        report(ctx, &work->run);
    else if (work->result == RECONCILE_NO_ANSWER)
        report_silence(ctx, &work->run);
    return OK;
}

static const struct problem *begin(struct ctx *ctx, struct reconciling *work, bool claimed,
                                   struct reconciliation *run_out,
                                   enum reconcile_result *result_out)
{
    if (claimed) {
        TRY(run_turn(ctx, work));
        *run_out = work->run;
    }
    *result_out = work->result;
    return OK;
}

const struct problem *reconcile_next(struct ctx *ctx, const struct provider *provider,
                                     struct reconciliation *run_out,
                                     enum reconcile_result *result_out)
{
    struct reconciling work = { .provider = provider, .result = RECONCILE_NOT_DUE };
    const int64_t today_ms = ctx->now_ms - ctx->now_ms % DAY_MS;
    bool claimed;

    for (int back = RECONCILE_BACK_DAYS; back > 0; back--)
        store_reconcile_add(ctx, provider->name, today_ms - back * DAY_MS, false);
    TRY(store_reconcile_claim_due(ctx, provider->name, RECONCILE_DELAY_S, &work.run, &claimed));
    return begin(ctx, &work, claimed, run_out, result_out);
}

const struct problem *reconcile_day(struct ctx *ctx, const struct provider *provider,
                                    int64_t day_ms, bool restart, struct reconciliation *run_out,
                                    enum reconcile_result *result_out)
{
    struct reconciling work = { .provider = provider, .result = RECONCILE_NOT_DUE };
    bool claimed;

    store_reconcile_add(ctx, provider->name, day_ms, true);
    TRY(store_reconcile_claim(ctx, provider->name, day_ms, restart, &work.run, &claimed));
    return begin(ctx, &work, claimed, run_out, result_out);
}
