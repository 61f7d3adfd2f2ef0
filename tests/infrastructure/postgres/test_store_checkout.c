#include "store_world.h"

#include <stdatomic.h>

static struct checkout_peek peeked(struct ctx *ctx, const struct idempotency_key *key,
                                   struct order_id order_id, const char *owner)
{
    int64_t before = store_round_trips(ctx->store);
    struct checkout_peek peek;

    store_begin(ctx);
    assert_ok(store_checkout_peek(ctx, key, order_id, owner, &peek));
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    return peek;
}

static void a_checkout_meets_the_order_its_payment_and_its_call(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct provider_call call = given_a_call(ctx, &payment);
    struct idempotency_key key = some_key(ctx);
    struct checkout_peek lock = peeked(ctx, &key, order.id, "alice");

    assert_int_equal(lock.claim.state, CLAIM_FREE);
    assert_int_equal(lock.claim.fence, 1);
    assert_true(lock.order_found && lock.payment_found && lock.call_found);
    assert_string_equal(lock.order.owner_id, "alice");
    assert_same_payment(&lock.payment, &payment);
    assert_string_equal(lock.call.id.text, call.id.text);
    assert_string_equal(lock.call.payment_id.text, payment.id.text);
    assert_string_equal(lock.call.provider, "stripe");
    assert_int_equal(lock.call.request.operation, OP_CHECKOUT);
    assert_string_equal(lock.call.request.method, "POST");
    assert_string_equal(lock.call.request.path, call.request.path);
    assert_true(bytes_equal(lock.call.request.body, call.request.body));
    assert_string_equal(lock.call.request.idempotency_key, call.request.idempotency_key);
    assert_int_equal(lock.call.attempts, 1);
    assert_int_equal(lock.call.started_at_ms, call.started_at_ms);
    assert_true(lock.call.leased);
}

static void an_order_is_locked_with_its_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct order_lock lock;

    store_begin(ctx);
    assert_ok(store_order_lock(ctx, order.id, &lock));
    assert_true(lock.found && lock.payment_found);
    assert_string_equal(lock.order.id.text, order.id.text);
    assert_same_payment(&lock.payment, &payment);
    assert_locked(&payment);
    store_rollback_if_open(ctx);
}

/* --- What was peeked at is held, or somebody was quicker ---------------------------------------- */

static const struct problem *held(struct ctx *ctx, const struct checkout_peek *peek)
{
    const struct problem *problem;

    store_begin(ctx);
    store_peeked_hold(ctx, &peek->seen);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static void what_was_peeked_at_is_locked_if_it_is_still_so(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx), fresh = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct checkout_peek peek = peeked(ctx, NULL, order.id, "alice"), alone;
    struct order found;
    bool is_there;

    store_begin(ctx);
    store_peeked_hold(ctx, &peek.seen);
    assert_ok(store_order_find(ctx, order.id, NULL, &found, &is_there));
    assert_locked(&payment);
    store_rollback_if_open(ctx);
    alone = peeked(ctx, NULL, fresh.id, "alice");
    assert_ok(held(ctx, &alone));
}

static void every_change_since_the_peek_is_noticed(void **state)
{
    static const struct { const char *table, *change, *key; } changes[] = {
        { "orders", "status = 'paid'", "order_id" },
        { "orders", "owner_id = owner_id", "order_id" },
        { "payments", "provider_ref = 'cs_seen_' || payment_id", "order_id" },
        { "payments", "close_reason = 'cancelled', status = 'cancelled'", "order_id" },
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct order order = given_an_order(ctx);
        struct checkout_peek peek;

        given_a_payment(ctx, &order);
        peek = peeked(ctx, NULL, order.id, "alice");
        assert_ok(held(ctx, &peek));
        sql_run("UPDATE payapi.%s SET %s WHERE %s = '%s'", changes[i].table, changes[i].change,
                changes[i].key, order.id.text);
        assert_problem(held(ctx, &peek), PROBLEM_REQUEST_IN_PROGRESS, true);
    }
}

