#include "store_world.h"

#include <stdio.h>

/* --- Payments ------------------------------------------------------------------------------ */

static struct payment found_payment(struct ctx *ctx, struct payment_id id)
{
    struct payment payment;
    bool found;

    assert_ok(store_payment_find(ctx, id, "alice", &payment, &found));
    assert_true(found);
    return payment;
}

static void assert_same_payment(const struct payment *a, const struct payment *b)
{
    assert_string_equal(a->id.text, b->id.text);
    assert_string_equal(a->order_id.text, b->order_id.text);
    assert_string_equal(a->owner_id, b->owner_id);
    assert_true(money_equal(a->amount, b->amount));
    assert_string_equal(a->provider, b->provider);
    assert_string_equal(a->provider_ref, b->provider_ref);
    assert_string_equal(a->provider_intent, b->provider_intent);
    assert_string_equal(a->checkout_url, b->checkout_url);
    assert_true(payment_facts_equal(&a->facts, &b->facts));
    assert_int_equal(a->facts.refunded_minor, b->facts.refunded_minor);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->surplus, b->surplus);
    assert_int_equal(a->needs_review, b->needs_review);
    assert_string_equal(a->review_reason, b->review_reason);
    assert_int_equal(a->expires_at_ms, b->expires_at_ms);
    assert_int_equal(a->created_at_ms, b->created_at_ms);
    assert_int_equal(a->updated_at_ms, b->updated_at_ms);
    assert_int_equal(a->completed_at_ms, b->completed_at_ms);
}

static void a_payment_comes_back_as_it_was_opened(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment stored = given_a_payment(ctx, &order);
    struct payment payment = found_payment(ctx, stored.id);

    assert_same_payment(&payment, &stored);
}

/* Every member that may change, each with a value of its own. */
static void a_payment_comes_back_as_it_was_changed(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment stored = given_a_payment(ctx, &order);
    struct payment payment;

    snprintf(stored.provider_ref, sizeof(stored.provider_ref), "cs_%s", stored.id.text);
    snprintf(stored.provider_intent, sizeof(stored.provider_intent), "pi_%s", stored.id.text);
    snprintf(stored.checkout_url, sizeof(stored.checkout_url), "https://pay.example/c/1");
    snprintf(stored.review_reason, sizeof(stored.review_reason), "Two objects.");
    stored.surplus = true;
    stored.needs_review = true;
    stored.updated_at_ms += 1234;
    given_facts(ctx, &stored, (struct payment_facts) {
        .captured_minor = 9999,
        .closed = PAYMENT_CLOSED_EXPIRED,
        .mismatch = true,
        .snapshot = { .at_s = 1700000000, .progress = PROGRESS_FAILED,
                      .failure_code = "card_declined", .failure_reason = "The bank said no." },
    });
    payment = found_payment(ctx, stored.id);

    assert_int_equal(payment.status, PAYMENT_COMPLETED);
    assert_same_payment(&payment, &stored);
}

static void a_payment_of_somebody_else_is_not_found(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment stored = given_a_payment(ctx, &order);
    struct payment payment;
    bool found;

    assert_ok(store_payment_find(ctx, stored.id, "bob", &payment, &found));
    assert_false(found);
    assert_ok(store_payment_find(ctx, stored.id, NULL, &payment, &found));
    assert_true(found);
    assert_ok(store_order_payment_find(ctx, order.id, "bob", &payment, &found));
    assert_false(found);
}

/* Newer, but closed: the one that holds the order is shown. */
static void the_payment_of_an_order_is_the_one_that_holds_it(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment newer = some_payment(ctx, &order);
    struct payment older = some_payment(ctx, &order);
    struct payment payment;
    bool found;

    newer.id.text[4] = '7';             /* sorts behind every id of this century */
    store_begin(ctx);
    store_payment_insert(ctx, &newer);
    assert_ok(store_commit(ctx));
    given_facts(ctx, &newer, (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED });
    assert_ok(store_order_payment_find(ctx, order.id, "alice", &payment, &found));
    assert_string_equal(payment.id.text, newer.id.text);

    store_begin(ctx);
    store_payment_insert(ctx, &older);
    assert_ok(store_commit(ctx));
    assert_ok(store_order_payment_find(ctx, order.id, "alice", &payment, &found));
    assert_string_equal(payment.id.text, older.id.text);

    given_facts(ctx, &older, (struct payment_facts) { .closed = PAYMENT_CLOSED_FAILED });
    assert_ok(store_order_payment_find(ctx, order.id, "alice", &payment, &found));
    assert_string_equal(payment.id.text, newer.id.text);
}

static void an_order_without_payment_has_none(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment;
    bool found;

    assert_ok(store_order_payment_find(*state, order.id, NULL, &payment, &found));
    assert_false(found);
}

static void an_order_has_one_live_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment second = some_payment(ctx, &order);

    given_a_payment(ctx, &order);
    store_begin(ctx);
    store_payment_insert(ctx, &second);
    assert_problem(store_commit(ctx), PROBLEM_INVALID_PAYMENT_STATE, true);
    store_rollback_if_open(ctx);
}

