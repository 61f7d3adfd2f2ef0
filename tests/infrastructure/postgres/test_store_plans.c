/* What PostgreSQL makes of the statements that a worker's own connection has prepared. */
#include "store_world.h"

#include "application/store/store_audit_list.h"
#include "application/store/store_movement_list.h"
#include "application/store/store_payment_list.h"
#include "application/store/store_inbox_events.h"
#include "infrastructure/postgres/pg/statements.h"

/*
 * Every one planned for any argument; an error names those that would be compiled, or that read a
 * whole table although the connection forbids it: there is no index for them. Who asks for the
 * number of pages has all transactions counted.
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
        "   LOOP"
        "       FOR line IN"
        "           EXECUTE format('EXPLAIN EXECUTE %I%s', prepared.name, prepared.arguments)"
        "       LOOP"
        "           IF line ~ 'JIT' OR (line ~ 'Seq Scan' AND prepared.name <> 'transactions_count') THEN"
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

    assert_true(PQsendQueryParams(ctx->store->connection, plan_all.sql, 0, NULL, NULL, NULL, NULL, 0));
    pg_expect(ctx->store, &plan_all, PG_SHAPE_ANY, NULL);
    assert_ok(pg_wait(ctx));
}

/* --- Lists -------------------------------------------------------------------------------------- */

/* Payments under review and events that wait are few; of Paystack nothing is there. */
static void given_many_rows(void)
{
    sql_run("SET session_replication_role = replica");         /* no triggers: only plans are wanted */
    sql_run("INSERT INTO payapi.orders (order_id, owner_id, amount_minor, currency, status, description,"
            "   created_at, updated_at)"
            " SELECT 'plan-' || n, 'alice', 9999, 'USD', 'open', '', now(), now()"
            " FROM generate_series(1, 4000) AS n");
    sql_run("INSERT INTO payapi.payments (payment_id, order_id, amount_minor, currency, provider, status,"
            "   needs_review, expires_at, created_at, updated_at)"
            " SELECT 'pay_' || lpad(n::text, 26, '0'), 'plan-' || n, 9999, 'USD', 'stripe', 'pending',"
            "   n %% 2000 = 0, now(), now(), now()"
            " FROM generate_series(1, 4000) AS n");
    sql_run("INSERT INTO payapi.webhook_events (provider, event_id, inbox_id, type, livemode, body, status,"
            "   event_created_at, received_at, finished_at, trace_id)"
            " SELECT 'stripe', 'evt_' || n, 'whe_' || lpad(n::text, 26, '0'), 'x', false, 'x',"
            "   CASE WHEN n %% 2000 = 0 THEN 'received' ELSE 'ignored' END, now(), now(),"
            "   CASE WHEN n %% 2000 <> 0 THEN now() END, repeat('0', 32)"
            " FROM generate_series(1, 4000) AS n");
    sql_run("SET session_replication_role = origin");
    sql_run("ANALYZE payapi.orders, payapi.payments, payapi.webhook_events");
}

static void ask_for_payments(struct ctx *ctx, const struct payment_query *query)
{
    struct payment_page page;

    assert_ok(store_payments_list(ctx, query, &page));
}

static void ask_for_events(struct ctx *ctx, const struct webhook_event_query *query)
{
    struct webhook_event_page page;

    assert_ok(store_inbox_events_list(ctx, query, &page));
}

/* What nobody has is the dearest to look for: after those one plan for all would seem good enough. */
static void given_many_lists(struct ctx *ctx)
{
    struct transaction_page transactions;
    struct audit_page audit;

    for (int i = 0; i < 12; i++) {
        ask_for_payments(ctx, &(struct payment_query) { .provider = "paystack", .limit = 50 });
        ask_for_events(ctx, &(struct webhook_event_query) { .provider = "paystack", .limit = 50 });
        assert_ok(store_movements_list(ctx, &(struct transaction_query) { .limit = 50 }, &transactions));
        assert_ok(store_audit_list(ctx, &(struct audit_query) { .limit = 50 }, &audit));
    }
    ask_for_payments(ctx, &(struct payment_query) { .needs_review = WANTED_YES, .limit = 50 });
    ask_for_events(ctx, &(struct webhook_event_query) { .status = "received", .limit = 50 });
}

/* Of the worker's own connection, as an assertion of the server. */
static void assert_in_the_server(struct ctx *ctx, const char *block)
{
    static const struct pg_statement assertion = { "assertion", "" };

    assert_true(PQsendQueryParams(ctx->store->connection, block, 0, NULL, NULL, NULL, NULL, 0));
    pg_expect(ctx->store, &assertion, PG_SHAPE_ANY, NULL);
    assert_ok(pg_wait(ctx));
}

/* Also on a connection whose choice is the other one, as PostgreSQL's is after dear filters. */
static void a_list_is_planned_for_its_own_filter_each_time(void **state)
{
    struct ctx *ctx = *state;

    assert_in_the_server(ctx, "SET plan_cache_mode = force_generic_plan");
    given_many_lists(ctx);
    assert_in_the_server(ctx,
        "DO $$"
        " DECLARE"
        "   planned text;"
        " BEGIN"
        "   SELECT string_agg(name || ' ' || generic_plans || '/' || custom_plans, ', ')"
        "   INTO planned"
        "   FROM pg_prepared_statements"
        "   WHERE name IN ('payments_after', 'webhook_events_after', 'transactions_after', 'audit_after')"
        "     AND (generic_plans > 0 OR custom_plans < 12);"
        "   ASSERT planned IS NULL, planned;"
        " END $$");
}

/* The plan that the next call of the list would have, behind what is queued before it. */
static void the_list_of_what_waits_walks_its_own_index(void **state)
{
    struct ctx *ctx = *state;

    given_many_rows();
    given_many_lists(ctx);
    transaction_plan_anew(ctx);
    assert_in_the_server(ctx,
        "DO $$"
        " DECLARE"
        "   line text;"
        "   plan text := '';"
        " BEGIN"
        "   FOR line IN EXECUTE 'EXPLAIN EXECUTE payments_after(true, NULL, NULL, NULL, 51)' LOOP"
        "       plan := plan || line;"
        "   END LOOP;"
        "   FOR line IN EXECUTE 'EXPLAIN EXECUTE webhook_events_after"
        "(NULL, NULL, ''received'', NULL, NULL, NULL, NULL, 51)' LOOP"
        "       plan := plan || line;"
        "   END LOOP;"
        "   ASSERT plan ~ 'payments_under_review' AND plan ~ 'webhook_events_due', plan;"
        " END $$");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_statement_reads_a_whole_table_or_is_compiled,
                                        given_one_worker, dismiss_one_worker),
        cmocka_unit_test_setup_teardown(a_list_is_planned_for_its_own_filter_each_time,
                                        given_one_worker, dismiss_one_worker),
        cmocka_unit_test_setup_teardown(the_list_of_what_waits_walks_its_own_index,
                                        given_one_worker, dismiss_one_worker),
    };

    (void) argc;
    world_need_server(argv);
    setenv("PAYAPI_TEST_DATABASE_URL", getenv("PAYAPI_TEST_JOBS_URL"), 1);     /* whose rights are all of them */
    return cmocka_run_group_tests_name("store plans", tests, NULL, NULL);
}