static const struct problem *opened(struct ctx *ctx, const struct payment *payment,
                                    const struct checkout_peek *peek)
{
    const struct problem *problem;

    store_begin(ctx);
    store_payment_open(ctx, payment, &peek->seen);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

/* The index finds what no hold can: a row that was not there. */
static void a_payment_that_another_opened_since_the_peek_stops_ours(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct checkout_peek peek = peeked(ctx, NULL, order.id, "alice");
    struct payment payment = some_payment(ctx, &order);

    given_a_payment(ctx, &order);
    assert_problem(opened(ctx, &payment, &peek), PROBLEM_INVALID_PAYMENT_STATE, true);
}

static void a_payment_is_opened_for_the_order_that_was_seen_or_not_at_all(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct checkout_peek peek = peeked(ctx, NULL, order.id, "alice");
    struct payment payment = some_payment(ctx, &order), stored;
    bool found;

    sql_run("UPDATE payapi.orders SET updated_at = updated_at WHERE order_id = '%s'", order.id.text);
    assert_problem(opened(ctx, &payment, &peek), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.payments WHERE order_id = '%s'",
                                order.id.text), 0);
    peek = peeked(ctx, NULL, order.id, "alice");
    assert_ok(opened(ctx, &payment, &peek));
    assert_ok(store_payment_find(ctx, payment.id, "alice", &stored, &found));
    assert_true(found);
    assert_same_payment(&stored, &payment);
}

static struct order         contested;
static struct checkout_peek seen;
static atomic_bool          is_locked, is_answered;
static enum problem_type    met;        /* PROBLEM_TYPE_COUNT: none */

/* The first locks the order, and labels it and commits when the second waits for it. */
static void label_or_hold(struct ctx *worker, int number)
{
    const struct problem *problem;
    struct order_lock lock;

    if (number == 0) {
        store_begin(worker);
        (void) store_order_lock(worker, contested.id, &lock);
        atomic_store(&is_locked, true);
        store_order_set_status(worker, contested.id, ORDER_PAID);
        while (sql_number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0
               && !atomic_load(&is_answered))
            sleep_ms(1);
        (void) store_commit(worker);
        return;
    }
    while (!atomic_load(&is_locked))
        sleep_ms(1);
    problem = held(worker, &seen);
    met = problem != OK ? problem->type : PROBLEM_TYPE_COUNT;
    atomic_store(&is_answered, true);           /* without waiting: then the first need not either */
}

static void a_change_that_is_not_committed_yet_is_waited_for_and_noticed(void **state)
{
    contested = given_an_order(*state);
    seen = peeked(*state, NULL, contested.id, "alice");
    at_once(2, label_or_hold);
    assert_int_equal(met, PROBLEM_REQUEST_IN_PROGRESS);
}

static void a_peek_waits_for_nobody(void **state)
{
    struct ctx *ctx = *state, *rival = given_a_worker();
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct idempotency_key key = some_key(ctx);
    struct checkout_peek peek = peeked(ctx, &key, order.id, "alice");
    struct payment_lock lock;

    store_begin(rival);
    store_key_take(rival, &key, &peek.claim, payment.id);
    assert_ok(store_payment_lock(rival, payment.id, &lock));
    peek = peeked(ctx, &key, order.id, "alice");
    assert_int_equal(peek.claim.state, CLAIM_FREE);
    assert_true(peek.payment_found);
    assert_ok(store_commit(rival));
    dismiss(rival);
    assert_string_equal(peeked(ctx, &key, order.id, "alice").claim.payment_id.text,
                        payment.id.text);
}

/* A repeat locks first, so that nobody overtakes it again before it has written. */
static void who_queues_up_before_the_peek_has_the_locks(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct idempotency_key key = some_key(ctx);
    struct checkout_peek peek;

    store_begin(ctx);
    store_checkout_queue_up(ctx, &key, order.id, "alice");
    assert_ok(store_checkout_peek(ctx, &key, order.id, "alice", &peek));
    assert_locked(&payment);
    store_key_take(ctx, &key, &peek.claim, payment.id);
    store_peeked_hold(ctx, &peek.seen);
    assert_ok(store_commit(ctx));
}