/* What the domain would never write is our own bug, and the constraint's name is in the log. */
static void a_status_that_does_not_follow_is_refused(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    const struct problem *problem;

    payment.status = PAYMENT_COMPLETED;
    store_begin(ctx);
    store_payment_update(ctx, &payment);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);

    assert_problem(problem, PROBLEM_INTERNAL, false);
    assert_non_null(strstr(problem->cause, "status_follows_from_facts"));
    assert_null(strstr(problem->detail, "status_follows"));
}

/* --- Locks --------------------------------------------------------------------------------- */

static void a_lock_brings_payment_and_order_in_one_round_trip(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    int64_t before = store_round_trips(ctx->store);
    struct payment_lock lock;

    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    store_rollback_if_open(ctx);

    assert_true(lock.found);
    assert_same_payment(&lock.payment, &payment);
    assert_string_equal(lock.order.id.text, order.id.text);
    assert_false(lock.order_taken);
}

static void a_lock_of_nothing_finds_nothing(void **state)
{
    struct payment_id nobodys = { "pay_00000000000000000000000000" };
    struct payment_lock lock;

    store_begin(*state);
    assert_ok(store_payment_lock(*state, nobodys, &lock));
    store_rollback_if_open(*state);
    assert_false(lock.found);
}

static void assert_order_taken(struct ctx *ctx, struct payment_id id, bool expected)
{
    struct payment_lock lock;

    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, id, &lock));
    store_rollback_if_open(ctx);
    assert_int_equal(lock.order_taken, expected);
}

static void an_order_is_taken_while_another_payment_is_open_or_paid(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment first = given_a_payment(ctx, &order);
    struct payment second;

    given_facts(ctx, &first, (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED });
    assert_order_taken(ctx, first.id, false);
    second = given_a_payment(ctx, &order);
    assert_order_taken(ctx, first.id, true);
    assert_order_taken(ctx, second.id, false);
    given_captured(ctx, &second);
    assert_order_taken(ctx, first.id, true);

    first.surplus = true;               /* its money came all the same */
    given_captured(ctx, &first);
    assert_order_taken(ctx, second.id, false);
}

/* --- Checkout ------------------------------------------------------------------------------ */

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
    assert_string_equal(lock.call.request.operation, "checkout");
    assert_string_equal(lock.call.request.method, "POST");
    assert_string_equal(lock.call.request.path, call.request.path);
    assert_true(bytes_equal(lock.call.request.body, call.request.body));
    assert_string_equal(lock.call.request.idempotency_key, call.request.idempotency_key);
    assert_int_equal(lock.call.attempts, 1);
    assert_int_equal(lock.call.started_at_ms, call.started_at_ms);
    assert_true(lock.call.leased);
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
    store_call_insert(ctx, &call);
    store_audit_insert(ctx, order.id, payment.id, "payment.created", bytes_of("{}"));
    store_event_insert(ctx, order.id, payment.id, EVENT_PAYMENT_CREATED, bytes_of("{}"));
    store_key_bind(ctx, &key, checkout.claim.fence, payment.id);
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 2);

    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    store_call_record(ctx, &call, &reply, VERDICT_DONE, 5000);
    store_payment_update(ctx, &lock.payment);
    store_audit_insert(ctx, order.id, payment.id, "status", bytes_of("{}"));
    store_event_insert(ctx, order.id, payment.id, EVENT_PAYMENT_PROCESSING, bytes_of("{}"));
    store_key_finish(ctx, &key, checkout.claim.fence, &answer);
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 4);
}

/* --- Races --------------------------------------------------------------------------------- */

static struct order contested;
static bool         opened[50];

static void open_payment(struct ctx *worker, int number)
{
    struct payment payment = some_payment(worker, &contested);

    store_begin(worker);
    store_payment_insert(worker, &payment);
    opened[number] = store_commit(worker) == OK;
    store_rollback_if_open(worker);
}

static void of_50_payments_inserted_at_once_one_lives(void **state)
{
    for (int round = 0; round < 5; round++) {
        int count = 0;

        contested = given_an_order(*state);
        at_once(50, open_payment);
        for (int i = 0; i < 50; i++)
            count += opened[i];
        assert_int_equal(count, 1);
        assert_int_equal(sql_number("SELECT count(*) FROM payapi.payments WHERE order_id = '%s'",
                                    contested.id.text), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_payment_comes_back_as_it_was_opened),
        TEST(a_payment_comes_back_as_it_was_changed),
        TEST(a_payment_of_somebody_else_is_not_found),
        TEST(the_payment_of_an_order_is_the_one_that_holds_it),
        TEST(an_order_without_payment_has_none),
        TEST(an_order_has_one_live_payment),
        TEST(a_status_that_does_not_follow_is_refused),
        TEST(a_lock_brings_payment_and_order_in_one_round_trip),
        TEST(a_lock_of_nothing_finds_nothing),
        TEST(an_order_is_taken_while_another_payment_is_open_or_paid),
        TEST(a_checkout_meets_the_order_its_payment_and_its_call),
        TEST(a_checkout_of_a_fresh_order_meets_nothing_else),
        TEST(a_checkout_of_somebody_elses_order_meets_nothing),
        TEST(a_checkout_does_not_meet_closed_and_surplus_payments),
        TEST(a_checkout_is_two_round_trips_before_and_two_after_the_call),
        TEST(of_50_payments_inserted_at_once_one_lives),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store payments", tests, NULL, NULL);
}
