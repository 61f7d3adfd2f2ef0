#include "fake_store.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#include "fake_crash.h"
#include "fake_store_parts.h"

#define QUEUE_MAX  32
#define FAULTS_MAX 16

struct queued {
    const struct problem *(*apply)(struct ctx *ctx, const void *argument);
    const void *argument;               /* in the arena of the request */
};

struct store {
    struct store_health health;
    struct fake_tables committed;
    struct fake_tables working;         /* the open transaction's */
    bool               open;
    bool               aborted;         /* had an error: only a rollback may follow */
    struct queued      queue[QUEUE_MAX];
    int                queue_count;
    struct order_id    locked_order;
    struct payment_id  locked_payment;

    struct { int at_wait; enum fake_fault fault; } faults[FAULTS_MAX];
    int                fault_count;
    bool               down;
    int64_t            now_ms;
    char        back[16];               /* the provider that was said to answer again */
    int                wait_count, begin_count, repeat_count, refusal_count, notify_count;
};

/* --- For the files of one subject (fake_store_parts.h) --------------------------------------- */

static struct fake_tables *tables(struct store *store);
static const struct problem *refuse(struct ctx *ctx, const char *constraint);
static const struct problem *wait_for(struct ctx *ctx,
                                      const struct problem *(*read)(struct ctx *ctx, void *argument),
                                      void *argument);
static void queue(struct ctx *ctx,
                  const struct problem *(*apply)(struct ctx *ctx, const void *argument),
                  const void *argument);
static struct payment *payment_row(struct fake_tables *rows, const char *id);
static void lock_payment(struct store *store, const struct payment *row, struct payment_lock *out);

struct fake_tables *part_tables(struct ctx *ctx)
{
    return tables(ctx->store);
}

void part_queue(struct ctx *ctx, part_apply *apply, const void *argument)
{
    queue(ctx, apply, argument);
}

const struct problem *part_wait(struct ctx *ctx, part_read *read, void *argument)
{
    return wait_for(ctx, read, argument);
}

const struct problem *part_refuse(struct ctx *ctx, const char *constraint)
{
    return refuse(ctx, constraint);
}

void part_lock_payment(struct ctx *ctx, struct payment_id id, struct payment_lock *lock_out)
{
    lock_payment(ctx->store, payment_row(tables(ctx->store), id.text), lock_out);
}

bool part_is_locked(struct ctx *ctx, struct payment_id id)
{
    return strcmp(ctx->store->locked_payment.text, id.text) == 0;
}

/* --- For the tests ------------------------------------------------------------------------- */

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
    assert_true(store->fault_count < FAULTS_MAX);
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

static void forget_transaction(struct store *store)
{
    store->open = false;
    store->aborted = false;
    store->queue_count = 0;
    store->locked_order.text[0] = '\0';
    store->locked_payment.text[0] = '\0';
}

void fake_store_reconnect(struct store *store)
{
    forget_transaction(store);
}

bool fake_store_in_transaction(const struct store *store) { return store->open; }
int  fake_store_wait_count(const struct store *store)     { return store->wait_count; }
int  fake_store_begin_count(const struct store *store)    { return store->begin_count; }
int  fake_store_repeat_count(const struct store *store)   { return store->repeat_count; }
int  fake_store_refusal_count(const struct store *store)  { return store->refusal_count; }

struct fake_tables *fake_store_tables(struct store *store)
{
    return &store->committed;
}

int fake_store_count_events(struct store *store, enum event_type type)
{
    int count = 0;

    for (int i = 0; i < store->committed.outbox_count; i++)
        count += store->committed.outbox[i].type == type;
    return count;
}

int fake_store_count_audits(struct store *store, const char *action)
{
    int count = 0;

    for (int i = 0; i < store->committed.audit_count; i++)
        count += strcmp(store->committed.audit[i].action, action) == 0;
    return count;
}

/* --- Rows ---------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

#define COPY(to, from) copy_text((to), sizeof(to), (from))
static void copy_text(char *to, size_t size, const char *from)
{
    assert_true(strlen(from) < size);
    strcpy(to, from);
}

#define COPY_ROWS(to, from, rows, count) \
    memcpy((to)->rows, (from)->rows, (size_t) (from)->count * sizeof((from)->rows[0])), \
    (to)->count = (from)->count

void fake_tables_copy(struct fake_tables *to, const struct fake_tables *from)
{
    COPY_ROWS(to, from, orders, order_count);
    COPY_ROWS(to, from, payments, payment_count);
    COPY_ROWS(to, from, refunds, refund_count);
    COPY_ROWS(to, from, disputes, dispute_count);
    COPY_ROWS(to, from, calls, call_count);
    COPY_ROWS(to, from, keys, key_count);
    COPY_ROWS(to, from, webhooks, webhook_count);
    COPY_ROWS(to, from, ledger, ledger_count);
    COPY_ROWS(to, from, audit, audit_count);
    COPY_ROWS(to, from, outbox, outbox_count);
    to->cursor = from->cursor;
}

static void copy_bytes(char *to, size_t size, struct bytes from)
{
    assert_true(from.size < size);
    if (from.size > 0)
        memcpy(to, from.data, from.size);
    to[from.size] = '\0';
}

static struct fake_tables *tables(struct store *store)
{
    return store->open ? &store->working : &store->committed;
}

static struct order *order_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->order_count; i++)
        if (same(rows->orders[i].id.text, id))
            return &rows->orders[i];
    return NULL;
}

static struct payment *payment_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->payment_count; i++)
        if (same(rows->payments[i].id.text, id))
            return &rows->payments[i];
    return NULL;
}

static struct refund *refund_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->refund_count; i++)
        if (same(rows->refunds[i].id.text, id))
            return &rows->refunds[i];
    return NULL;
}

static struct fake_call *call_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->call_count; i++)
        if (same(rows->calls[i].id.text, id))
            return &rows->calls[i];
    return NULL;
}

static struct fake_key *key_row(struct fake_tables *rows, const struct idempotency_key *key)
{
    for (int i = 0; i < rows->key_count; i++)
        if (same(rows->keys[i].principal, key->principal) && same(rows->keys[i].route, key->route)
            && same(rows->keys[i].key, key->key))
            return &rows->keys[i];
    return NULL;
}

/* The partial index one_live_payment. */
static bool holds_order(const struct payment *payment)
{
    return (payment_is_open(&payment->facts) || payment->facts.captured_minor > 0)
        && !payment->surplus;
}

static struct payment *holder_of(struct fake_tables *rows, const char *order_id, const char *except)
{
    for (int i = 0; i < rows->payment_count; i++)
        if (same(rows->payments[i].order_id.text, order_id) && holds_order(&rows->payments[i])
            && !same(rows->payments[i].id.text, except))
            return &rows->payments[i];
    return NULL;
}

static const struct problem *refuse(struct ctx *ctx, const char *constraint)
{
    ctx->store->refusal_count++;
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL, "Something went wrong."),
                           "%s", constraint);
}

static struct problem *repeatable(struct ctx *ctx, enum problem_type type, const char *cause)
{
    struct problem *problem = problem_because(ctx->arena,
                                              problem_new(ctx->arena, type, "Try again."), "%s",
                                              cause);

    problem->repeatable = true;
    return problem;
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
    struct problem *problem = repeatable(ctx, PROBLEM_DATABASE_UNAVAILABLE, "connection lost");

    forget_transaction(ctx->store);
    problem->in_doubt = in_commit;
    return problem;
}

static const struct problem *fail_before(struct ctx *ctx, enum fake_fault fault, bool in_commit)
{
    switch (fault) {
    case FAULT_CONNECTION_LOST_BEFORE:
        return connection_lost(ctx, in_commit);
    case FAULT_SERIALIZATION:
        return repeatable(ctx, PROBLEM_OVERLOADED, "40001");
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

/* One round trip: everything queued, then read (NULL: a commit). */
static const struct problem *wait_for(struct ctx *ctx,
                                      const struct problem *(*read)(struct ctx *ctx, void *argument),
                                      void *argument)
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
        forget_transaction(store);
    }
    fake_crash_point();
    return faulty && fault == FAULT_CONNECTION_LOST_AFTER ? connection_lost(ctx, in_commit) : OK;
}

static void queue(struct ctx *ctx,
                  const struct problem *(*apply)(struct ctx *ctx, const void *argument),
                  const void *argument)
{
    struct store *store = ctx->store;

    if (!store->open)
        fail_msg("a write outside a transaction");
    assert_true(store->queue_count < QUEUE_MAX);
    store->queue[store->queue_count++] = (struct queued) { apply, argument };
}

/* --- Transactions -------------------------------------------------------------------------- */

