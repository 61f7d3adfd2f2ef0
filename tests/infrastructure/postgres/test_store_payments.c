#include "store_world.h"

#include <stdio.h>
#include <string.h>

#include "application/store/store_payment_list.h"

/* --- Payments ------------------------------------------------------------------------------ */

static struct payment found_payment(struct ctx *ctx, struct payment_id id)
{
    struct payment payment;
    bool found;

    assert_ok(store_payment_find(ctx, id, "alice", &payment, &found));
    assert_true(found);
    return payment;
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

/* Its caller was told of no payment. */
static void a_payment_that_was_not_begun_is_shown_when_money_comes(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment stored = given_a_payment(ctx, &order), payment;
    const struct payment_query newest = { .after_id = "pay_7", .limit = 1 };
    struct payment_page page;
    bool found;

    stored.not_begun = true;
    given_facts(ctx, &stored, (struct payment_facts) { .closed = PAYMENT_CLOSED_FAILED });
    assert_true(found_payment(ctx, stored.id).not_begun);
    assert_ok(store_order_payment_find(ctx, order.id, NULL, &payment, &found));
    assert_false(found);
    assert_ok(store_payments_list(ctx, &newest, &page));
    assert_true(page.count == 0 || strcmp(page.payments[0].id.text, stored.id.text) != 0);

    given_facts(ctx, &stored, (struct payment_facts) { .closed = PAYMENT_CLOSED_FAILED,
                                                       .captured_minor = 9999 });
    assert_ok(store_order_payment_find(ctx, order.id, NULL, &payment, &found));
    assert_true(found);
    assert_ok(store_payments_list(ctx, &newest, &page));
    assert_string_equal(page.payments[0].id.text, stored.id.text);
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

static void no_payment_cannot_change(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment nobodys = some_payment(ctx, &order);

    store_begin(ctx);
    store_payment_update(ctx, &nobodys);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
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
    assert_int_equal(lock.order_status, ORDER_OPEN);
    assert_false(lock.order_taken);
}

static void a_lock_locks_order_and_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct payment_lock lock;

    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    assert_locked(&payment);
    store_rollback_if_open(ctx);
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
        TEST(a_payment_that_was_not_begun_is_shown_when_money_comes),
        TEST(an_order_without_payment_has_none),
        TEST(an_order_has_one_live_payment),
        TEST(a_status_that_does_not_follow_is_refused),
        TEST(no_payment_cannot_change),
        TEST(a_lock_brings_payment_and_order_in_one_round_trip),
        TEST(a_lock_locks_order_and_payment),
        TEST(a_lock_of_nothing_finds_nothing),
        TEST(an_order_is_taken_while_another_payment_is_open_or_paid),
        TEST(of_50_payments_inserted_at_once_one_lives),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store payments", tests, NULL, NULL);
}
