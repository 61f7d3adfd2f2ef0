/* in_transaction: all or nothing, and again when that helps. */
#include "application/transaction.h"
#include "given.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/metrics.h"

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

/* --- What is logged meanwhile --------------------------------------------------------------- */

static int stderr_of_the_test;

static int set_up_a_log(void **state)
{
    FILE *file = tmpfile();

    set_up_world(state);
    assert_non_null(file);
    stderr_of_the_test = dup(STDERR_FILENO);
    (void) dup2(fileno(file), STDERR_FILENO);
    (void) fclose(file);
    log_open("test", LOG_LEVEL_INFO);
    return 0;
}

static int tear_down_the_log(void **state)
{
    (void) dup2(stderr_of_the_test, STDERR_FILENO);
    (void) close(stderr_of_the_test);
    log_open("test", LOG_LEVEL_ERROR);
    return tear_down_world(state);
}

static int lines_in_the_log(void)
{
    char text[4096];
    ssize_t size = pread(STDERR_FILENO, text, sizeof(text), 0);
    int count = 0;

    for (ssize_t at = 0; at < size; at++)
        count += text[at] == '\n';
    return count;
}

/* Currencies of the tests' own, so that each counts from 0. */
static const char *currency;

static int counted(void)
{
    struct arena *arena = arena_new();
    struct text text = text_new(arena);
    const char *line, *name = arena_printf(arena, "{currency=\"%s\",type=\"charge\"} ", currency);
    int count;

    metrics_print(&text);
    line = strstr(text.data, name);
    count = line == NULL ? 0 : atoi(line + strlen(name));
    arena_free(arena);
    return count;
}

static const struct problem *say_and_insert(struct ctx *ctx, void *work)
{
    (void) insert_an_order(ctx, work);
    metrics_add(METRIC_MONEY, 1, METRIC_VALUES(currency, "charge"));
    log_event(LOG_LEVEL_INFO, "payment_changed");
    assert_int_equal(lines_in_the_log(), 0);
    return OK;
}

static const struct problem *say_and_fail(struct ctx *ctx, void *work)
{
    metrics_add(METRIC_MONEY, 1, METRIC_VALUES(currency, "charge"));
    log_event(LOG_LEVEL_INFO, "payment_changed");
    return fail_after_a_write(ctx, work);
}

static void a_change_is_told_when_it_is_committed(void **state)
{
    struct counting work = { 0 };
    (void) state;

    currency = "AAA";
    assert_null(in_transaction(given_a_request_of("alice"), say_and_insert, &work));
    assert_int_equal(lines_in_the_log(), 1);
    assert_int_equal(counted(), 1);
}

static void of_what_was_undone_nothing_is_told(void **state)
{
    struct counting work = { 0 };
    (void) state;

    currency = "BBB";
    assert_non_null(in_transaction(given_a_request_of("alice"), say_and_fail, &work));
    assert_null(in_undone_transaction(given_a_request_of("alice"), say_and_insert, &work));
    assert_int_equal(lines_in_the_log(), 0);
    assert_int_equal(counted(), 0);
    log_event(LOG_LEVEL_INFO, "afterwards");
    assert_int_equal(lines_in_the_log(), 1);
}

static void a_repeated_try_tells_once(void **state)
{
    struct counting work = { 0 };
    (void) state;

    currency = "CCC";
    fake_store_fail(the_store, 1, FAULT_SERIALIZATION);
    fake_store_fail(the_store, 2, FAULT_SERIALIZATION);
    assert_null(in_transaction(given_a_request_of("alice"), say_and_insert, &work));
    assert_int_equal(work.runs, 3);
    assert_int_equal(lines_in_the_log(), 1);
    assert_int_equal(counted(), 1);
}

static const struct problem *say_once(struct ctx *ctx, void *argument)
{
    struct counting *work = argument;

    if (work->runs > 0) {
        work->runs++;
        return OK;
    }
    log_event(LOG_LEVEL_INFO, "payment_changed");
    return insert_an_order(ctx, work);
}

/* The repeat finds it done and says nothing: what may have happened is told twice rather than never. */
static void a_commit_without_an_answer_is_told(void **state)
{
    struct counting work = { 0 };
    (void) state;

    fake_store_fail(the_store, 1, FAULT_CONNECTION_LOST_AFTER);
    assert_null(in_transaction(given_a_request_of("alice"), say_once, &work));
    assert_int_equal(work.runs, 2);
    assert_int_equal(lines_in_the_log(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)
#define TEST_OF_LOG(name) \
    cmocka_unit_test_setup_teardown(name, set_up_a_log, tear_down_the_log)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_step_is_committed_once),
        TEST(a_problem_of_the_step_undoes_its_writes_and_is_handed_on),
        TEST(a_repeatable_problem_repeats_the_step),
        TEST(a_problem_that_a_repeat_does_not_solve_is_not_repeated),
        TEST(a_step_runs_at_most_transaction_tries_max_times),
        TEST(the_last_try_counts),
        TEST_OF_LOG(a_change_is_told_when_it_is_committed),
        TEST_OF_LOG(of_what_was_undone_nothing_is_told),
        TEST_OF_LOG(a_repeated_try_tells_once),
        TEST_OF_LOG(a_commit_without_an_answer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