void store_begin(struct ctx *ctx)
{
    struct store *store = ctx->store;

    if (store->open || store->aborted)
        fail_msg("a transaction inside a transaction");
    fake_tables_copy(&store->working, &store->committed);
    store->open = true;
    store->begin_count++;
}

const struct problem *store_commit(struct ctx *ctx)
{
    if (!ctx->store->open)
        fail_msg("COMMIT without a transaction");
    return wait_for(ctx, NULL, NULL);
}

void store_rollback_if_open(struct ctx *ctx)
{
    forget_transaction(ctx->store);
}

void store_prepare_repeat(struct ctx *ctx, int try)
{
    assert_false(ctx->store->open);
    assert_in_range(try, 1, 3);
    ctx->store->repeat_count++;
}

/* --- Idempotency keys ---------------------------------------------------------------------- */

struct claim_read { const struct idempotency_key *key; struct claim *out; };

static void take_key(struct store *store, struct fake_key *row, const char *holder,
                     struct claim *out)
{
    if (!same(row->holder, holder)) {
        row->fence++;
        COPY(row->holder, holder);
    }
    row->locked_until_ms = store->now_ms + IDEMPOTENCY_LEASE_S * 1000;
    *out = (struct claim) { .state = CLAIM_MINE, .fence = row->fence,
                            .payment_id = row->payment_id };
}

static void claim_existing(struct ctx *ctx, struct fake_key *row, const struct idempotency_key *key,
                           struct claim *out)
{
    *out = (struct claim) { .state = CLAIM_RUNNING };
    if (!same(row->fingerprint, key->fingerprint)) {
        out->state = CLAIM_OTHER_REQUEST;
    } else if (row->done) {
        out->state = CLAIM_DONE;
        out->answer.http_status = row->answer_status;
        out->answer.body = bytes_of(arena_strdup(ctx->arena, row->answer_body));
        out->answer.retry_after_s = row->answer_retry_after_s;
    } else if (same(row->holder, key->holder) || row->locked_until_ms < ctx->store->now_ms) {
        take_key(ctx->store, row, key->holder, out);
    }
}

static const struct problem *read_claim(struct ctx *ctx, void *argument)
{
    const struct claim_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    struct fake_key *row = key_row(rows, read->key);

    if (row != NULL) {
        claim_existing(ctx, row, read->key, read->out);
        return OK;
    }
    assert_true(rows->key_count < FAKE_ROWS_MAX);
    row = &rows->keys[rows->key_count++];
    *row = (struct fake_key) { .done = false };
    COPY(row->principal, read->key->principal);
    COPY(row->route, read->key->route);
    COPY(row->key, read->key->key);
    COPY(row->fingerprint, read->key->fingerprint);
    take_key(ctx->store, row, read->key->holder, read->out);
    return OK;
}

const struct problem *store_key_claim(struct ctx *ctx, const struct idempotency_key *key,
                                      struct claim *claim_out)
{
    struct claim_read read = { key, claim_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_claim, &read);
}

struct key_write {
    struct idempotency_key key;
    int64_t                fence;
    struct payment_id      payment_id;
    struct answer          answer;
    bool                   unbind;
};

static struct key_write *key_write(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    struct key_write *write = arena_alloc(ctx->arena, sizeof(*write));

    write->key = *key;
    write->fence = fence;
    return write;
}

static struct fake_key *key_still_ours(struct ctx *ctx, const struct key_write *write)
{
    struct fake_key *row = key_row(tables(ctx->store), &write->key);

    return row != NULL && row->fence == write->fence && same(row->holder, write->key.holder) ? row
                                                                                            : NULL;
}

static const struct problem *apply_key_bind(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL || row->done)
        return refuse(ctx, "key_fence");
    row->payment_id = write->payment_id;
    return OK;
}

static const struct problem *apply_key_hold(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;

    if (key_still_ours(ctx, write) == NULL)
        return refuse(ctx, "key_fence");
    return OK;
}

/* Once more with the same fence is fine: the first COMMIT had no answer. */
static const struct problem *apply_key_finish(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL)
        return refuse(ctx, "key_fence");
    row->done = true;
    row->answer_status = write->answer.http_status;
    row->answer_retry_after_s = write->answer.retry_after_s;
    copy_bytes(row->answer_body, sizeof(row->answer_body), write->answer.body);
    return OK;
}

static const struct problem *apply_key_release(struct ctx *ctx, const void *argument)
{
    const struct key_write *write = argument;
    struct fake_key *row = key_still_ours(ctx, write);

    if (row == NULL || row->done)
        return refuse(ctx, "key_fence");
    row->locked_until_ms = 0;
    if (write->unbind)
        row->payment_id.text[0] = '\0';
    return OK;
}

void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    queue(ctx, apply_key_hold, key_write(ctx, key, fence));
}

void store_key_bind(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                    struct payment_id payment_id)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->payment_id = payment_id;
    queue(ctx, apply_key_bind, write);
}

void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->answer = *answer;
    queue(ctx, apply_key_finish, write);
}

void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence, bool unbind)
{
    struct key_write *write = key_write(ctx, key, fence);

    write->unbind = unbind;
    queue(ctx, apply_key_release, write);
}

/* --- Orders -------------------------------------------------------------------------------- */

static const struct problem *apply_order_insert(struct ctx *ctx, const void *argument)
{
    const struct order *order = argument;
    struct fake_tables *rows = tables(ctx->store);

    if (order_row(rows, order->id.text) != NULL)
        return problem_new(ctx->arena, PROBLEM_ORDER_ALREADY_EXISTS, "Order %s exists already.",
                           order->id.text);
    assert_true(rows->order_count < FAKE_ROWS_MAX);
    rows->orders[rows->order_count++] = *order;
    return OK;
}

void store_order_insert(struct ctx *ctx, const struct order *order)
{
    struct order *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *order;
    queue(ctx, apply_order_insert, copy);
}

struct order_label { struct order_id id; enum order_status status; };

static const struct problem *apply_order_status(struct ctx *ctx, const void *argument)
{
    const struct order_label *label = argument;
    struct order *row = order_row(tables(ctx->store), label->id.text);

    if (row == NULL || !same(ctx->store->locked_order.text, label->id.text))
        fail_msg("an order's status was set without its lock");
    row->status = label->status;
    return OK;
}

void store_order_set_status(struct ctx *ctx, struct order_id id, enum order_status status)
{
    struct order_label *label = arena_alloc(ctx->arena, sizeof(*label));

    *label = (struct order_label) { id, status };
    queue(ctx, apply_order_status, label);
}

struct order_owner { struct order_id id; const char *owner_id; };

static const struct problem *apply_order_owner(struct ctx *ctx, const void *argument)
{
    const struct order_owner *given = argument;
    struct order *row = order_row(tables(ctx->store), given->id.text);

    if (row == NULL || !same(row->owner_id, ORDER_OWNER_UNKNOWN))
        return refuse(ctx, "order_is_immutable");
    COPY(row->owner_id, given->owner_id);
    return OK;
}

void store_order_set_owner(struct ctx *ctx, struct order_id id, const char *owner_id)
{
    struct order_owner *given = arena_alloc(ctx->arena, sizeof(*given));

    *given = (struct order_owner) { id, owner_id };
    queue(ctx, apply_order_owner, given);
}

struct order_read { struct order_id id; const char *owner; struct order *out; bool *found_out; };

static struct order *visible_order(struct fake_tables *rows, struct order_id id, const char *owner)
{
    struct order *row = order_row(rows, id.text);

    return row != NULL && (owner == NULL || same(row->owner_id, owner)) ? row : NULL;
}

static const struct problem *read_order(struct ctx *ctx, void *argument)
{
    const struct order_read *read = argument;
    const struct order *row = visible_order(tables(ctx->store), read->id, read->owner);

    *read->found_out = row != NULL;
    if (row != NULL)
        *read->out = *row;
    return OK;
}

const struct problem *store_order_find(struct ctx *ctx, struct order_id id, const char *owner,
                                       struct order *order_out, bool *found_out)
{
    struct order_read read = { id, owner, order_out, found_out };

    return wait_for(ctx, read_order, &read);
}

struct page_read { const struct order_page_query *query; struct order_page *out; };

/* Newest first: by time, then by id. */
static int compare_orders(const void *a, const void *b)
{
    const struct order *left = a, *right = b;

    if (left->created_at_ms != right->created_at_ms)
        return left->created_at_ms < right->created_at_ms ? 1 : -1;
    return strcmp(right->id.text, left->id.text);
}

static bool is_before_cursor(const struct order *order, const struct order_page_query *query)
{
    if (query->page != 0 || query->after_id == NULL)
        return true;
    if (order->created_at_ms != query->after_created_at_ms)
        return order->created_at_ms < query->after_created_at_ms;
    return strcmp(order->id.text, query->after_id) < 0;
}

