/*
 * jobs_runner.h - what the pieces of work of payapi-jobs share.
 */
#ifndef PAYAPI_INFRASTRUCTURE_JOBS_JOBS_RUNNER_H
#define PAYAPI_INFRASTRUCTURE_JOBS_JOBS_RUNNER_H

#include "application/ctx.h"
#include "application/watch_providers.h"
#include "domain/ids.h"

#define JOBS_TELL_MS       3000         /* the store that work gets done: see JOBS_SILENT_MS */
#define JOBS_PERIODIC_MAX  8

/* What the program hands over; must live as long as the loop runs. */
struct jobs {
    struct store                 *store;
    const struct provider *const *providers;
    const struct settings        *settings;
};

struct tally {
    int64_t since_ms;                   /* monotonic */
    int     rounds;                     /* complete, without a problem */
    int     payments;
    int     events;
    int     failures;
};

/* The first pull of a provider's events reaches further back and does not wait until it is due. */
enum first_pull { FIRST_PULL_WANTED, FIRST_PULL_UNANSWERED, FIRST_PULL_DONE };

struct runner {
    const struct jobs *jobs;
    struct arena      *batch;           /* what is due */
    struct arena      *item;            /* one piece of it */
    struct tally       tally;
    int                reconnect_ms;
    int64_t            last_round_ms;   /* when a round ended well; Unix, 0 never */
    int64_t            told_at_ms;      /* when the store was last told; monotonic */
    int64_t            looked_at_ms;    /* when health was last checked; monotonic */
    struct provider_watch watch;
    int64_t            due_at_ms[JOBS_PERIODIC_MAX];    /* monotonic; 0: at once */
    bool               left_some;       /* the periodic job under way: it runs again soon */
    enum first_pull    first_pulls[PROVIDERS_MAX];
};

/* SIGTERM and SIGINT stop the program; SIGHUP and SIGPIPE are ignored. */
void runner_handle_signals(void);
/* True once the program was told to stop: the piece under way is the last. */
bool runner_is_stopping(void);
struct ctx runner_ctx(const struct runner *runner, struct arena *arena);
void runner_note_failure(struct runner *runner, const struct ctx *ctx, const char *id,
                         const struct problem *problem);
/* One payment, whatever is open about it; uses and empties runner->item. */
void runner_recover(struct runner *runner, struct payment_id id);

/* After each piece: rolls back what is open, reports life, empties runner->item. */
void runner_finish_piece(struct runner *runner, struct ctx *ctx);
/* Tells the store every JOBS_TELL_MS that work gets done. */
const struct problem *runner_tell_of_life(struct runner *runner, struct ctx *ctx);

#endif
