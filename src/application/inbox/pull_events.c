/* Reads a provider's list of events page by page, and accepts those that were never delivered. */
#include "application/inbox/pull_events.h"

#include "accept_event.h"
#include "application/fault_problem.h"
#include "application/transaction.h"
#include "base/log.h"

#define DEEP_S (PULL_DEEP_DAYS * INT64_C(86400))

struct pulling {
    const struct provider     *provider;
    struct pull_cursor         cursor;
    struct provider_event_page page;
    struct pull_report         report;
};

/* --- One event ----------------------------------------------------------------------------- */

/* An unreadable event cannot be kept, because it has no id. */
static const struct problem *take_one(struct ctx *ctx, struct pulling *work, struct bytes body)
{
    struct provider_event event;
    enum webhook_outcome outcome;
    const struct problem *problem = work->provider->read_webhook(ctx, body, &event);

    work->report.listed++;
    if (problem != OK) {
        log_event(LOG_LEVEL_ERROR, "pulled_event_unreadable", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_TEXT("provider", work->provider->name), LOG_TEXT("cause", problem->detail));
        return OK;
    }
    TRY(accept_event(ctx, work->provider, &event, body, &outcome));
    if (outcome == WEBHOOK_DUPLICATE)
        return OK;
    work->report.missed++;
    log_event(LOG_LEVEL_WARN, "event_pulled", LOG_TEXT("traceId", ctx->trace_id),
              LOG_TEXT("event_id", event.id), LOG_TEXT("type", event.type));
    return OK;
}

/* --- One page ------------------------------------------------------------------------------ */

/* Never moves beyond our own clock: a cursor that ran ahead would skip later events. */
static void move_on(const struct ctx *ctx, struct pulling *work)
{
    struct pull_cursor *cursor = &work->cursor;
    int64_t newest_s = work->page.newest_s < ctx->now_ms / 1000 ? work->page.newest_s
                                                                : ctx->now_ms / 1000;

    if (newest_s > cursor->sweep_to_s)
        cursor->sweep_to_s = newest_s;
    cursor->page_after = work->page.after;
    if (work->page.after[0] != '\0') {
        work->report.result = PULL_GOES_ON;
        return;
    }
    cursor->pulled_to_s = cursor->sweep_to_s;
    cursor->deep_is_due &= !cursor->sweep_is_deep;
    work->report.result = PULL_CAUGHT_UP;
}

static const struct problem *save_place(struct ctx *ctx, void *argument)
{
    const struct pulling *work = argument;

    store_pull_renew(ctx, &work->cursor);
    return FAULT_HERE_IN(ctx, "pull.in_place");
}

static const struct problem *read_page(struct ctx *ctx, struct pulling *work)
{
    struct provider_request request;
    struct provider_reply reply;

    work->report.result = PULL_NO_ANSWER;
    TRY(work->provider->write_list_events(ctx, work->cursor.sweep_from_s, work->cursor.page_after,
                                          &request));
    work->provider->call(ctx, work->provider, &request, &reply);
    if (!work->provider->read_event_list(ctx, work->cursor.page_after, &reply, &work->page)) {
        if (reply.http_status / 100 == 4 && reply.http_status != 429)
            work->cursor.page_after = "";       /* that event is no longer listed: start over */
        return OK;
    }
    TRY(FAULT_HERE_IN(ctx, "pull.after_answer"));
    for (int i = 0; i < work->page.count; i++)
        TRY(take_one(ctx, work, work->page.bodies[i]));
    TRY(FAULT_HERE_IN(ctx, "pull.after_store"));        /* stored; cursor not moved */
    move_on(ctx, work);
    return in_transaction(ctx, save_place, work);
}

/* --- The sweep ----------------------------------------------------------------------------- */

/* A cursor that is ahead of our clock, as after a clock was set back, counts as now. */
static void begin_sweep(const struct ctx *ctx, const struct provider *provider,
                        struct pull_cursor *cursor, int overlap_s)
{
    if (cursor->page_after[0] != '\0')
        return;                                 /* one was cut off: continue it */
    if (cursor->pulled_to_s > ctx->now_ms / 1000)
        cursor->pulled_to_s = ctx->now_ms / 1000;
    if (provider->lists_what_was_made && overlap_s < PULL_OVERLAP_OF_MADE_S)
        overlap_s = PULL_OVERLAP_OF_MADE_S;
    cursor->sweep_from_s = cursor->pulled_to_s - overlap_s;
    cursor->sweep_to_s = cursor->pulled_to_s;
    cursor->sweep_is_deep = provider->lists_what_was_made && cursor->deep_is_due;
    if (cursor->sweep_is_deep && cursor->sweep_from_s > ctx->now_ms / 1000 - DEEP_S)
        cursor->sweep_from_s = ctx->now_ms / 1000 - DEEP_S;
}

static int due_in_s(const struct ctx *ctx, enum pull_result result)
{
    int interval_s = ctx->settings->events_pull_interval_s;

    if (result == PULL_GOES_ON)
        return 0;
    return result == PULL_NO_ANSWER && interval_s > PULL_RETRY_S ? PULL_RETRY_S : interval_s;
}

static const struct problem *let_go(struct ctx *ctx, void *argument)
{
    const struct pulling *work = argument;

    store_pull_end(ctx, &work->cursor, due_in_s(ctx, work->report.result));
    return OK;
}

const struct problem *pull_events(struct ctx *ctx, const struct provider *provider, bool now,
                                  int overlap_s, struct pull_report *report_out)
{
    struct pulling work = { .provider = provider };
    bool claimed;

    TRY(store_pull_claim(ctx, provider->name, now, &work.cursor, &claimed));
    if (claimed) {
        begin_sweep(ctx, provider, &work.cursor, overlap_s);
        work.report.result = PULL_GOES_ON;
        for (int page = 0; page < PULL_PAGES_AT_ONCE && work.report.result == PULL_GOES_ON; page++)
            TRY(read_page(ctx, &work));
        TRY(in_transaction(ctx, let_go, &work));
    }
    *report_out = work.report;
    return OK;
}

const char *pull_result_name(enum pull_result result)
{
    switch (result) {
    case PULL_NOT_DUE:   return "not_due";
    case PULL_CAUGHT_UP: return "caught_up";
    case PULL_GOES_ON:   return "goes_on";
    case PULL_NO_ANSWER: return "no_answer";
    }
    return "";
}