static const struct problem *read_page(struct ctx *ctx, void *argument)
{
    const struct page_read *read = argument;
    const struct order_page_query *query = read->query;
    const struct fake_tables *rows = tables(ctx->store);
    struct order *all = arena_alloc(ctx->arena, sizeof(*all) * FAKE_ROWS_MAX);
    int64_t skip = query->page > 0 ? (query->page - 1) * query->limit : 0;
    int count = 0;

    for (int i = 0; i < rows->order_count; i++)
        if ((query->owner == NULL || same(rows->orders[i].owner_id, query->owner))
            && is_before_cursor(&rows->orders[i], query))
            all[count++] = rows->orders[i];
    qsort(all, (size_t) count, sizeof(*all), compare_orders);
    if (skip > count)
        skip = count;
    *read->out = (struct order_page) { .orders = all + skip, .total = count };
    read->out->more = count - skip > query->limit;
    read->out->count = read->out->more ? query->limit : (int) (count - skip);
    return OK;
}

const struct problem *store_orders_list(struct ctx *ctx, const struct order_page_query *query,
                                        struct order_page *page_out)
{
    struct page_read read = { query, page_out };

    return wait_for(ctx, read_page, &read);
}

/* --- Calls of providers -------------------------------------------------------------------- */

static const struct problem *apply_call_insert(struct ctx *ctx, const void *argument)
{
    const struct fake_call *call = argument;
    struct fake_tables *rows = tables(ctx->store);
    struct fake_call *row;

    for (int i = 0; i < rows->call_count; i++)
        if (same(rows->calls[i].id.text, call->id.text)
            || same(rows->calls[i].idempotency_key, call->idempotency_key))
            return refuse(ctx, "provider_key_once");
    if (payment_row(rows, call->payment_id.text) == NULL)
        return refuse(ctx, "call_has_a_payment");
    assert_true(rows->call_count < FAKE_ROWS_MAX);
    row = &rows->calls[rows->call_count++];
    *row = *call;
    row->next_at_ms = ctx->store->now_ms + (call->attempts > 0 ? CALL_LEASE_S * 1000 : 0);
    row->lease_until_ms = call->attempts > 0 ? row->next_at_ms : 0;
    row->sent_at_ms = call->maybe_executed ? row->lease_until_ms : 0;
    return OK;
}

void store_call_insert(struct ctx *ctx, const struct provider_call *call, bool sends)
{
    struct fake_call *row = arena_alloc(ctx->arena, sizeof(*row));

    *row = (struct fake_call) { .id = call->id, .payment_id = call->payment_id,
                                .refund_id = call->refund_id, .attempts = call->attempts, .started_at_ms = call->started_at_ms,
                                .maybe_executed = sends };
    assert_true(!sends || call->attempts > 0);
    COPY(row->provider, call->provider);
    COPY(row->operation, provider_operation_name(call->request.operation));
    COPY(row->method, call->request.method);
    COPY(row->path, call->request.path);
    COPY(row->idempotency_key, call->request.idempotency_key);
    copy_bytes(row->body, sizeof(row->body), call->request.body);
    queue(ctx, apply_call_insert, row);
}

struct call_write {
    struct call_id        id;
    int                   attempts, looks;
    int                   http_status;
    struct call_attempt   attempt;
};

static bool is_leased(const struct store *store, const struct fake_call *row)
{
    return row->lease_until_ms > store->now_ms;
}

static void lease(const struct store *store, struct fake_call *row)
{
    row->lease_until_ms = store->now_ms + CALL_LEASE_S * 1000;
    row->next_at_ms = row->lease_until_ms;
}

static void note_sending(struct fake_call *row)
{
    row->maybe_executed = true;
    row->sent_at_ms = row->lease_until_ms;
}

static const struct problem *apply_call_lease(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = call_row(tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts - 1
        || is_leased(ctx->store, row))
        return repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    row->attempts = write->attempts;
    lease(ctx->store, row);
    note_sending(row);
    return OK;
}

static const struct problem *apply_call_sending(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = call_row(tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts)
        return repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    note_sending(row);
    return OK;
}

static const struct problem *apply_call_record(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    const struct call_attempt *attempt = &write->attempt;
    struct fake_call *row = call_row(tables(ctx->store), write->id.text);

    if (row == NULL || row->attempts != write->attempts)
        return refuse(ctx, "call_fence");
    if (attempt->maybe_executed && attempt->looked && row->sent_at_ms == 0)
        return refuse(ctx, "executed_means_sent");
    row->recorded = true;
    row->verdict = attempt->verdict;
    row->http_status = write->http_status;
    row->finished = attempt->verdict == VERDICT_DONE || attempt->verdict == VERDICT_REFUSED;
    row->lease_until_ms = ctx->store->now_ms;
    row->next_at_ms = ctx->store->now_ms + attempt->retry_ms;
    row->looks = write->looks + attempt->looked;
    row->maybe_executed = attempt->maybe_executed;
    row->replays_5xx = attempt->replays_5xx;
    if (!attempt->looked)
        row->sent_at_ms = ctx->store->now_ms - attempt->sent_age_ms;
    return OK;
}

static struct call_write *call_write(struct ctx *ctx, const struct provider_call *call)
{
    struct call_write *write = arena_alloc(ctx->arena, sizeof(*write));

    write->id = call->id;
    write->attempts = call->attempts;
    write->looks = call->looks;
    return write;
}

void store_call_lease(struct ctx *ctx, const struct provider_call *call)
{
    queue(ctx, apply_call_lease, call_write(ctx, call));
}

void store_call_sending(struct ctx *ctx, const struct provider_call *call)
{
    queue(ctx, apply_call_sending, call_write(ctx, call));
}

void store_call_record(struct ctx *ctx, const struct provider_call *call,
                       const struct call_attempt *attempt)
{
    struct call_write *write = call_write(ctx, call);

    assert_non_null(attempt->reply->error);
    assert_non_null(attempt->reply->request_id);
    assert_true(attempt->retry_ms > 0);
    write->attempt = *attempt;
    write->http_status = attempt->reply->http_status;
    queue(ctx, apply_call_record, write);
}

/* --- Payments ------------------------------------------------------------------------------ */

static const struct problem *apply_call_give_up(struct ctx *ctx, const void *argument)
{
    const struct call_write *write = argument;
    struct fake_call *row = call_row(tables(ctx->store), write->id.text);

    if (row == NULL || row->finished || row->attempts != write->attempts || is_leased(ctx->store, row))
        return repeatable(ctx, PROBLEM_OVERLOADED, "call_fence");
    row->finished = row->given_up = true;
    return OK;
}

void store_call_give_up(struct ctx *ctx, const struct provider_call *call)
{
    queue(ctx, apply_call_give_up, call_write(ctx, call));
}

struct checkout_read {
    const struct idempotency_key *key;
    struct order_id               order_id;
    const char                   *owner;
    struct checkout_lock         *out;
};

static int64_t idle_ms(const struct store *store, const struct fake_call *row)
{
    int64_t since_ms = row->sent_at_ms != 0 ? row->sent_at_ms : row->started_at_ms;

    return store->now_ms > since_ms ? store->now_ms - since_ms : 0;
}

static enum provider_operation operation_named(const char *name)
{
    enum provider_operation operation = OP_ANY;

    assert_true(provider_operation_parse(name, &operation));
    return operation;
}

static struct provider_call call_of(struct ctx *ctx, const struct fake_call *row)
{
    return (struct provider_call) {
        .id = row->id,
        .payment_id = row->payment_id,
        .refund_id = row->refund_id,
        .provider = arena_strdup(ctx->arena, row->provider),
        .request = {
            .operation = operation_named(row->operation),
            .method = arena_strdup(ctx->arena, row->method),
            .path = arena_strdup(ctx->arena, row->path),
            .body = bytes_of(arena_strdup(ctx->arena, row->body)),
            .idempotency_key = arena_strdup(ctx->arena, row->idempotency_key),
        },
        .attempts = row->attempts,
        .started_at_ms = row->started_at_ms,
        .leased = is_leased(ctx->store, row),
        .looks = row->looks,
        .maybe_executed = row->maybe_executed,
        .replays_5xx = row->replays_5xx,
        .idle_ms = idle_ms(ctx->store, row),
    };
}

struct open_calls_read {
    struct payment_id      payment_id;
    struct provider_call **calls;
    int                   *count;
};

