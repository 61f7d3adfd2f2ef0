/*
 * The circuit breakers of the providers: counts of calls in memory that processes share, and the
 * guard in front of a provider's calls.
 */
#include "infrastructure/providers/breaker.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "infrastructure/clock.h"
#include "infrastructure/shared_memory.h"

#define LEFT_MAX_MS 60000               /* neither a wait nor a lease is longer */
#define WINDOW_MS   (BREAKER_BUCKETS * (int64_t) BREAKER_BUCKET_MS)

/* --- Counting ------------------------------------------------------------------------------ */

/* The first call in a new interval empties its bucket. */
static void count(struct breaker_slot *slot, bool answered, int64_t now_ms)
{
    int64_t begin_ms = now_ms - now_ms % BREAKER_BUCKET_MS;
    int at = (int) (now_ms / BREAKER_BUCKET_MS % BREAKER_BUCKETS);
    int64_t was_ms = slot->buckets[at].begin_ms;

    if (was_ms != begin_ms
        && atomic_compare_exchange_strong(&slot->buckets[at].begin_ms, &was_ms, begin_ms)) {
        slot->buckets[at].answered = 0;
        slot->buckets[at].failed = 0;
    }
    if (answered)
        slot->buckets[at].answered++;
    else
        slot->buckets[at].failed++;
}

static void sum(const struct breaker_slot *slot, int64_t now_ms, int64_t *answered_out,
                int64_t *failed_out)
{
    *answered_out = *failed_out = 0;
    for (int i = 0; i < BREAKER_BUCKETS; i++) {
        int64_t age_ms = now_ms - slot->buckets[i].begin_ms;

        if (age_ms < 0 || age_ms >= WINDOW_MS)
            continue;
        *answered_out += slot->buckets[i].answered;
        *failed_out += slot->buckets[i].failed;
    }
}

static void forget(struct breaker_slot *slot)
{
    for (int i = 0; i < BREAKER_BUCKETS; i++)
        slot->buckets[i].begin_ms = 0;
}

/* --- The circuit --------------------------------------------------------------------------- */

/* A clock that was set back must not keep it open. */
static int64_t ms_left(const struct breaker_slot *slot, int64_t now_ms)
{
    int64_t left_ms = slot->open_until_ms - now_ms;

    return left_ms > LEFT_MAX_MS ? 0 : left_ms;
}

bool breaker_claim(struct breaker_slot *slot, int64_t now_ms)
{
    int64_t until_ms = slot->open_until_ms;

    if (until_ms == 0)
        return true;
    if (ms_left(slot, now_ms) > 0)
        return false;
    return atomic_compare_exchange_strong(&slot->open_until_ms, &until_ms,
                                          now_ms + BREAKER_LEASE_MS);
}

void breaker_give_back(struct breaker_slot *slot, int64_t now_ms)
{
    if (slot->open_until_ms != 0)
        slot->open_until_ms = now_ms;
}

static void open_circuit(struct breaker_slot *slot, int64_t wait_ms, int64_t now_ms)
{
    slot->wait_ms = wait_ms;
    slot->open_until_ms = now_ms + wait_ms;
}

/* Waiting work may be brought forward after an outage, not after each lost answer. */
static void note_answer(struct breaker_slot *slot, int failures, int64_t now_ms)
{
    bool was_open = atomic_exchange(&slot->open_until_ms, 0) != 0;
    int64_t in_a_row = atomic_exchange(&slot->failed_in_a_row, 0);

    slot->answered_at_ms = now_ms;
    if (was_open)
        forget(slot);                   /* the old failures must not open it again */
    if (was_open || (failures > 0 && in_a_row >= BREAKER_AWAY_AFTER))
        slot->back_at_ms = now_ms;
}

