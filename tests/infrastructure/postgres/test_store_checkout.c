#include "store_world.h"

static struct checkout_lock locked(struct ctx *ctx, const struct idempotency_key *key,
                                   struct order_id order_id, const char *owner)
{
    int64_t before = store_round_trips(ctx->store);
    struct checkout_lock lock;

    store_begin(ctx);
    assert_ok(store_checkout_lock(ctx, key, order_id, owner, &lock));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    store_rollback_if_open(ctx);
    return lock;
}

static void a_checkout_meets_the_order_its_payment_and_its_call(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct provider_call call = given_a_call(ctx, &payment);
    struct idempotency_key key = some_key(ctx);
    struct checkout_lock lock = locked(ctx, &key, order.id, "alice");

    assert_int_equal(lock.claim.state, CLAIM_MINE);
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

static void a_checkout_locks_order_and_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct checkout_lock lock;

    store_begin(ctx);
    assert_ok(store_checkout_lock(ctx, NULL, order.id, "alice", &lock));
    assert_locked(&payment);
    store_rollback_if_open(ctx);
}

static void a_checkout_of_a_fresh_order_meets_nothing_else(void **state)
{
    struct order order = given_an_order(*state);
    struct checkout_lock lock = locked(*state, NULL, order.id, NULL);

    assert_int_equal(lock.claim.state, CLAIM_MINE);
    assert_int_equal(lock.claim.fence, 0);
    assert_true(lock.order_found);
    assert_false(lock.payment_found || lock.call_found);
}

static void a_checkout_of_somebody_elses_order_meets_nothing(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct checkout_lock lock;

    given_a_call(ctx, &payment);
    lock = locked(ctx, NULL, order.id, "bob");
    assert_false(lock.order_found || lock.payment_found || lock.call_found);
}

static void a_checkout_does_not_meet_closed_and_surplus_payments(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_facts(ctx, &payment, (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED });
    assert_false(locked(ctx, NULL, order.id, "alice").payment_found);
    payment.surplus = true;
    given_captured(ctx, &payment);
    assert_false(locked(ctx, NULL, order.id, "alice").payment_found);
}

/* As checkout_order does it: what it waits for is a database, so it waits as seldom as it can. */
static void a_checkout_is_two_round_trips_before_and_two_after_the_call(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = some_payment(ctx, &order);
    struct provider_call call = some_call(ctx, &payment);
    struct idempotency_key key = some_key(ctx);
    struct answer answer = { .http_status = 201, .body = bytes_of("{}") };
    struct provider_reply reply = { .http_status = 200, .request_id = "req_1", .error = "" };
    int64_t before = store_round_trips(ctx->store);
    struct checkout_lock checkout;
    struct payment_lock lock;

    store_begin(ctx);
    assert_ok(store_checkout_lock(ctx, &key, order.id, "alice", &checkout));
    store_payment_insert(ctx, &payment);
    store_call_insert(ctx, &call, call.attempts > 0);
    queue_change(ctx, order.id, payment.id, "payment.created", "{}",
                 DOMAIN_EVENT_PAYMENT_CREATED);
    store_key_bind(ctx, &key, checkout.claim.fence, payment.id);
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 2);

    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    store_call_record(ctx, &call, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_DONE,
                                                       .retry_ms = 5000 });
    store_payment_update(ctx, &lock.payment);
    queue_change(ctx, order.id, payment.id, "status", "{}", DOMAIN_EVENT_PAYMENT_PROCESSING);
    store_key_finish(ctx, &key, checkout.claim.fence, &answer);
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_checkout_meets_the_order_its_payment_and_its_call),
        TEST(a_checkout_locks_order_and_payment),
        TEST(a_checkout_of_a_fresh_order_meets_nothing_else),
        TEST(a_checkout_of_somebody_elses_order_meets_nothing),
        TEST(a_checkout_does_not_meet_closed_and_surplus_payments),
        TEST(a_checkout_is_two_round_trips_before_and_two_after_the_call),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store checkout", tests, NULL, NULL);
}