static const struct problem *read_open_calls(struct ctx *ctx, void *argument)
{
    const struct open_calls_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);

    *read->calls = arena_alloc(ctx->arena, FAKE_ROWS_MAX * sizeof(**read->calls));
    *read->count = 0;
    for (int i = 0; i < rows->call_count; i++)
        if (!rows->calls[i].finished && same(rows->calls[i].payment_id.text, read->payment_id.text))
            (*read->calls)[(*read->count)++] = call_of(ctx, &rows->calls[i]);
    return OK;
}

const struct problem *store_open_calls(struct ctx *ctx, struct payment_id payment_id,
                                       struct provider_call **calls_out, int *count_out)
{
    struct open_calls_read read = { payment_id, calls_out, count_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_open_calls, &read);
}

/* The call without a known outcome; refund_id "": not about a refund. */
static bool find_open_call(struct ctx *ctx, const char *payment_id, const char *operation,
                           const char *refund_id, struct provider_call *out)
{
    struct fake_tables *rows = tables(ctx->store);
    bool found = false;

    for (int i = 0; i < rows->call_count; i++) {
        const struct fake_call *row = &rows->calls[i];

        if (row->finished || !same(row->payment_id.text, payment_id)
            || !same(row->operation, operation) || !same(row->refund_id.text, refund_id))
            continue;
        found = true;
        *out = call_of(ctx, row);
    }
    return found;
}

static const struct problem *read_checkout(struct ctx *ctx, void *argument)
{
    const struct checkout_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    const struct order *order = visible_order(rows, read->order_id, read->owner);
    const struct payment *payment;
    struct checkout_lock lock = { .claim = { .state = CLAIM_MINE } };

    if (read->key != NULL) {
        struct claim_read claim = { read->key, &lock.claim };

        TRY(read_claim(ctx, &claim));
    }
    if (lock.claim.state == CLAIM_MINE && order != NULL) {
        lock.order_found = true;
        lock.order = *order;
        ctx->store->locked_order = order->id;
        payment = holder_of(rows, order->id.text, "");
        if (payment != NULL) {
            lock.payment_found = true;
            lock.payment = *payment;
            ctx->store->locked_payment = payment->id;
            lock.call_found = find_open_call(ctx, payment->id.text, "checkout", "", &lock.call);
        }
    }
    *read->out = lock;
    return OK;
}

const struct problem *store_checkout_lock(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_lock *lock_out)
{
    struct checkout_read read = { key, order_id, owner, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_checkout, &read);
}

static void lock_payment(struct store *store, const struct payment *row, struct payment_lock *out)
{
    struct fake_tables *rows = tables(store);
    const struct payment *holder;

    *out = (struct payment_lock) { .found = row != NULL };
    if (row == NULL)
        return;
    out->payment = *row;
    out->order_status = order_row(rows, row->order_id.text)->status;
    holder = holder_of(rows, row->order_id.text, row->id.text);
    out->order_taken = holder != NULL;
    if (holder != NULL && payment_is_open(&holder->facts))
        out->open_rival = holder->id;
    store->locked_payment = row->id;
    store->locked_order = row->order_id;
}

struct payment_lock_read { struct payment_id id; struct payment_lock *out; };

static const struct problem *read_payment_lock(struct ctx *ctx, void *argument)
{
    const struct payment_lock_read *read = argument;

    lock_payment(ctx->store, payment_row(tables(ctx->store), read->id.text), read->out);
    return OK;
}

const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out)
{
    struct payment_lock_read read = { id, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_payment_lock, &read);
}

struct payment_hold { struct payment_lock known; struct call_id call_id; };

/* By what it says, as rows here have no xmin. */
static bool is_still(const struct payment *row, const struct payment *known)
{
    return payment_facts_equal(&row->facts, &known->facts)
        && row->facts.refunded_minor == known->facts.refunded_minor
        && row->refund_held_minor == known->refund_held_minor
        && row->needs_review == known->needs_review && row->dispute == known->dispute
        && same(row->provider_ref, known->provider_ref)
        && same(row->provider_intent, known->provider_intent);
}

static bool is_fresh(struct fake_tables *rows, const struct fake_call *call)
{
    const struct refund *refund = refund_row(rows, call->refund_id.text);

    return call->attempts == 1 && !call->recorded
        && (refund == NULL || (refund->status == REFUND_PENDING && refund->provider_ref[0] == '\0'));
}

static const struct problem *apply_payment_hold(struct ctx *ctx, const void *argument)
{
    const struct payment_hold *hold = argument;
    struct fake_tables *rows = tables(ctx->store);
    const struct fake_call *call = call_row(rows, hold->call_id.text);
    struct payment_lock lock;

    lock_payment(ctx->store, payment_row(rows, hold->known.payment.id.text), &lock);
    if (!lock.found || call == NULL || !is_still(&lock.payment, &hold->known.payment)
        || !is_fresh(rows, call) || lock.order_status != hold->known.order_status)
        return repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "payment_hold");
    return OK;
}

void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call)
{
    struct payment_hold *hold = arena_alloc(ctx->arena, sizeof(*hold));

    *hold = (struct payment_hold) { *known, call->id };
    queue(ctx, apply_payment_hold, hold);
}

/* What the table's guard, CHECKs and indexes would say to this row; NULL: nothing. */
static const char *broken_constraint(struct fake_tables *rows, const struct payment *payment)
{
    const struct order *order = order_row(rows, payment->order_id.text);

    if (order == NULL || !money_equal(order->amount, payment->amount))
        return "payment_amount_is_the_orders";
    if (payment->status != payment_derive(&payment->facts, payment->amount.minor))
        return "status_follows_from_facts";
    if (payment->facts.captured_minor > payment->amount.minor && !payment->facts.mismatch)
        return "captured_within_amount";
    if (payment->facts.refunded_minor > payment->refund_held_minor
        || payment->refund_held_minor > payment->facts.captured_minor)
        return "refunds_within_captured";
    if ((payment->completed_at_ms != 0) != (payment->facts.captured_minor > 0))
        return "completed_when_captured";
    if (payment->facts.mismatch && payment->review_reason[0] == '\0')
        return "mismatch_has_a_reason";
    if (holds_order(payment)
        && holder_of(rows, payment->order_id.text, payment->id.text) != NULL)
        return "one_live_payment";
    for (int i = 0; i < rows->payment_count; i++) {
        const struct payment *other = &rows->payments[i];

        if (same(other->id.text, payment->id.text) || !same(other->provider, payment->provider))
            continue;
        if (payment->provider_ref[0] != '\0' && same(other->provider_ref, payment->provider_ref))
            return "provider_ref_once";
        if (payment->provider_intent[0] != '\0'
            && same(other->provider_intent, payment->provider_intent))
            return "provider_intent_once";
    }
    return NULL;
}

/* What the update trigger would say. */
static const char *broken_guard(const struct payment *old, const struct payment *new)
{
    bool moved = !same(old->order_id.text, new->order_id.text);

    if (!same(old->provider, new->provider) || old->created_at_ms != new->created_at_ms
        || old->expires_at_ms != new->expires_at_ms
        || (!moved && !money_equal(old->amount, new->amount)))
        return "payment_is_immutable";
    if (moved && (old->facts.captured_minor == 0
                  || !(old->surplus || payment_is_underpaid(&old->facts, old->amount.minor))))
        return "payment_is_immutable";
    if (moved && (old->refund_held_minor > 0 || old->disputed_minor > 0))
        return "attached_money_is_whole";
    if (new->facts.captured_minor < old->facts.captured_minor)
        return "captured_never_shrinks";
    if (new->facts.closed < old->facts.closed)
        return "closed_stays_closed";
    if (old->surplus && !new->surplus && !moved)
        return "surplus_is_sticky";
    if (old->facts.mismatch && !new->facts.mismatch)
        return "mismatch_is_sticky";
    if (old->facts.accepted && !new->facts.accepted && !moved)
        return "acceptance_is_sticky";
    if ((old->review_causes & ~new->review_causes) != 0)
        return "review_causes_are_sticky";
    if (old->provider_ref[0] != '\0' && !same(old->provider_ref, new->provider_ref))
        return "provider_ref_is_written_once";
    if (old->provider_intent[0] != '\0' && !same(old->provider_intent, new->provider_intent))
        return "provider_intent_is_written_once";
    if (old->completed_at_ms != 0 && old->completed_at_ms != new->completed_at_ms)
        return "completed_once";
    return NULL;
}

static const struct problem *apply_payment_insert(struct ctx *ctx, const void *argument)
{
    const struct payment *payment = argument;
    struct fake_tables *rows = tables(ctx->store);
    const char *broken = broken_constraint(rows, payment);

    if (payment_row(rows, payment->id.text) != NULL)
        return refuse(ctx, "payments_pkey");
    if (broken != NULL)
        return refuse(ctx, broken);
    if (!same(ctx->store->locked_order.text, payment->order_id.text))
        fail_msg("a payment was opened without the order's lock");
    assert_true(rows->payment_count < FAKE_ROWS_MAX);
    rows->payments[rows->payment_count++] = *payment;
    return OK;
}