static void a_checkout_of_a_fresh_order_meets_nothing_else(void **state)
{
    struct order order = given_an_order(*state);
    struct checkout_peek lock = peeked(*state, NULL, order.id, NULL);

    assert_int_equal(lock.claim.state, CLAIM_FREE);
    assert_int_equal(lock.claim.fence, 0);
    assert_true(lock.order_found);
    assert_false(lock.payment_found || lock.call_found);
}

static void a_checkout_of_somebody_elses_order_meets_nothing(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct checkout_peek lock;

    given_a_call(ctx, &payment);
    lock = peeked(ctx, NULL, order.id, "bob");
    assert_false(lock.order_found || lock.payment_found || lock.call_found);
}

static void a_checkout_does_not_meet_closed_and_surplus_payments(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_facts(ctx, &payment, (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED });
    assert_false(peeked(ctx, NULL, order.id, "alice").payment_found);
    payment.surplus = true;
    given_captured(ctx, &payment);
    assert_false(peeked(ctx, NULL, order.id, "alice").payment_found);
}

/* As checkout_order does it: what it waits for is a database, so it waits as seldom as it can. */
static void a_checkout_is_two_round_trips_before_and_one_after_the_call(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = some_payment(ctx, &order);
    struct provider_call call = some_call(ctx, &payment);
    struct idempotency_key key = some_key(ctx);
    struct answer answer = { .http_status = 201, .body = bytes_of("{}") };
    struct provider_reply reply = { .http_status = 200, .request_id = "req_1", .error = "" };
    int64_t before = store_round_trips(ctx->store);
    struct checkout_peek checkout;
    struct payment_lock known = { .found = true, .payment = payment };

    store_begin(ctx);
    assert_ok(store_checkout_peek(ctx, &key, order.id, "alice", &checkout));
    store_key_take(ctx, &key, &checkout.claim, payment.id);
    store_payment_open(ctx, &payment, &checkout.seen);
    store_call_insert(ctx, &call, call.attempts > 0);
    store_audit_insert(ctx, order.id, payment.id, "payment.created", bytes_of("{}"));
    store_outbox_insert(ctx, order.id, payment.id, DOMAIN_EVENT_PAYMENT_CREATED, bytes_of("{}"));
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 2);

    store_begin(ctx);
    store_key_finish(ctx, &key, checkout.claim.fence, &answer);
    store_payment_hold(ctx, &known, &call);
    store_call_record(ctx, &call, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_DONE,
                                                       .retry_ms = 5000 });
    store_payment_update(ctx, &payment);
    store_audit_insert(ctx, order.id, payment.id, "status", bytes_of("{}"));
    store_outbox_insert(ctx, order.id, payment.id, DOMAIN_EVENT_PAYMENT_PROCESSING, bytes_of("{}"));
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_checkout_meets_the_order_its_payment_and_its_call),
        TEST(an_order_is_locked_with_its_payment),
        TEST(what_was_peeked_at_is_locked_if_it_is_still_so),
        TEST(every_change_since_the_peek_is_noticed),
        TEST(a_payment_that_another_opened_since_the_peek_stops_ours),
        TEST(a_payment_is_opened_for_the_order_that_was_seen_or_not_at_all),
        TEST(a_change_that_is_not_committed_yet_is_waited_for_and_noticed),
        TEST(a_peek_waits_for_nobody),
        TEST(who_queues_up_before_the_peek_has_the_locks),
        TEST(a_checkout_of_a_fresh_order_meets_nothing_else),
        TEST(a_checkout_of_somebody_elses_order_meets_nothing),
        TEST(a_checkout_does_not_meet_closed_and_surplus_payments),
        TEST(a_checkout_is_two_round_trips_before_and_one_after_the_call),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store checkout", tests, NULL, NULL);
}