static void note_failure(struct breaker_slot *slot, int failures, int status, int64_t now_ms)
{
    int64_t answered, failed;

    slot->failed_status = status;
    slot->failed_in_a_row++;
    if (slot->open_until_ms != 0) {
        int64_t longer_ms = 2 * slot->wait_ms;

        open_circuit(slot, longer_ms > BREAKER_WAIT_MAX_MS ? BREAKER_WAIT_MAX_MS : longer_ms,
                     now_ms);
        return;
    }
    sum(slot, now_ms, &answered, &failed);
    if (failures > 0 && failed >= failures && failed >= answered)
        open_circuit(slot, BREAKER_WAIT_MS, now_ms);
}

void breaker_note(struct breaker_slot *slot, int failures, int ended, int64_t now_ms)
{
    slot->called_at_ms = now_ms;
    count(slot, ended == BREAKER_ANSWERED, now_ms);
    if (ended == BREAKER_ANSWERED)
        note_answer(slot, failures, now_ms);
    else
        note_failure(slot, failures, ended, now_ms);
}

struct provider_health breaker_health(const struct breaker_slot *slot, int64_t now_ms)
{
    int64_t left_ms = ms_left(slot, now_ms);
    struct provider_health health = {
        .circuit_open = slot->open_until_ms != 0,
        .failing = slot->failed_in_a_row > 0,
        .failed_status = (int) slot->failed_status,
        .answered_at_ms = slot->answered_at_ms,
        .called_at_ms = slot->called_at_ms,
        .back_at_ms = slot->back_at_ms,
    };

    if (health.circuit_open && left_ms > 0)
        health.retry_after_s = (int) ((left_ms + 999) / 1000);
    sum(slot, now_ms, &health.answered, &health.failed);
    return health;
}

/* --- Shared memory ------------------------------------------------------------------------- */

/*
 * Programs of several versions map the same file, so nothing in it may move: earlier versions keep
 * their circuits and news at its beginning, and the circuits of a new provider go to its end.
 */
#define FORMER_BOARD_BYTES 4096

struct breaker_board {
    char                former[FORMER_BOARD_BYTES];
    struct store_news   news;
    struct breaker_slot slots[PROVIDERS_MAX][PROVIDER_DIRECTIONS];
};

struct store_news *breaker_board_news(struct breaker_board *board)
{
    return &board->news;
}

/* A board of zeroes is valid, so no process has to initialize it. */
struct breaker_board *breaker_board_open(const char *file, const char **complaint_out)
{
    void *board = NULL;

    *complaint_out = NULL;
    if (file[0] != '\0')
        board = shared_memory_open(file, sizeof(struct breaker_board), complaint_out);
    return board != NULL ? board : shared_memory_new(sizeof(struct breaker_board));
}

/* --- Around a provider --------------------------------------------------------------------- */

struct breaker {
    struct breaker_slot *slots[PROVIDER_DIRECTIONS];
    int                  failures;
    void (*call)(struct ctx *, const struct provider *, const struct provider_request *,
                 struct provider_reply *);
};

static enum provider_direction direction_of(const struct provider_request *request)
{
    return strcmp(request->method, "GET") == 0 ? PROVIDER_READS : PROVIDER_WRITES;
}

static const char *direction_name(enum provider_direction direction)
{
    return direction == PROVIDER_READS ? "reads" : "writes";
}

static bool is_answer(const struct provider_reply *reply)
{
    return reply->complete && reply->http_status < 500 && reply->http_status != 401
        && reply->http_status != 403;
}

/*
 * A replayed 5xx shows how the provider was, not how it is: it is neither a failure nor an answer.
 */
static bool says_nothing(const struct provider_reply *reply)
{
    return reply->complete && reply->replayed && reply->http_status >= 500;
}

static int how_it_ended(const struct provider_reply *reply)
{
    if (is_answer(reply))
        return BREAKER_ANSWERED;
    return reply->complete ? reply->http_status : 0;
}

static void log_turn(const struct ctx *ctx, const struct provider *provider,
                     enum provider_direction direction, bool was_open)
{
    struct provider_health health = provider->read_health(provider, direction);