/* The refund counters are not the application's to write. */
static const struct problem *apply_payment_update(struct ctx *ctx, const void *argument)
{
    struct payment payment = *(const struct payment *) argument;
    struct payment *row = payment_row(tables(ctx->store), payment.id.text);
    const char *broken;

    if (row == NULL || !same(ctx->store->locked_payment.text, payment.id.text))
        fail_msg("a payment was changed without its lock");
    payment.refund_held_minor = row->refund_held_minor;
    payment.facts.refunded_minor = row->facts.refunded_minor;
    broken = broken_guard(row, &payment);
    if (broken == NULL)
        broken = broken_constraint(tables(ctx->store), &payment);
    if (broken != NULL)
        return refuse(ctx, broken);
    *row = payment;
    return OK;
}

static const struct payment *payment_dup(struct ctx *ctx, const struct payment *payment)
{
    struct payment *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *payment;
    return copy;
}

void store_payment_insert(struct ctx *ctx, const struct payment *payment)
{
    queue(ctx, apply_payment_insert, payment_dup(ctx, payment));
}

void store_payment_update(struct ctx *ctx, const struct payment *payment)
{
    queue(ctx, apply_payment_update, payment_dup(ctx, payment));
}

static const struct problem *apply_payment_attach(struct ctx *ctx, const void *argument)
{
    const struct payment *payment = argument;

    if (!same(ctx->store->locked_order.text, payment->order_id.text))
        fail_msg("money was attached without the order's lock");
    return apply_payment_update(ctx, argument);
}

void store_payment_attach(struct ctx *ctx, const struct payment *payment)
{
    queue(ctx, apply_payment_attach, payment_dup(ctx, payment));
}

static const struct problem *apply_give_way(struct ctx *ctx, const void *argument)
{
    const struct payment_id *id = argument;
    struct payment *row = payment_row(tables(ctx->store), id->text);

    if (row == NULL || row->surplus || !payment_is_open(&row->facts)
        || !same(ctx->store->locked_order.text, row->order_id.text))
        return refuse(ctx, "payment_give_way");
    row->surplus = true;
    row->checkout_url[0] = '\0';
    return OK;
}

void store_payment_give_way(struct ctx *ctx, struct payment_id id)
{
    struct payment_id *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = id;
    queue(ctx, apply_give_way, copy);
}

struct payment_read {
    const char     *payment_id;         /* NULL: the order's */
    const char     *order_id;
    const char     *owner;
    struct payment *out;
    bool           *found_out;
};

static const struct problem *read_payment(struct ctx *ctx, void *argument)
{
    const struct payment_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    const struct payment *row = NULL;

    if (read->payment_id != NULL)
        row = payment_row(rows, read->payment_id);
    else
        row = holder_of(rows, read->order_id, "");
    for (int i = rows->payment_count - 1; row == NULL && read->payment_id == NULL && i >= 0; i--)
        if (same(rows->payments[i].order_id.text, read->order_id)
            && !(rows->payments[i].not_begun && rows->payments[i].facts.captured_minor == 0))
            row = &rows->payments[i];
    *read->found_out = row != NULL && (read->owner == NULL || same(row->owner_id, read->owner));
    if (*read->found_out)
        *read->out = *row;
    return OK;
}

const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out)
{
    struct payment_read read = { id.text, NULL, owner, payment_out, found_out };

    return wait_for(ctx, read_payment, &read);
}

const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out)
{
    struct payment_read read = { NULL, id.text, owner, payment_out, found_out };

    return wait_for(ctx, read_payment, &read);
}

/* --- Refunds ------------------------------------------------------------------------------- */

static int64_t held(const struct refund *refund)
{
    return refund_holds_money(refund->status) ? refund->amount.minor : 0;
}

static int64_t done(const struct refund *refund)
{
    return refund->status == REFUND_SUCCEEDED ? refund->amount.minor : 0;
}

/* The trigger refunds_count, on the locked payment. */
static const struct problem *move_counters(struct ctx *ctx, const struct refund *refund,
                                           int64_t held_minor, int64_t done_minor)
{
    struct payment *payment = payment_row(tables(ctx->store), refund->payment_id.text);
    const char *broken;

    if (payment == NULL || !same(ctx->store->locked_payment.text, payment->id.text))
        fail_msg("a refund was written without its payment's lock");
    payment->refund_held_minor += held_minor;
    payment->facts.refunded_minor += done_minor;
    payment->status = payment_derive(&payment->facts, payment->amount.minor);
    broken = broken_constraint(tables(ctx->store), payment);
    return broken == NULL ? OK : refuse(ctx, broken);
}

static const char *broken_refund(struct fake_tables *rows, const struct refund *refund)
{
    for (int i = 0; i < rows->refund_count; i++) {
        const struct refund *other = &rows->refunds[i];

        if (same(other->id.text, refund->id.text))
            continue;
        if (refund->provider_ref[0] != '\0' && same(other->provider, refund->provider)
            && same(other->provider_ref, refund->provider_ref))
            return "refund_ref_once";
        if (refund->client_key[0] != '\0' && same(other->client_key, refund->client_key)
            && same(other->payment_id.text, refund->payment_id.text))
            return "refund_key_once";
    }
    return refund->amount.minor > 0 ? NULL : "refund_amount_is_positive";
}

static const struct problem *apply_refund_insert(struct ctx *ctx, const void *argument)
{
    const struct refund *refund = argument;
    struct fake_tables *rows = tables(ctx->store);
    const char *broken = broken_refund(rows, refund);

    if (refund_row(rows, refund->id.text) != NULL)
        return refuse(ctx, "refunds_pkey");
    if (broken != NULL)
        return refuse(ctx, broken);
    assert_true(rows->refund_count < FAKE_ROWS_MAX);
    rows->refunds[rows->refund_count++] = *refund;
    return move_counters(ctx, refund, held(refund), done(refund));
}

static const struct problem *apply_refund_update(struct ctx *ctx, const void *argument)
{
    const struct refund *refund = argument;
    struct fake_tables *rows = tables(ctx->store);
    struct refund *row = refund_row(rows, refund->id.text);
    const char *broken = broken_refund(rows, refund);
    struct refund old;

    if (row == NULL)
        return refuse(ctx, "refund_is_there");
    if (refund->status < row->status
        && !(row->status == REFUND_FAILED && row->provider_ref[0] == '\0' && refund->provider_ref[0] != '\0'))
        broken = "refund_never_goes_back";
    if (row->provider_ref[0] != '\0' && !same(row->provider_ref, refund->provider_ref))
        broken = "refund_ref_is_written_once";
    if (!money_equal(row->amount, refund->amount) || row->origin != refund->origin
        || !same(row->client_key, refund->client_key))
        broken = "refund_is_immutable";
    if (broken != NULL)
        return refuse(ctx, broken);
    old = *row;
    *row = *refund;
    return move_counters(ctx, refund, held(refund) - held(&old), done(refund) - done(&old));
}

static const struct refund *refund_dup(struct ctx *ctx, const struct refund *refund)
{
    struct refund *copy = arena_alloc(ctx->arena, sizeof(*copy));

    *copy = *refund;
    return copy;
}

void store_refund_insert(struct ctx *ctx, const struct refund *refund)
{
    queue(ctx, apply_refund_insert, refund_dup(ctx, refund));
}

void store_refund_update(struct ctx *ctx, const struct refund *refund)
{
    queue(ctx, apply_refund_update, refund_dup(ctx, refund));
}

/* By our id, else by the provider's; or by the client's key. Only within the payment. */
static const struct refund *refund_named(struct fake_tables *rows, const char *payment_id,
                                         const struct provider_refund *named,
                                         const char *client_key)
{
    const struct refund *found = NULL;

    for (int i = 0; i < rows->refund_count; i++) {
        const struct refund *row = &rows->refunds[i];

        if (!same(row->payment_id.text, payment_id))
            continue;
        if (client_key[0] != '\0' && same(row->client_key, client_key))
            return row;
        if (named != NULL && same(row->id.text, named->refund_id.text))
            return row;
        if (named != NULL && named->ref[0] != '\0' && same(row->provider_ref, named->ref))
            found = row;
    }
    return found;
}

static void read_event_refund(struct fake_tables *rows, const struct provider_event *event,
                              struct webhook_lock *lock)
{
    const struct refund *refund;

