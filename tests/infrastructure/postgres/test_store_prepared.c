/* Statements are prepared by their first use on a connection, and all of them fit the schema. */
#include "store_world.h"

#include "infrastructure/postgres/pg/pg.h"

static bool sent(struct ctx *ctx, const char *sql, const char *argument)
{
    return PQsendQueryParams(ctx->store->connection, sql, argument != NULL ? 1 : 0, NULL, &argument,
                             NULL, NULL, 0);
}

/* How often the session has prepared a statement of that name; "%" counts all. */
static int64_t times_prepared(struct ctx *ctx, const char *name)
{
    static const struct pg_statement count = {
        "count", "SELECT count(*) AS count FROM pg_prepared_statements WHERE name LIKE $1"
    };
    struct pg_rows rows;

    assert_true(sent(ctx, count.sql, name));
    pg_expect(ctx->store, &count, PG_SHAPE_ONE, &rows);
    assert_ok(pg_wait(ctx));
    return pg_row_i64(pg_row_at(&rows, 0), "count");
}

static const struct problem *find(struct ctx *ctx, struct order_id id)
{
    struct order order;
    bool found;

    return store_order_find(ctx, id, NULL, &order, &found);
}

static const struct problem *finish_insert(struct ctx *ctx, const struct order *order)
{
    const struct problem *problem;

    store_order_insert(ctx, order);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

/* --- The check ------------------------------------------------------------------------------- */

static void every_statement_of_the_product_fits_the_schema(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(store_check_statements(ctx));
    assert_true(times_prepared(ctx, "%") > 100);
    assert_ok(store_check_statements(ctx));         /* once more: they are there */
}

static void a_statement_that_does_not_fit_is_named_by_the_check(void **state)
{
    struct ctx *ctx = *state;
    const struct problem *problem;

    sql_run("ALTER TABLE payapi.orders RENAME COLUMN description TO words");
    problem = store_check_statements(ctx);
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN words TO description");
    assert_problem(problem, PROBLEM_INTERNAL, false);
    assert_non_null(strstr(problem->cause, "order"));
    assert_non_null(strstr(problem->cause, "42703"));
    assert_ok(store_check_statements(ctx));
}

/* --- The first use --------------------------------------------------------------------------- */

static void a_connection_prepares_only_what_it_uses(void **state)
{
    struct ctx *ctx = *state;

    assert_int_equal(times_prepared(ctx, "%"), 2);  /* session_settings and schema_version */
    assert_ok(find(ctx, some_order(ctx, "alice").id));
    assert_int_equal(times_prepared(ctx, "%"), 3);
    assert_ok(find(ctx, some_order(ctx, "alice").id));
    assert_int_equal(times_prepared(ctx, "%"), 3);
}

static void a_first_use_costs_no_round_trip_of_its_own(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");
    int64_t before = store_round_trips(ctx->store);

    store_begin(ctx);
    assert_ok(finish_insert(ctx, &order));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
}

static void two_uses_in_one_round_trip_prepare_once(void **state)
{
    struct ctx *ctx = *state;
    struct order first = some_order(ctx, "alice"), second = some_order(ctx, "alice");

    store_begin(ctx);
    store_order_insert(ctx, &first);
    assert_ok(finish_insert(ctx, &second));
    assert_int_equal(times_prepared(ctx, "order_insert"), 1);
}

/* As of lists with ever other filters. */
static void a_session_with_many_statements_is_replaced(void **state)
{
    static struct pg_statement many[PG_PREPARED_KEPT];
    static char names[PG_PREPARED_KEPT][16];
    struct ctx *ctx = *state;
    struct pg_args none = { 0 };

    for (int i = 0; i < PG_PREPARED_KEPT - 3; i++) {
        snprintf(names[i], sizeof(names[i]), "many_%d", i);
        many[i] = (struct pg_statement) { names[i], "SELECT 1" };
        pg_queue_any(ctx, &many[i], &none);
        assert_ok(pg_wait(ctx));
    }
    assert_ok(store_ready(ctx));
    assert_int_equal(times_prepared(ctx, "many%"), PG_PREPARED_KEPT - 3);
    assert_ok(find(ctx, some_order(ctx, "alice").id));
    assert_ok(store_ready(ctx));
    assert_int_equal(times_prepared(ctx, "many%"), 0);
    assert_ok(find(ctx, some_order(ctx, "alice").id));
}

/* --- When the first use fails ---------------------------------------------------------------- */

static void what_stands_behind_an_error_is_prepared_by_its_next_use(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_problem(find(ctx, order.id), PROBLEM_ORDER_ALREADY_EXISTS, false);
    store_rollback_if_open(ctx);
    assert_int_equal(times_prepared(ctx, "order_find%"), 0);
    assert_ok(find(ctx, order.id));
    assert_ok(find(ctx, order.id));
}

static void a_statement_that_could_not_be_prepared_is_tried_again(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");

    sql_run("ALTER TABLE payapi.orders RENAME COLUMN description TO words");
    store_begin(ctx);
    assert_problem(finish_insert(ctx, &order), PROBLEM_INTERNAL, false);
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN words TO description");
    store_begin(ctx);
    assert_ok(finish_insert(ctx, &order));
}

/* Its execution fails; its preparation in the same round trip succeeded. */
static void a_statement_that_was_refused_stays_prepared(void **state)
{
    struct ctx *ctx = *state;
    struct ctx *other = given_a_worker();
    struct order order = given_an_order(other), fresh = some_order(ctx, "alice");

    dismiss(other);
    store_begin(ctx);
    assert_problem(finish_insert(ctx, &order), PROBLEM_ORDER_ALREADY_EXISTS, false);
    assert_int_equal(times_prepared(ctx, "order_insert"), 1);
    store_begin(ctx);
    assert_ok(finish_insert(ctx, &fresh));
}

/* The statements before the lost transaction's error outlive its rollback. */
static void a_rollback_leaves_statements_prepared(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");

    store_begin(ctx);
    store_order_insert(ctx, &order);
    store_rollback_if_open(ctx);
    assert_int_equal(times_prepared(ctx, "order_insert"), 1);
    store_begin(ctx);
    assert_ok(finish_insert(ctx, &order));
}

/* --- Another session ------------------------------------------------------------------------- */

static void a_new_connection_prepares_anew(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    assert_ok(find(ctx, order.id));
    sql_run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE application_name = 'payapi-test'");
    assert_ok(store_ready(ctx));
    assert_int_equal(times_prepared(ctx, "%"), 2);
    assert_ok(find(ctx, order.id));
}

/* Nobody but a pooler does that to our session: it is replaced before the repeat. */
static void a_session_that_lost_its_statements_is_replaced(void **state)
{
    static const struct pg_statement deallocate = { "deallocate", "DEALLOCATE ALL" };
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    const struct problem *problem;

    assert_ok(find(ctx, order.id));
    assert_true(sent(ctx, deallocate.sql, NULL));
    pg_expect(ctx->store, &deallocate, PG_SHAPE_ANY, NULL);
    assert_ok(pg_wait(ctx));
    problem = find(ctx, order.id);
    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_non_null(strstr(problem->cause, "26000"));
    assert_ok(store_ready(ctx));
    assert_ok(find(ctx, order.id));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(every_statement_of_the_product_fits_the_schema),
        TEST(a_statement_that_does_not_fit_is_named_by_the_check),
        TEST(a_connection_prepares_only_what_it_uses),
        TEST(a_first_use_costs_no_round_trip_of_its_own),
        TEST(two_uses_in_one_round_trip_prepare_once),
        TEST(a_session_with_many_statements_is_replaced),
        TEST(what_stands_behind_an_error_is_prepared_by_its_next_use),
        TEST(a_statement_that_could_not_be_prepared_is_tried_again),
        TEST(a_statement_that_was_refused_stays_prepared),
        TEST(a_rollback_leaves_statements_prepared),
        TEST(a_new_connection_prepares_anew),
        TEST(a_session_that_lost_its_statements_is_replaced),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store prepared statements", tests, NULL, NULL);
}
