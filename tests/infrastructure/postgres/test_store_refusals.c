#include "store_world.h"

#include <stdio.h>

#include "infrastructure/postgres/pg/pg.h"

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
    { "25006", PROBLEM_DATABASE_UNAVAILABLE, true },
    { "0A000", PROBLEM_DATABASE_UNAVAILABLE, true },
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

static void given_schema_version(int version)
{
    sql_run("CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer LANGUAGE sql IMMUTABLE"
            " PARALLEL SAFE RETURN %d", version);
}

static void assert_start_is_refused(int version, const char *remedy)
{
    struct ctx *ctx = given_a_worker_at(NULL);
    const struct problem *problem;

    given_schema_version(version);
    problem = store_ready(ctx);
    given_schema_version(SCHEMA_VERSION_MIN);
    assert_problem(problem, PROBLEM_INTERNAL, false);
    assert_non_null(strstr(problem->cause, remedy));
    dismiss(ctx);
}

/* Also when it lacks what the statements need, so that the remedy is told and not the symptom. */
static void an_older_schema_is_refused_and_its_remedy_told(void **state)
{
    (void) state;
    assert_start_is_refused(SCHEMA_VERSION_MIN - 1, "run payapi-admin migrate");
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN description TO words");
    assert_start_is_refused(SCHEMA_VERSION_MIN - 1, "run payapi-admin migrate");
    sql_run("ALTER TABLE payapi.orders RENAME COLUMN words TO description");
}

static void a_database_without_our_schema_is_refused_and_the_remedy_told(void **state)
{
    struct ctx *ctx = given_a_worker_at(NULL);
    const struct problem *problem;

    (void) state;
    sql_run("ALTER FUNCTION payapi.schema_version() RENAME TO none");
    problem = store_ready(ctx);
    sql_run("ALTER FUNCTION payapi.none() RENAME TO schema_version");
    assert_problem(problem, PROBLEM_INTERNAL, false);
    assert_non_null(strstr(problem->cause, "run payapi-admin migrate"));
    dismiss(ctx);
}

static void a_program_works_on_the_schema_of_one_release_more(void **state)
{
    struct ctx *ctx = given_a_worker_at(NULL);

    (void) state;
    given_schema_version(SCHEMA_VERSION_MAX);
    assert_ok(store_ready(ctx));
    given_an_order(ctx);
    given_schema_version(SCHEMA_VERSION_MIN);
    dismiss(ctx);
    assert_start_is_refused(SCHEMA_VERSION_MAX + 1, "install the programs");
}

/* --- Sessions that are of no use any more ----------------------------------------------------- */

static const struct problem *find(struct ctx *ctx, struct order_id id)
{
    struct order order;
    bool found;

    return store_order_find(ctx, id, NULL, &order, &found);
}

static void a_migration_that_changes_a_statements_rows_is_not_noticed(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    const struct problem *problem;

    assert_ok(find(ctx, order.id));
    sql_run("ALTER TABLE payapi.orders ALTER description TYPE varchar");
    problem = find(ctx, order.id);
    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_non_null(strstr(problem->cause, "0A000"));
    assert_ok(store_ready(ctx));
    assert_ok(find(ctx, order.id));
    sql_run("ALTER TABLE payapi.orders ALTER description TYPE text");
}

static const struct problem *insert_fresh(struct ctx *ctx)
{
    struct order order = some_order(ctx, "alice");

    return inserted(ctx, &order);
}

static void become_a_standby(void)
{
    char path[512];
    FILE *signal;

    server_control("stop -m fast");
    snprintf(path, sizeof(path), "%s/data/standby.signal", getenv("PAYAPI_TEST_CLUSTER"));
    signal = fopen(path, "we");
    assert_non_null(signal);
    fclose(signal);
    server_control("start");
}

static struct ctx *given_a_worker_of_any_host(void)
{
    static char url[512];

    snprintf(url, sizeof(url), "%s&target_session_attrs=any", getenv("PAYAPI_TEST_DATABASE_URL"));
    return given_a_worker_at(url);
}

/* A failover: by default a standby is no server for us; and who is connected to one does not stay there. */
static void a_session_on_a_standby_is_not_kept(void **state)
{
    struct ctx *picky = given_a_worker_at(NULL);
    struct ctx *ctx = given_a_worker_of_any_host();
    const struct problem *problem;
    int session;

    (void) state;
    become_a_standby();
    assert_problem(store_ready(picky), PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_ok(store_ready(ctx));
    session = PQbackendPID(ctx->store->connection);
    problem = insert_fresh(ctx);
    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_non_null(strstr(problem->cause, "0A000"));

    server_control("promote");
    assert_ok(store_ready(ctx));
    assert_int_not_equal(PQbackendPID(ctx->store->connection), session);
    assert_ok(insert_fresh(ctx));
    assert_ok(store_ready(picky));
    assert_ok(insert_fresh(picky));
    dismiss(picky);
    dismiss(ctx);
}

/* --- Which of two constraints is named -------------------------------------------------------- */

/* pg_restore makes them by name; orders.sql makes the primary key first. */
static void an_order_that_exists_is_told_whichever_index_is_older(void **state)
{
    static const char *const remade[] = {
        "orders_pkey PRIMARY KEY (order_id)", "order_amount_key UNIQUE (order_id, amount_minor, currency)",
    };
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    for (size_t i = 0; i < sizeof(remade) / sizeof(remade[0]); i++) {
        sql_run("ALTER TABLE payapi.orders DROP CONSTRAINT %.*s CASCADE, ADD CONSTRAINT %s",
                (int) strcspn(remade[i], " "), remade[i], remade[i]);
        assert_problem(inserted(ctx, &order), PROBLEM_ORDER_ALREADY_EXISTS, false);
    }
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
        TEST(an_older_schema_is_refused_and_its_remedy_told),
        TEST(a_database_without_our_schema_is_refused_and_the_remedy_told),
        TEST(a_program_works_on_the_schema_of_one_release_more),
        TEST(a_migration_that_changes_a_statements_rows_is_not_noticed),
        TEST(a_session_on_a_standby_is_not_kept),
        TEST(a_role_that_points_elsewhere_changes_nothing),
        TEST(an_order_that_exists_is_told_whichever_index_is_older),     /* takes foreign keys away: last */
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store refusals", tests, NULL, NULL);
}