    if (event->kind != PROVIDER_EVENT_REFUND || !lock->payment.found)
        return;
    refund = refund_named(rows, lock->payment.payment.id.text, &event->refund, "");
    lock->refund_found = refund != NULL;
    if (refund != NULL)
        lock->refund = *refund;
}

struct refund_read {
    const struct idempotency_key *key;          /* NULL: no claim */
    struct payment_id             payment_id;
    const struct provider_refund *named;        /* with a key: else the key's */
    struct refund_lock           *out;
};

static void lock_refund(struct ctx *ctx, const struct refund *row, bool with_call,
                        struct refund_lock *lock)
{
    lock->refund_found = row != NULL;
    if (row == NULL)
        return;
    lock->refund = *row;
    lock->call_found = with_call
        && find_open_call(ctx, row->payment_id.text, "refund", row->id.text, &lock->call);
}

static const struct problem *read_refund_lock(struct ctx *ctx, void *argument)
{
    const struct refund_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    struct payment *payment = payment_row(rows, read->payment_id.text);
    struct refund_lock lock = { .claim = { .state = CLAIM_MINE } };

    if (read->key != NULL) {
        struct claim_read claim = { read->key, &lock.claim };

        TRY(read_claim(ctx, &claim));
    }
    if (lock.claim.state == CLAIM_MINE && payment != NULL) {
        lock_payment(ctx->store, payment, &lock.payment);
        lock_refund(ctx, refund_named(rows, payment->id.text, read->named,
                                      read->key != NULL ? read->key->key : ""),
                    read->key != NULL, &lock);
    }
    *read->out = lock;
    return OK;
}

const struct problem *store_refund_claim(struct ctx *ctx, const struct idempotency_key *key,
                                         struct payment_id payment_id, struct refund_id refund_id,
                                         struct refund_lock *lock_out)
{
    const struct provider_refund named = { .refund_id = refund_id };
    struct refund_read read = { key, payment_id, &named, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_refund_lock, &read);
}

const struct problem *store_refund_lock(struct ctx *ctx, struct payment_id payment_id,
                                        const struct provider_refund *named,
                                        struct refund_lock *lock_out)
{
    struct refund_read read = { NULL, payment_id, named, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_refund_lock, &read);
}

struct refunds_read {
    struct payment_id payment_id;
    const char       *owner;
    struct refund   **refunds_out;
    int              *count_out;
    bool             *found_out;
};

static const struct problem *read_refunds(struct ctx *ctx, void *argument)
{
    const struct refunds_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    const struct payment *payment = payment_row(rows, read->payment_id.text);

    *read->found_out = payment != NULL
        && (read->owner == NULL || same(payment->owner_id, read->owner));
    *read->refunds_out = arena_alloc(ctx->arena, sizeof(struct refund) * FAKE_ROWS_MAX);
    *read->count_out = 0;
    for (int i = 0; *read->found_out && i < rows->refund_count; i++)
        if (same(rows->refunds[i].payment_id.text, payment->id.text))
            (*read->refunds_out)[(*read->count_out)++] = rows->refunds[i];
    return OK;
}

const struct problem *store_refunds_list(struct ctx *ctx, struct payment_id payment_id,
                                         const char *owner, struct refund **refunds_out,
                                         int *count_out, bool *found_out)
{
    struct refunds_read read = { payment_id, owner, refunds_out, count_out, found_out };

    return wait_for(ctx, read_refunds, &read);
}

/* --- Webhooks in --------------------------------------------------------------------------- */

struct webhook_read {
    const struct provider       *provider;
    const struct provider_event *event;
    struct bytes                 raw_body;
    struct webhook_lock         *out;
};

static struct fake_webhook *webhook_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].id.text, id))
            return &rows->webhooks[i];
    return NULL;
}

/* By their page, else by their intent, else by our id. */
static struct payment *payment_named(struct fake_tables *rows, const char *provider,
                                     const struct provider_payment *named)
{
    struct payment *row = NULL;

    for (int i = 0; row == NULL && named->ref[0] != '\0' && i < rows->payment_count; i++)
        if (same(rows->payments[i].provider, provider)
            && same(rows->payments[i].provider_ref, named->ref))
            row = &rows->payments[i];
    for (int i = 0; row == NULL && named->intent[0] != '\0' && i < rows->payment_count; i++)
        if (same(rows->payments[i].provider, provider)
            && same(rows->payments[i].provider_intent, named->intent))
            row = &rows->payments[i];
    return row != NULL ? row : payment_row(rows, named->payment_id.text);
}

static const struct problem *read_webhook(struct ctx *ctx, void *argument)
{
    const struct webhook_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);
    struct fake_webhook *row;

    *read->out = (struct webhook_lock) { .fresh = false };
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].event_id, read->event->id)
            && same(rows->webhooks[i].provider, read->provider->name))
            return OK;
    assert_true(rows->webhook_count < FAKE_ROWS_MAX);
    row = &rows->webhooks[rows->webhook_count++];
    *row = (struct fake_webhook) { .status = WEBHOOK_RECEIVED, .next_at_ms = ctx->store->now_ms };
    snprintf(row->id.text, sizeof(row->id.text), "whe_%026d", rows->webhook_count);
    COPY(row->provider, read->provider->name);
    COPY(row->event_id, read->event->id);
    copy_bytes(row->body, sizeof(row->body), read->raw_body);
    read->out->fresh = true;
    read->out->inbox_id = row->id;
    lock_payment(ctx->store, payment_named(rows, read->provider->name, &read->event->payment),
                 &read->out->payment);
    read->out->is_noted = read->out->payment.found;
    if (read->out->is_noted) {
        row->status = WEBHOOK_PROCESSED;
        row->payment_id = read->out->payment.payment.id;
    }
    read_event_refund(rows, read->event, read->out);
    part_read_disputes(ctx, read->event, read->out);
    return OK;
}

const struct problem *store_webhook_insert(struct ctx *ctx, const struct provider *provider,
                                           const struct provider_event *event,
                                           struct bytes raw_body, struct webhook_lock *lock_out)
{
    struct webhook_read read = { provider, event, raw_body, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_webhook, &read);
}

static const struct problem *apply_webhook_finish(struct ctx *ctx, const void *argument)
{
    const struct fake_webhook *write = argument;
    struct fake_tables *rows = tables(ctx->store);

    if (write->status == WEBHOOK_PROCESSED && write->payment_id.text[0] == '\0')
        return refuse(ctx, "processed_has_a_payment");
    for (int i = 0; i < rows->webhook_count; i++)
        if (same(rows->webhooks[i].id.text, write->id.text)) {
            rows->webhooks[i].status = write->status;
            rows->webhooks[i].payment_id = write->payment_id;
            COPY(rows->webhooks[i].reason, write->reason);
            return OK;
        }
    return refuse(ctx, "webhook_is_there");
}

static const struct problem *apply_webhook_disown(struct ctx *ctx, const void *argument)
{
    const struct inbox_id *id = argument;
    struct fake_webhook *row = webhook_row(tables(ctx->store), id->text);

    if (row == NULL)
        return refuse(ctx, "webhook_is_there");
    row->status = WEBHOOK_RECEIVED;
    row->payment_id.text[0] = '\0';
    return OK;
}

void store_webhook_disown(struct ctx *ctx, struct inbox_id id)
{
    struct inbox_id *write = arena_alloc(ctx->arena, sizeof(*write));

    *write = id;
    queue(ctx, apply_webhook_disown, write);
}

void store_webhook_finish(struct ctx *ctx, struct inbox_id id, enum webhook_status status,
                          struct payment_id payment_id, const char *reason)
{
    struct fake_webhook *write = arena_alloc(ctx->arena, sizeof(*write));

    write->id = id;
    write->status = status;
    write->payment_id = payment_id;
    COPY(write->reason, reason);
    queue(ctx, apply_webhook_finish, write);
}

/* --- Written with every change ------------------------------------------------------------- */

static const struct problem *apply_movement(struct ctx *ctx, const void *argument)
{
    const struct fake_movement *movement = argument;
    struct fake_tables *rows = tables(ctx->store);

    for (int i = 0; i < rows->ledger_count; i++) {
        if (rows->ledger[i].kind != movement->kind)
            continue;
        if (movement->kind == TRANSACTION_CHARGE && strchr(movement->provider_ref, ':') == NULL
            && same(rows->ledger[i].payment_id.text, movement->payment_id.text))
            return refuse(ctx, "one_charge_per_payment");
        if (same(rows->ledger[i].provider_ref, movement->provider_ref))
            return refuse(ctx, "movement_once");
    }
    if (movement->amount_minor == 0
        || (movement->kind != TRANSACTION_REASSIGNMENT
            && (movement->amount_minor < 0) != (movement->kind == TRANSACTION_REFUND
                                                || movement->kind == TRANSACTION_DISPUTE)))
        return refuse(ctx, "sign_fits_kind");
    assert_true(rows->ledger_count < FAKE_ROWS_MAX);
    rows->ledger[rows->ledger_count++] = *movement;
    return OK;
}