    if (health.circuit_open == was_open)
        return;
    log_event(was_open ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
              was_open ? "provider_answers_again" : "provider_circuit_open",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("provider", provider->name),
              LOG_TEXT("direction", direction_name(direction)),
              LOG_NUMBER("answered", health.answered), LOG_NUMBER("failed", health.failed));
}

/*
 * Logs the first failure after an answer; later ones are only counted. A refused key needs a human.
 */
static void log_failure(const struct ctx *ctx, const struct provider *provider,
                        const struct provider_request *request, const struct provider_reply *reply)
{
    bool refused = reply->http_status == 401 || reply->http_status == 403;

    log_event(refused ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "provider_fails",
              LOG_TEXT("traceId", ctx->trace_id), LOG_TEXT("provider", provider->name),
              LOG_TEXT("operation", provider_operation_name(request->operation)),
              LOG_NUMBER("status", reply->http_status),
              LOG_TEXT("cause", refused ? "it refuses our key" : reply->error),
              LOG_TEXT("request", reply->request_id),
              LOG_NUMBER("duration_ms", reply->duration_ms));
}

static const char *outcome_of(const struct provider_reply *reply)
{
    if (!reply->complete)
        return "no_answer";
    return reply->http_status >= 500 ? "failed" : reply->http_status >= 400 ? "refused" : "ok";
}

static void count_call(const struct provider *provider, const struct provider_request *request,
                       const struct provider_reply *reply)
{
    const char *call = provider_operation_name(request->operation);

    metrics_add(METRIC_PROVIDER_CALLS, 1, METRIC_VALUES(provider->name, call, outcome_of(reply)));
    metrics_observe(METRIC_PROVIDER_SECONDS, reply->duration_ms * 1000,
                    METRIC_VALUES(provider->name, call));
}

static struct provider_reply not_sent(const struct breaker_slot *slot)
{
    return (struct provider_reply) {
        .request_id = "", .error = "not sent: the provider did not answer lately",
        .should_retry = -1,
        .retry_after_s = breaker_health(slot, clock_now_ms()).retry_after_s,
    };
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    struct breaker *breaker = provider->breaker;
    enum provider_direction direction = direction_of(request);
    struct breaker_slot *slot = breaker->slots[direction];
    bool was_open = slot->open_until_ms != 0, was_failing = slot->failed_in_a_row > 0;

    if (!breaker_claim(slot, clock_now_ms())) {
        *reply_out = not_sent(slot);
        metrics_add(METRIC_PROVIDER_CALLS, 1,
                    METRIC_VALUES(provider->name, provider_operation_name(request->operation),
                                  "not_sent"));
        return;
    }
    breaker->call(ctx, provider, request, reply_out);
    count_call(provider, request, reply_out);
    if (says_nothing(reply_out)) {
        breaker_give_back(slot, clock_now_ms());
        return;
    }
    breaker_note(slot, breaker->failures, how_it_ended(reply_out), clock_now_ms());
    if (!was_failing && !is_answer(reply_out))
        log_failure(ctx, provider, request, reply_out);
    log_turn(ctx, provider, direction, was_open);
}

static struct provider_health read_health(const struct provider *provider,
                                          enum provider_direction direction)
{
    return breaker_health(provider->breaker->slots[direction], clock_now_ms());
}

struct breaker_slot *breaker_board_slot(struct breaker_board *board, const char *provider,
                                        enum provider_direction direction)
{
    enum provider_id id;
    bool found = provider_find(provider, &id);

    assert(found);
    return &board->slots[id][direction];
}

void breaker_guard(struct breaker_board *board, struct provider *provider, int failures)
{
    struct breaker *breaker = calloc(1, sizeof(*breaker));

    assert(breaker != NULL);
    *breaker = (struct breaker) { .failures = failures, .call = provider->call };
    for (int direction = 0; direction < PROVIDER_DIRECTIONS; direction++)
        breaker->slots[direction] = breaker_board_slot(board, provider->name,
                                                       (enum provider_direction) direction);
    provider->breaker = breaker;
    provider->call = call;
    provider->read_health = read_health;
}
