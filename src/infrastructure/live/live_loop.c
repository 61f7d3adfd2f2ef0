/* What payapi-stream does: it asks the database for news and tells its viewers. */
#include "live_loop.h"

#include <signal.h>
#include <sysexits.h>

#include "application/answer.h"
#include "application/store/store_live.h"
#include "base/json_out.h"
#include "base/log.h"
#include "frame.h"
#include "infrastructure/clock.h"
#include "infrastructure/notify.h"
#include "infrastructure/postgres/store_pg.h"

struct loop {
    const struct live *live;
    struct arena      *arena;           /* of one look */
    int64_t            look_at_ms;      /* the next one; these are of the monotonic clock */
    int                pause_ms;        /* longer than LIVE_LOOK_MS while the database is away */
    int64_t            beat_at_ms;      /* the next line in the log */
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

/* --- Telling one viewer -------------------------------------------------------------------- */

static struct bytes outcome_json(struct ctx *ctx, enum payment_outcome outcome)
{
    struct text text = json_out_begin(ctx->arena);

    json_out_text(&text, "state", payment_outcome_name(outcome));
    return json_out_end(&text);
}

static struct bytes view_json(struct ctx *ctx, enum live_view view, const struct payment *payment)
{
    switch (view) {
    case LIVE_PAYMENT: return payment_json(ctx, payment);
    case LIVE_OUTCOME: return outcome_json(ctx, payment_outcome(&payment->facts));
    }
    return (struct bytes) { 0 };
}

static void tell(struct ctx *ctx, struct viewer *viewer, int64_t id, struct bytes json)
{
    viewer_say(viewer, frame_event(ctx->arena, id, json), clock_monotonic_ms());
    viewer->asked.after = id;
}

static void note_outcome(struct viewer *viewer, const struct payment *payment)
{
    enum payment_outcome outcome = payment_outcome(&payment->facts);
    bool is_final = outcome == OUTCOME_PAID || outcome == OUTCOME_NOT_PAID;

    if (!is_final)
        viewer->final_ms = 0;
    else if (viewer->final_ms == 0)
        viewer->final_ms = clock_monotonic_ms();
}

/* False when the payment now pays another order, which its viewer perhaps may not see. */
static bool is_the_same_order(struct viewer *viewer, const struct payment *payment)
{
    if (viewer->order_id.text[0] == '\0')
        viewer->order_id = payment->order_id;
    return strcmp(viewer->order_id.text, payment->order_id.text) == 0;
}

static void tell_change(struct ctx *ctx, struct viewer *viewer, const struct live_answer *answer)
{
    if (!is_the_same_order(viewer, &answer->payment)) {
        viewer->is_ending = true;
        return;
    }
    note_outcome(viewer, &answer->payment);
    tell(ctx, viewer, answer->seq, view_json(ctx, viewer->asked.view, &answer->payment));
}

/*
 * The first frame is the state. Whoever resumes with an event that we know has it; the changes
 * since then follow.
 */
static void tell_state(struct ctx *ctx, struct viewer *viewer, const struct live_answer *answer)
{
    bool resumes = viewer->asked.after > 0 && viewer->asked.after <= answer->seq;

    viewer->has_state = true;
    if (!resumes) {
        tell_change(ctx, viewer, answer);
        return;
    }
    (void) is_the_same_order(viewer, &answer->payment);
    note_outcome(viewer, &answer->payment);
}

/* Only an outcome is shown of a payment that does not exist, like the page's question for it. */
static void tell_nothing_is_known(struct ctx *ctx, struct viewer *viewer)
{
    viewer->has_state = true;
    if (viewer->asked.view == LIVE_OUTCOME)
        tell(ctx, viewer, 0, outcome_json(ctx, OUTCOME_CONFIRMING));
    else
        viewer->is_ending = true;
}

/* --- One look ------------------------------------------------------------------------------ */

/* Of those who have the state, or of those who lack it. */
static int ask(const struct viewers *viewers, bool has_state, int most,
               struct live_question *questions_out)
{
    int count = 0;

    for (int i = 0; i < viewers->limits.viewers_max && count < most; i++) {
        const struct viewer *viewer = &viewers->all[i];

        if (viewer->is_used && viewer->has_state == has_state && viewer_is_idle(viewer)
            && !viewer->is_ending)
            questions_out[count++] = (struct live_question) { i, viewer->asked.payment_id,
                                                              viewer->asked.after };
    }
    return count;
}

static const struct problem *look_for_states(struct ctx *ctx, struct viewers *viewers,
                                             struct live_question *questions)
{
    int asked = ask(viewers, false, LIVE_ROWS_MAX, questions), answered;
    struct live_answer *answers;