void store_transaction_insert(struct ctx *ctx, const struct payment *payment,
                              const struct movement *movement)
{
    struct fake_movement *row = arena_alloc(ctx->arena, sizeof(*row));

    assert_string_not_equal(movement->provider_ref, "");
    assert_true(movement->occurred_at_ms > 0 && movement->occurred_at_ms <= ctx->now_ms);
    *row = (struct fake_movement) { payment->id, payment->order_id, movement->kind, movement->amount_minor,
                                    movement->occurred_at_ms, "" };
    COPY(row->provider_ref, movement->provider_ref);
    queue(ctx, apply_movement, row);
}

static const struct problem *apply_audit(struct ctx *ctx, const void *argument)
{
    struct fake_tables *rows = tables(ctx->store);

    assert_true(rows->audit_count < FAKE_HISTORY_MAX);
    rows->audit[rows->audit_count++] = *(const struct fake_audit *) argument;
    return OK;
}

void store_audit_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        const char *action, struct bytes body)
{
    struct fake_audit *row = arena_alloc(ctx->arena, sizeof(*row));

    row->order_id = order_id;
    row->payment_id = payment_id;
    COPY(row->action, action);
    copy_bytes(row->body, sizeof(row->body), body);
    queue(ctx, apply_audit, row);
}

static const struct problem *apply_event(struct ctx *ctx, const void *argument)
{
    struct fake_tables *rows = tables(ctx->store);

    assert_true(rows->outbox_count < FAKE_HISTORY_MAX);
    rows->outbox[rows->outbox_count++] = *(const struct fake_event *) argument;
    return OK;
}

void store_event_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        enum event_type type, struct bytes payload)
{
    struct fake_event *row = arena_alloc(ctx->arena, sizeof(*row));

    row->order_id = order_id;
    row->payment_id = payment_id;
    row->type = type;
    copy_bytes(row->payload, sizeof(row->payload), payload);
    queue(ctx, apply_event, row);
}

/* --- Work that is due ---------------------------------------------------------------------- */

static bool is_open_call_of(const struct fake_call *row, const char *payment_id)
{
    return !row->finished && same(row->payment_id.text, payment_id);
}

/* Not leased before leased, then by the time that it is due. */
static struct fake_call *call_due_first(struct store *store, const char *payment_id)
{
    struct fake_tables *rows = tables(store);
    struct fake_call *first = NULL;

    for (int i = 0; i < rows->call_count; i++) {
        struct fake_call *row = &rows->calls[i];

        if (is_open_call_of(row, payment_id)
            && (first == NULL || is_leased(store, row) < is_leased(store, first)
                || (is_leased(store, row) == is_leased(store, first)
                    && row->next_at_ms < first->next_at_ms)))
            first = row;
    }
    return first;
}

struct recovery_read { struct payment_id id; const char *owner; struct recovery_lock *out; };

static const struct problem *read_recovery(struct ctx *ctx, void *argument)
{
    const struct recovery_read *read = argument;
    struct payment *payment = payment_row(tables(ctx->store), read->id.text);
    struct fake_call *row = NULL;

    *read->out = (struct recovery_lock) { .call_found = false };
    if (payment == NULL || (read->owner != NULL && !same(payment->owner_id, read->owner)))
        return OK;
    lock_payment(ctx->store, payment, &read->out->payment);
    read->out->now_ms = ctx->store->now_ms;
    row = call_due_first(ctx->store, payment->id.text);
    if (row == NULL)
        return OK;
    read->out->call_found = true;
    read->out->call = call_of(ctx, row);
    if (row->refund_id.text[0] != '\0')
        read->out->refund = *refund_row(tables(ctx->store), row->refund_id.text);
    if (!read->out->call.leased) {
        read->out->call.attempts = ++row->attempts;
        lease(ctx->store, row);
    }
    return OK;
}

const struct problem *store_recovery_lock(struct ctx *ctx, struct payment_id payment_id,
                                          const char *owner, struct recovery_lock *lock_out)
{
    struct recovery_read read = { payment_id, owner, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_recovery, &read);
}

static bool is_due(struct store *store, const struct payment *payment)
{
    struct fake_tables *rows = tables(store);
    bool asked = false;

    for (int i = 0; i < rows->call_count; i++) {
        const struct fake_call *row = &rows->calls[i];

        if (!is_open_call_of(row, payment->id.text))
            continue;
        asked = true;
        if (!is_leased(store, row) && row->next_at_ms <= store->now_ms)
            return true;
    }
    return !asked && payment_is_open(&payment->facts) && payment->provider_ref[0] != '\0'
        && (payment->surplus || payment->expires_at_ms + PAYMENT_EXPIRY_GRACE_S * 1000 < store->now_ms);
}

struct due_read { struct payment_id *ids; int *count; };

static const struct problem *read_due(struct ctx *ctx, void *argument)
{
    const struct due_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);

    *read->count = 0;
    for (int i = 0; i < rows->payment_count && *read->count < JOBS_BATCH_MAX; i++)
        if (is_due(ctx->store, &rows->payments[i]))
            read->ids[(*read->count)++] = rows->payments[i].id;
    return OK;
}

const struct problem *store_due_payments(struct ctx *ctx, struct payment_id ids_out[JOBS_BATCH_MAX],
                                         int *count_out)
{
    struct due_read read = { ids_out, count_out };

    return wait_for(ctx, read_due, &read);
}

struct due_webhooks_read { bool fresh_only; int limit; struct due_webhook *events; int *count; };

static const struct problem *read_due_webhooks(struct ctx *ctx, void *argument)
{
    const struct due_webhooks_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);

    *read->count = 0;
    for (int i = 0; i < rows->webhook_count && *read->count < read->limit; i++) {
        struct fake_webhook *row = &rows->webhooks[i];

        if (row->status != WEBHOOK_RECEIVED || row->next_at_ms > ctx->store->now_ms
            || (read->fresh_only && row->attempts > 0))
            continue;
        row->attempts++;
        row->next_at_ms = ctx->store->now_ms + WEBHOOK_LEASE_S * 1000;
        read->events[(*read->count)++] = (struct due_webhook) {
            .inbox_id = row->id, .provider = arena_strdup(ctx->arena, row->provider),
            .body = bytes_of(arena_strdup(ctx->arena, row->body)), .attempts = row->attempts,
            .tries = row->attempts - row->tries_before,
        };
    }
    return OK;
}

const struct problem *store_due_webhooks(struct ctx *ctx, bool fresh_only, int limit,
                                         struct due_webhook *events_out, int *count_out)
{
    struct due_webhooks_read read = { fresh_only, limit, events_out, count_out };

    return wait_for(ctx, read_due_webhooks, &read);
}

static struct fake_webhook *webhook_still_ours(struct ctx *ctx, const struct due_webhook *due)
{
    struct fake_webhook *row = webhook_row(tables(ctx->store), due->inbox_id.text);

    return row != NULL && row->attempts == due->attempts && row->status == WEBHOOK_RECEIVED ? row
                                                                                            : NULL;
}

struct webhook_lock_read {
    const struct due_webhook    *due;
    const struct provider_event *event;
    struct webhook_lock         *out;
};

static const struct problem *read_webhook_lock(struct ctx *ctx, void *argument)
{
    const struct webhook_lock_read *read = argument;
    struct fake_tables *rows = tables(ctx->store);

    if (webhook_still_ours(ctx, read->due) == NULL)
        return repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "webhook_fence");
    *read->out = (struct webhook_lock) { .fresh = true, .inbox_id = read->due->inbox_id };
    lock_payment(ctx->store, payment_named(rows, read->due->provider, &read->event->payment),
                 &read->out->payment);
    read_event_refund(rows, read->event, read->out);
    part_read_disputes(ctx, read->event, read->out);
    return OK;
}

const struct problem *store_webhook_lock(struct ctx *ctx, const struct due_webhook *due,
                                         const struct provider_event *event,
                                         struct webhook_lock *lock_out)
{
    struct webhook_lock_read read = { due, event, lock_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_webhook_lock, &read);
}

struct postponement { const struct due_webhook *due; int64_t delay_ms; const char *reason; };

static const struct problem *apply_postpone(struct ctx *ctx, const void *argument)
{
    const struct postponement *write = argument;
    struct fake_webhook *row = webhook_still_ours(ctx, write->due);

    if (row == NULL)
        return repeatable(ctx, PROBLEM_REQUEST_IN_PROGRESS, "webhook_fence");
    row->next_at_ms = ctx->store->now_ms + write->delay_ms;
    COPY(row->reason, write->reason);
    return OK;
}

