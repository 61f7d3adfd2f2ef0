/* in_transaction: all or nothing, and again when that helps. */
#include "application/transaction.h"
#include "given.h"

struct counting { int runs; };

static const struct problem *insert_an_order(struct ctx *ctx, void *argument)
{
    struct counting *work = argument;
    struct order order = { .id = { "abc-123" }, .amount = { 9999, "USD" } };

    work->runs++;
    store_order_insert(ctx, &order);
    return OK;
}

static const struct problem *fail_after_a_write(struct ctx *ctx, void *argument)
{
    struct counting *work = argument;

    (void) insert_an_order(ctx, work);
    return problem_new(ctx->arena, PROBLEM_NOT_FOUND, "There is no such thing.");
}

static void a_step_is_committed_once(void **state)
{
    struct counting work = { 0 };
    (void) state;

    assert_null(in_transaction(given_a_request_of("alice"), insert_an_order, &work));

    assert_int_equal(work.runs, 1);
    assert_non_null(the_order("abc-123"));
    assert_false(fake_store_in_transaction(the_store));
}

static void a_problem_of_the_step_undoes_its_writes_and_is_handed_on(void **state)
{
    struct counting work = { 0 };
    const struct problem *problem;
    (void) state;

    problem = in_transaction(given_a_request_of("alice"), fail_after_a_write, &work);

    assert_int_equal(problem->type, PROBLEM_NOT_FOUND);
    assert_int_equal(work.runs, 1);
    assert_null(the_order("abc-123"));
    assert_false(fake_store_in_transaction(the_store));
}

static void a_repeatable_problem_repeats_the_step(void **state)
{
    struct counting work = { 0 };
    (void) state;

    fake_store_fail(the_store, 1, FAULT_SERIALIZATION);
    fake_store_fail(the_store, 2, FAULT_CONNECTION_LOST_BEFORE);

    assert_null(in_transaction(given_a_request_of("alice"), insert_an_order, &work));

    assert_int_equal(work.runs, 3);
    assert_int_equal(fake_store_repeat_count(the_store), 2);
    assert_non_null(the_order("abc-123"));
}

static void a_problem_that_a_repeat_does_not_solve_is_not_repeated(void **state)
{
    struct counting work = { 0 };
    const struct problem *problem;
    (void) state;

    fake_store_fail(the_store, 1, FAULT_REFUSED);

    problem = in_transaction(given_a_request_of("alice"), insert_an_order, &work);

    assert_int_equal(problem->type, PROBLEM_INTERNAL);
    assert_int_equal(work.runs, 1);
    assert_int_equal(fake_store_repeat_count(the_store), 0);
}

static void a_step_runs_at_most_transaction_tries_max_times(void **state)
{
    struct counting work = { 0 };
    const struct problem *problem;
    (void) state;

    fake_store_is_down(the_store, true);

    problem = in_transaction(given_a_request_of("alice"), insert_an_order, &work);

    assert_int_equal(problem->type, PROBLEM_DATABASE_UNAVAILABLE);
    assert_int_equal(work.runs, TRANSACTION_TRIES_MAX);
    assert_int_equal(fake_store_repeat_count(the_store), TRANSACTION_TRIES_MAX - 1);
    assert_false(fake_store_in_transaction(the_store));
}

static void the_last_try_counts(void **state)
{
    struct counting work = { 0 };
    (void) state;

    for (int try = 1; try < TRANSACTION_TRIES_MAX; try++)
        fake_store_fail(the_store, try, FAULT_SERIALIZATION);

    assert_null(in_transaction(given_a_request_of("alice"), insert_an_order, &work));
    assert_int_equal(work.runs, TRANSACTION_TRIES_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_step_is_committed_once),
        TEST(a_problem_of_the_step_undoes_its_writes_and_is_handed_on),
        TEST(a_repeatable_problem_repeats_the_step),
        TEST(a_problem_that_a_repeat_does_not_solve_is_not_repeated),
        TEST(a_step_runs_at_most_transaction_tries_max_times),
        TEST(the_last_try_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