    if (asked == 0)
        return OK;
    TRY(store_live_states(ctx, questions, asked, &answers, &answered));
    for (int i = 0; i < answered; i++)
        tell_state(ctx, &viewers->all[answers[i].place], &answers[i]);
    for (int i = 0; i < asked; i++)
        if (!viewers->all[questions[i].place].has_state)
            tell_nothing_is_known(ctx, &viewers->all[questions[i].place]);
    return OK;
}

static const struct problem *look_for_changes(struct ctx *ctx, struct viewers *viewers,
                                              struct live_question *questions)
{
    int asked = ask(viewers, true, viewers->limits.viewers_max, questions), answered;
    struct live_answer *answers;

    if (asked == 0)
        return OK;
    TRY(store_live_changes(ctx, questions, asked, &answers, &answered));
    for (int i = 0; i < answered; i++)
        tell_change(ctx, &viewers->all[answers[i].place], &answers[i]);
    return OK;
}

static const struct problem *look(struct loop *loop)
{
    static const struct settings none;
    struct viewers *viewers = loop->live->viewers;
    struct ctx ctx = ctx_new(loop->arena, loop->live->store, NULL, &none, clock_now_ms());
    struct live_question *questions =
        arena_alloc(loop->arena, (size_t) viewers->limits.viewers_max * sizeof(*questions));

    TRY(store_ready(&ctx));
    TRY(look_for_states(&ctx, viewers, questions));
    return look_for_changes(&ctx, viewers, questions);
}

/* --- The loop ------------------------------------------------------------------------------ */

static void note_look(struct loop *loop, const struct problem *problem)
{
    if (problem == OK) {
        if (loop->pause_ms > LIVE_LOOK_MS)
            log_event(LOG_LEVEL_INFO, "database_available",
                      LOG_NUMBER("streams", loop->live->viewers->count));
        loop->pause_ms = LIVE_LOOK_MS;
        return;
    }
    if (loop->pause_ms == LIVE_LOOK_MS)
        log_event(LOG_LEVEL_ERROR, "database_unavailable", LOG_TEXT("cause", problem->cause));
    loop->pause_ms *= 2;
    if (loop->pause_ms > LIVE_LOOK_MAX_MS)
        loop->pause_ms = LIVE_LOOK_MAX_MS;
}

/* At once for a newcomer, unless the database is away. */
static int ms_until_look(const struct loop *loop)
{
    int64_t left_ms = loop->look_at_ms - clock_monotonic_ms();

    if (left_ms < 0 || (loop->live->viewers->has_newcomer && loop->pause_ms == LIVE_LOOK_MS))
        return 0;
    return left_ms < LIVE_LOOK_MS ? (int) left_ms : LIVE_LOOK_MS;
}

static void look_when_due(struct loop *loop)
{
    if (loop->live->viewers->count == 0 || ms_until_look(loop) > 0)
        return;
    loop->live->viewers->has_newcomer = false;
    note_look(loop, look(loop));
    arena_reset(loop->arena);
    loop->look_at_ms = clock_monotonic_ms() + loop->pause_ms;
}

static void pace_viewers(const struct live *live)
{
    struct viewers *viewers = live->viewers;
    int64_t now_ms = clock_monotonic_ms();

    for (int i = 0; i < viewers->limits.viewers_max; i++) {
        struct viewer *viewer = &viewers->all[i];

        if (!viewer->is_used)
            continue;
        viewer_pace(viewer, &viewers->limits, now_ms);
        if (viewer->is_ending || !viewer_is_idle(viewer))
            live_server_wake(live->server, viewer);
    }
}

static void beat(struct loop *loop)
{
    const struct viewers *viewers = loop->live->viewers;
    int64_t now_ms = clock_monotonic_ms();

    notify_alive();
    if (now_ms < loop->beat_at_ms)
        return;
    loop->beat_at_ms = now_ms + LIVE_HEARTBEAT_MS;
    log_event(LOG_LEVEL_INFO, "streams", LOG_NUMBER("open", viewers->count),
              LOG_NUMBER("refused", viewers->refused));
}

int live_loop(const struct live *live)
{
    struct loop loop = { .live = live, .arena = arena_new(), .pause_ms = LIVE_LOOK_MS };

    handle_signals();
    log_event(LOG_LEVEL_INFO, "stream_started",
              LOG_NUMBER("streams_max", live->viewers->limits.viewers_max));
    notify_ready();
    while (!stopping) {
        live_server_run(live->server, live->viewers->count > 0 ? ms_until_look(&loop)
                                                               : LIVE_LOOK_MS);
        look_when_due(&loop);
        pace_viewers(live);
        beat(&loop);
    }
    notify_stopping();
    log_event(LOG_LEVEL_INFO, "stream_stopped", LOG_NUMBER("streams", live->viewers->count));
    arena_free(loop.arena);
    return EX_OK;
}