void store_webhook_postpone(struct ctx *ctx, const struct due_webhook *due, int64_t delay_ms,
                            const char *reason)
{
    struct postponement *write = arena_alloc(ctx->arena, sizeof(*write));

    *write = (struct postponement) { due, delay_ms, reason };
    queue(ctx, apply_postpone, write);
}

struct noted_try { struct inbox_id id; enum webhook_status outcome; };

static const struct problem *apply_try(struct ctx *ctx, const void *argument)
{
    const struct noted_try *write = argument;
    struct fake_webhook *row = webhook_row(tables(ctx->store), write->id.text);

    assert_non_null(row);
    row->noted_tries++;
    row->noted_outcome = write->outcome;
    COPY(row->noted_actor, ctx->actor.id);
    return OK;
}

void store_webhook_attempt(struct ctx *ctx, struct inbox_id id, enum webhook_status outcome,
                           const char *reason)
{
    struct noted_try *write = arena_alloc(ctx->arena, sizeof(*write));

    assert_non_null(reason);
    *write = (struct noted_try) { id, outcome };
    queue(ctx, apply_try, write);
}

struct reopening { struct inbox_id id; struct webhook_reopened *out; };

static const struct problem *read_reopened(struct ctx *ctx, void *argument)
{
    const struct reopening *read = argument;
    struct fake_webhook *row = webhook_row(tables(ctx->store), read->id.text);

    *read->out = (struct webhook_reopened) { .found = row != NULL };
    if (row == NULL)
        return OK;
    row->status = WEBHOOK_RECEIVED;
    row->tries_before = row->attempts++;
    read->out->due = (struct due_webhook) {
        .inbox_id = row->id, .provider = arena_strdup(ctx->arena, row->provider),
        .body = bytes_of(arena_strdup(ctx->arena, row->body)), .attempts = row->attempts, .tries = 1,
    };
    return OK;
}

const struct problem *store_webhook_reopen(struct ctx *ctx, struct inbox_id id,
                                           struct webhook_reopened *reopened_out)
{
    struct reopening read = { id, reopened_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_reopened, &read);
}

struct effect_read { struct payment_id id; struct webhook_effect *out; };

/* The payment alone: which rows are of this transaction, only PostgreSQL knows. */
static const struct problem *read_effect(struct ctx *ctx, void *argument)
{
    const struct effect_read *read = argument;
    const struct payment *payment = payment_row(tables(ctx->store), read->id.text);

    assert_non_null(payment);
    *read->out = (struct webhook_effect) { .payment = *payment };
    return OK;
}

const struct problem *store_webhook_effect(struct ctx *ctx, struct payment_id id,
                                           struct webhook_effect *effect_out)
{
    struct effect_read read = { id, effect_out };

    assert_true(ctx->store->open);
    return wait_for(ctx, read_effect, &read);
}

static const struct problem *apply_nothing(struct ctx *ctx, const void *argument)
{
    (void) argument;
    ctx->store->notify_count++;
    return OK;
}

void store_work_notify(struct ctx *ctx)
{
    queue(ctx, apply_nothing, NULL);
}

int fake_store_notify_count(const struct store *store) { return store->notify_count; }

/* --- Health -------------------------------------------------------------------------------- */

static const struct problem *read_nothing(struct ctx *ctx, void *argument)
{
    (void) ctx;
    (void) argument;
    return OK;
}

void fake_store_set_health(struct store *store, struct store_health health)
{
    store->health = health;
}

const struct problem *store_read_health(struct ctx *ctx, struct store_health *health_out)
{
    TRY(wait_for(ctx, read_nothing, NULL));
    *health_out = ctx->store->health;
    return OK;
}

const struct problem *store_check_writable(struct ctx *ctx)
{
    return wait_for(ctx, read_nothing, NULL);
}

static const struct problem *apply_back(struct ctx *ctx, const void *argument)
{
    snprintf(ctx->store->back, sizeof(ctx->store->back), "%s", (const char *) argument);
    return OK;
}

void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms)
{
    assert_true(spread_ms > 0);
    queue(ctx, apply_back, provider);
}

const char *fake_store_provider_back(const struct store *store) { return store->back; }

/* --- Invariants ---------------------------------------------------------------------------- */

static void check(bool holds, const char *invariant, const char *id)
{
    if (!holds)
        fail_msg("invariant broken: %s (%s)", invariant, id);
}

static int count_payment_events(const struct fake_tables *rows, const char *payment_id,
                                enum event_type type)
{
    int count = 0;

    for (int i = 0; i < rows->outbox_count; i++)
        count += same(rows->outbox[i].payment_id.text, payment_id) && rows->outbox[i].type == type;
    return count;
}

static int64_t ledger_sum(const struct fake_tables *rows, const char *payment_id)
{
    int64_t sum = 0;

    for (int i = 0; i < rows->ledger_count; i++)
        if (same(rows->ledger[i].payment_id.text, payment_id)
            && rows->ledger[i].kind < TRANSACTION_DISPUTE)
            sum += rows->ledger[i].amount_minor;
    return sum;
}

static int64_t refund_sum(const struct fake_tables *rows, const char *payment_id,
                          int64_t (*of)(const struct refund *refund))
{
    int64_t sum = 0;

    for (int i = 0; i < rows->refund_count; i++)
        if (same(rows->refunds[i].payment_id.text, payment_id))
            sum += of(&rows->refunds[i]);
    return sum;
}

/* I12: the last audited change of status says what the status is. */
static bool audit_agrees(const struct fake_tables *rows, const struct payment *payment)
{
    const char *last = "\"to\":\"pending\"";
    char expected[64];

    snprintf(expected, sizeof(expected), "\"to\":\"%s\"", payment_status_name(payment->status));
    for (int i = 0; i < rows->audit_count; i++)
        if (same(rows->audit[i].payment_id.text, payment->id.text)
            && same(rows->audit[i].action, "status"))
            last = rows->audit[i].body;
    return strstr(last, expected) != NULL;
}

static void check_payment(struct fake_tables *rows, const struct payment *payment)
{
    const char *id = payment->id.text;
    bool is_paid = payment->facts.captured_minor > 0 && !payment->surplus
        && !payment_is_underpaid(&payment->facts, payment->amount.minor);
    int reviews;

    check(broken_constraint(rows, payment) == NULL, "the schema takes the row", id);
    check(ledger_sum(rows, id) == payment->facts.captured_minor - payment->facts.refunded_minor,
          "I4 ledger", id);
    check(refund_sum(rows, id, held) == payment->refund_held_minor, "I3 held", id);
    check(refund_sum(rows, id, done) == payment->facts.refunded_minor, "I3 refunded", id);
    check(part_disputes_agree(rows, payment), "I14, I15 disputes", id);
    check(audit_agrees(rows, payment), "I12 audited status", id);
    check(count_payment_events(rows, id, EVENT_PAYMENT_CREATED) == 1, "created is told once", id);
    check(count_payment_events(rows, id, EVENT_PAYMENT_COMPLETED) == is_paid,
          "completed is told once", id);
    reviews = count_payment_events(rows, id, EVENT_PAYMENT_REVIEW_NEEDED);
    check(reviews >= payment->needs_review && (reviews > 0) == (payment->review_causes != 0),
          "a review is told with its cause", id);
}

static void check_order(struct fake_tables *rows, const struct order *order)
{
    const struct payment *holder = holder_of(rows, order->id.text, "");
    bool paid = holder != NULL && holder->facts.captured_minor > 0
        && !payment_is_underpaid(&holder->facts, holder->amount.minor);

    check((order->status != ORDER_OPEN) == paid, "I13 label of the order", order->id.text);
    check((order->status == ORDER_REFUNDED)
              == (paid && holder->status == PAYMENT_REFUNDED), "I13 refunded", order->id.text);
}

void fake_store_check_invariants(struct store *store)
{
    struct fake_tables *rows = &store->committed;

    for (int i = 0; i < rows->payment_count; i++)
        check_payment(rows, &rows->payments[i]);
    for (int i = 0; i < rows->order_count; i++)
        check_order(rows, &rows->orders[i]);
    for (int i = 0; i < rows->webhook_count; i++)
        check(rows->webhooks[i].status != WEBHOOK_PROCESSED
                  || rows->webhooks[i].payment_id.text[0] != '\0',
              "I8 a processed event has its payment", rows->webhooks[i].event_id);
    for (int i = 0; i < rows->key_count; i++)
        check(!rows->keys[i].done || rows->keys[i].answer_body[0] != '\0', "a key has its answer",
              rows->keys[i].key);
}
