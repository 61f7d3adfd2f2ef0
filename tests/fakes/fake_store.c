/* The store in memory: its transactions, its queue and its scripted faults (fake_store.h). */
#include "fake_store_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake_crash.h"

struct store *fake_store_new(void)
{
    struct store *store = calloc(1, sizeof(*store));

    assert_non_null(store);
    return store;
}

void fake_store_free(struct store *store)
{
    free(store);
}

void fake_store_fail(struct store *store, int nth_wait, enum fake_fault fault)
{
    assert_true(store->fault_count < FAKE_FAULTS_MAX);
    store->faults[store->fault_count].at_wait = store->wait_count + nth_wait;
    store->faults[store->fault_count++].fault = fault;
}

void fake_store_is_down(struct store *store, bool down)
{
    store->down = down;
}

void fake_store_forget_faults(struct store *store)
{
    store->fault_count = 0;
    store->down = false;
}

void fake_store_set_now(struct store *store, int64_t now_ms)
{
    store->now_ms = now_ms;
}

void part_forget_transaction(struct store *store)
{
    store->wanted = false;
    store->open = false;
    store->aborted = false;
    store->queue_count = 0;
    store->locked_key = false;
    store->locked_order.text[0] = '\0';
    store->locked_payment.text[0] = '\0';
}

void fake_store_reconnect(struct store *store)
{
    part_forget_transaction(store);
}

bool fake_store_in_transaction(const struct store *store) { return store->open || store->wanted; }
int  fake_store_wait_count(const struct store *store)     { return store->wait_count; }
int  fake_store_begin_count(const struct store *store)    { return store->begin_count; }
int  fake_store_repeat_count(const struct store *store)   { return store->repeat_count; }
int  fake_store_refusal_count(const struct store *store)  { return store->refusal_count; }

struct fake_tables *fake_store_tables(struct store *store)
{
    return &store->committed;
}

int fake_store_count_events(struct store *store, enum domain_event type)
{
    int count = 0;

    for (int i = 0; i < store->committed.audit_count; i++)
        count += store->committed.audit[i].event == type;
    return count;
}

int fake_store_count_audits(struct store *store, const char *action)
{
    int count = 0;

    for (int i = 0; i < store->committed.audit_count; i++)
        count += strcmp(store->committed.audit[i].action, action) == 0;
    return count;
}

int fake_store_count_answers(struct store *store, const char *operation)
{
    char member[64];
    int count = 0;

    snprintf(member, sizeof(member), "\"answer\":{\"operation\":\"%s\"", operation);
    for (int i = 0; i < store->committed.audit_count; i++)
        count += strstr(store->committed.audit[i].body, member) != NULL;
    return count;
}

/* --- Waiting ------------------------------------------------------------------------------- */

static bool take_fault(struct store *store, enum fake_fault *fault_out)
{
    for (int i = 0; i < store->fault_count; i++)
        if (store->faults[i].at_wait == store->wait_count) {
            *fault_out = store->faults[i].fault;
            return true;
        }
    *fault_out = FAULT_CONNECTION_LOST_BEFORE;
    return store->down;
}

static const struct problem *connection_lost(struct ctx *ctx, bool in_commit)
{
    struct problem *problem = part_repeatable(ctx, PROBLEM_DATABASE_UNAVAILABLE, "connection lost");

    part_forget_transaction(ctx->store);
    problem->in_doubt = in_commit;
    return problem;
}

static const struct problem *fail_before(struct ctx *ctx, enum fake_fault fault, bool in_commit)
{
    switch (fault) {
    case FAULT_CONNECTION_LOST_BEFORE:
        return connection_lost(ctx, in_commit);
    case FAULT_SERIALIZATION:
        return part_repeatable(ctx, PROBLEM_OVERLOADED, "40001");
    case FAULT_REFUSED:
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL, "Something went wrong."),
                               "scripted");
    case FAULT_CONNECTION_LOST_AFTER:
        break;
    }
    return OK;
}

static const struct problem *apply_queue(struct ctx *ctx)
{
    struct store *store = ctx->store;

    for (int i = 0; i < store->queue_count; i++)
        TRY(store->queue[i].apply(ctx, store->queue[i].argument));
    store->queue_count = 0;
    return OK;
}

/* The first statement that is not a peek. */
static void begin_if_wanted(struct store *store)
{
    if (!store->wanted)
        return;
    fake_tables_copy(&store->working, &store->committed);
    store->wanted = false;
    store->open = true;
    store->begin_count++;
}

/* One round trip. in_commit: read NULL. */
static const struct problem *exchange(struct ctx *ctx, part_read *read, void *argument)
{
    struct store *store = ctx->store;
    enum fake_fault fault;
    bool faulty, was_open = store->open, in_commit = read == NULL;
    const struct problem *problem = OK;

    if (store->aborted)
        fail_msg("a statement was sent after an error and before the rollback");
    fake_crash_point();
    store->wait_count++;
    faulty = take_fault(store, &fault);
    if (faulty)
        problem = fail_before(ctx, fault, in_commit);
    if (problem == OK)
        problem = apply_queue(ctx);
    if (problem == OK && !in_commit)
        problem = read(ctx, argument);
    if (problem != OK) {
        store->aborted = was_open;
        return problem;
    }
    if (in_commit) {
        fake_tables_copy(&store->committed, &store->working);
        part_forget_transaction(store);
    }
    fake_crash_point();
    return faulty && fault == FAULT_CONNECTION_LOST_AFTER ? connection_lost(ctx, in_commit) : OK;
}

const struct problem *part_wait(struct ctx *ctx, part_read *read, void *argument)
{
    begin_if_wanted(ctx->store);
    return exchange(ctx, read, argument);
}

/* The rival works between two requests' round trips, so it meets no transaction of ours. */
static void let_rival_in(struct store *store)
{
    fake_rival *rival = store->rival;
    bool wanted = store->wanted;

    if (rival == NULL || store->open)
        return;
    store->rival = NULL;
    store->wanted = false;
    rival(store->rival_argument);
    store->wanted = wanted;
}

const struct problem *part_peek(struct ctx *ctx, part_read *read, void *argument)
{
    TRY(exchange(ctx, read, argument));
    let_rival_in(ctx->store);
    return OK;
}

void fake_store_after_peek(struct store *store, fake_rival *rival, void *argument)
{
    store->rival = rival;
    store->rival_argument = argument;
}

void part_queue(struct ctx *ctx, part_apply *apply, const void *argument)
{
    struct store *store = ctx->store;

    begin_if_wanted(store);
    if (!store->open)
        fail_msg("a write outside a transaction");
    assert_true(store->queue_count < FAKE_QUEUE_MAX);
    store->queue[store->queue_count++] = (struct queued) { apply, argument };
}
