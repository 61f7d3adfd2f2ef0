#include "store_world.h"

/* --- What the server's refusals mean --------------------------------------------------------- */

static const struct {
    const char       *sqlstate;
    enum problem_type type;
    bool              repeatable;
} refusals[] = {
    { "40001", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "40P01", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "55P03", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "57014", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "57P01", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "57P02", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "57P03", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "53100", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "53200", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "53300", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "58030", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "25006", PROBLEM_DATABASE_UNAVAILABLE, false },
    { "08006", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "PA001", PROBLEM_REQUEST_IN_PROGRESS,  true },
    { "23514", PROBLEM_INTERNAL,             false },
    { "42501", PROBLEM_INTERNAL,             false },
    { "XX000", PROBLEM_INTERNAL,             false },
};

static const struct problem *inserted(struct ctx *ctx, const struct order *order)
{
    const struct problem *problem;

    store_begin(ctx);
    store_order_insert(ctx, order);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *refused_with(struct ctx *ctx, const char *sqlstate)
{
    struct order order = some_order(ctx, "alice");
    const struct problem *problem;

    sql_run("CREATE FUNCTION payapi.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'no' USING ERRCODE = '%s', DETAIL = 'alice@example.com'; END $$;"
            " CREATE TRIGGER refuse BEFORE INSERT ON payapi.orders"
            " FOR EACH ROW EXECUTE FUNCTION payapi.refuse()", sqlstate);
    problem = inserted(ctx, &order);
    sql_run("DROP FUNCTION payapi.refuse() CASCADE");
    assert_ok(inserted(ctx, &order));
    return problem;
}

static void every_refusal_of_the_server_has_its_meaning(void **state)
{
    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        const struct problem *problem = refused_with(*state, refusals[i].sqlstate);

        assert_problem(problem, refusals[i].type, refusals[i].repeatable);
        assert_non_null(strstr(problem->cause, refusals[i].sqlstate));
        assert_true(problem->type == PROBLEM_INTERNAL || problem->retry_after_s > 0);
    }
}

static void a_cause_never_quotes_what_was_stored(void **state)
{
    assert_null(strstr(refused_with(*state, "XX000")->cause, "alice@example.com"));
}

/* --- What becomes of a transaction ----------------------------------------------------------- */

static void a_statement_that_takes_too_long_is_not_repeated(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    const struct problem *problem;

    sql_run("CREATE FUNCTION payapi.slow() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(10); RETURN NEW; END';"
            " CREATE TRIGGER slow BEFORE UPDATE ON payapi.payments"
            " FOR EACH ROW EXECUTE FUNCTION payapi.slow()");
    store_begin(ctx);
    store_payment_update(ctx, &payment);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    sql_run("DROP FUNCTION payapi.slow() CASCADE");

    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, false);
    assert_non_null(strstr(problem->cause, "57014"));
}

static void what_follows_a_problem_is_not_committed(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct order fresh = some_order(ctx, "alice");
    struct order found_order;
    bool found;

    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_problem(store_order_find(ctx, order.id, NULL, &found_order, &found),
                   PROBLEM_ORDER_ALREADY_EXISTS, false);
    store_order_insert(ctx, &fresh);
    assert_non_null(store_commit(ctx));
    store_rollback_if_open(ctx);
    assert_ok(store_order_find(ctx, fresh.id, NULL, &found_order, &found));
    assert_false(found);
}

static void an_empty_commit_of_a_failed_transaction_is_no_success(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct order again;
    bool found;

    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_non_null(store_order_find(ctx, order.id, NULL, &again, &found));
    assert_problem(store_commit(ctx), PROBLEM_INTERNAL, false);
    store_rollback_if_open(ctx);
}

static void what_was_queued_and_given_up_leaves_no_trace(void **state)
{
    struct ctx *ctx = *state;
    struct order fresh = some_order(ctx, "alice");
    struct order order;
    bool found;

    store_begin(ctx);
    store_order_insert(ctx, &fresh);
    store_order_insert(ctx, &fresh);    /* even with a failure in the queue */
    store_rollback_if_open(ctx);
    assert_ok(store_order_find(ctx, fresh.id, NULL, &order, &found));
    assert_false(found);
}

static void a_schema_that_does_not_fit_stops_the_start(void **state)
{
    struct ctx *ctx = given_a_worker_at(NULL);

    (void) state;
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN description TO words");
    assert_problem(store_ready(ctx), PROBLEM_INTERNAL, false);
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN words TO description");
    assert_ok(store_ready(ctx));
    dismiss(ctx);
}

static void a_role_that_points_elsewhere_changes_nothing(void **state)
{
    struct ctx *ctx = given_a_worker_at(NULL);

    (void) state;
    sql_run("CREATE SCHEMA hostile; CREATE TABLE hostile.orders (order_id text);"
            " GRANT USAGE ON SCHEMA hostile TO payapi;"
            " ALTER ROLE payapi SET search_path = hostile");
    assert_ok(store_ready(ctx));
    given_an_order(ctx);
    dismiss(ctx);
    sql_run("ALTER ROLE payapi RESET search_path");
    assert_int_equal(sql_number("SELECT count(*) FROM hostile.orders"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_refusal_of_the_server_has_its_meaning),
        TEST(a_cause_never_quotes_what_was_stored),
        TEST(a_statement_that_takes_too_long_is_not_repeated),
        TEST(what_follows_a_problem_is_not_committed),
        TEST(an_empty_commit_of_a_failed_transaction_is_no_success),
        TEST(what_was_queued_and_given_up_leaves_no_trace),
        TEST(a_schema_that_does_not_fit_stops_the_start),
        TEST(a_role_that_points_elsewhere_changes_nothing),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store refusals", tests, NULL, NULL);
}
