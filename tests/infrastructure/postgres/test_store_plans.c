/* What PostgreSQL makes of the statements that a connection has prepared. */
#include "store_world.h"

#include "infrastructure/postgres/pg/statements.h"

/*
 * Every one planned for any argument; an error names those that would be compiled, or that read a
 * whole table although the connection forbids it: there is no index for them. For those of lists see
 * test_store_lists.c; what only payapi-deliver's role may call has its plans inside its functions.
 */
static const struct pg_statement plan_all = {
    .name = "plan_all",
    .sql =
        "DO $$"
        " DECLARE"
        "   prepared record;"
        "   line text;"
        "   found text := '';"
        " BEGIN"
        "   SET LOCAL plan_cache_mode = force_generic_plan;"
        "   FOR prepared IN"
        "       SELECT name, coalesce((SELECT '(' || string_agg('NULL', ',') || ')'"
        "                              FROM unnest(parameter_types)), '') AS arguments"
        "       FROM pg_prepared_statements"
        "       WHERE statement ~ '^(SELECT|INSERT|UPDATE|DELETE|WITH)'"
        "         AND statement !~ '(plan|claim|finish)_deliveries|disable_endpoint'"
        "   LOOP"
        "       FOR line IN"
        "           EXECUTE format('EXPLAIN EXECUTE %I%s', prepared.name, prepared.arguments)"
        "       LOOP"
        "           IF line ~ 'JIT|Seq Scan' THEN"
        "               found := found || prepared.name || ': ' || line || '; ';"
        "           END IF;"
        "       END LOOP;"
        "   END LOOP;"
        "   ASSERT found = '', found;"
        " END $$"
};

static void no_statement_reads_a_whole_table_or_is_compiled(void **state)
{
    struct ctx *ctx = *state;

    assert_ok(store_check_statements(ctx));
    assert_true(PQsendQueryParams(ctx->store->connection, plan_all.sql, 0, NULL, NULL, NULL, NULL, 0));
    pg_expect(ctx->store, &plan_all, PG_SHAPE_ANY, NULL);
    assert_ok(pg_wait(ctx));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_statement_reads_a_whole_table_or_is_compiled,
                                        given_one_worker, dismiss_one_worker),
    };

    (void) argc;
    world_need_server(argv);
    setenv("PAYAPI_TEST_DATABASE_URL", getenv("PAYAPI_TEST_JOBS_URL"), 1);     /* whose rights are all of them */
    return cmocka_run_group_tests_name("store plans", tests, NULL, NULL);
}
