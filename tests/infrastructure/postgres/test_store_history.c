#include <stdatomic.h>
#include <stdio.h>

#include "store_world.h"

#include "infrastructure/postgres/pg/statements.h"

static const struct payment_id no_payment = { "" };

#define HEALTH_MOMENT_MS 2900       /* less than the deadline */

/* --- Statements ---------------------------------------------------------------------------- */

/* A part of a row (pg_row_part) has names of its own. */
static bool begins_a_part(const char *column)
{
    return strstr(column, "_version") != NULL || strcmp(column, "call_found") == 0;
}

static void assert_names_differ(const PGresult *described, const char *statement)
{
    for (int a = 0; a < PQnfields(described); a++)
        for (int b = a - 1; b >= 0 && !begins_a_part(PQfname(described, b + 1)); b--)
            if (strcmp(PQfname(described, a), PQfname(described, b)) == 0)
                fail_msg("%s has two columns %s", statement, PQfname(described, a));
}

/* Columns are read by name, and the search begins where the last one was found. */
static void no_statement_gives_two_columns_of_one_name(void **state)
{
    struct ctx *ctx = *state;
    PGconn *connection;

    assert_ok(store_ready(ctx));
    connection = ctx->store->connection;
    PQexitPipelineMode(connection);
    for (const struct pg_statement *const *const *list = store_statements; *list != NULL; list++)
        for (const struct pg_statement *const *each = *list; *each != NULL; each++) {
            PGresult *described = PQdescribePrepared(connection, (*each)->name);

            assert_int_equal(PQresultStatus(described), PGRES_COMMAND_OK);
            assert_names_differ(described, (*each)->name);
            PQclear(described);
        }
    assert_int_equal(PQenterPipelineMode(connection), 1);
}

/* --- Ledger -------------------------------------------------------------------------------- */

static const struct problem *move(struct ctx *ctx, const struct payment *payment,
                                  enum movement_kind kind, int64_t amount_minor, const char *ref)
{
    const struct problem *problem;

    store_begin(ctx);
    store_movement_insert(ctx, payment, &(struct movement) { kind, amount_minor, ref, ctx->now_ms });
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *charge(struct ctx *ctx, const struct payment *payment)
{
    return move(ctx, payment, MOVEMENT_CHARGE, 9999, payment->id.text);
}

static void a_charge_is_written_with_the_providers_object(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);

    assert_ok(charge(*state, &payment));
    assert_int_equal(sql_number(
        "SELECT count(*) FROM payapi.transactions WHERE payment_id = '%s' AND order_id = '%s'"
        " AND kind = 'charge' AND amount_minor = 9999 AND currency = 'USD'"
        " AND provider = 'stripe' AND provider_ref = payment_id",
        payment.id.text, order.id.text), 1);
}

/* Each object of the provider moves its money once, and back once. */
static void a_refund_and_its_reversal_are_written_once(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);
    char ref[64];

    snprintf(ref, sizeof(ref), "re_%s", payment.id.text);
    assert_ok(move(*state, &payment, MOVEMENT_REFUND, -2500, ref));
    assert_ok(move(*state, &payment, MOVEMENT_REFUND_REVERSAL, 2500, ref));
    assert_problem(move(*state, &payment, MOVEMENT_REFUND, -2500, ref), PROBLEM_INTERNAL, false);
    assert_problem(move(*state, &payment, MOVEMENT_REFUND_REVERSAL, 2500, ref),
                   PROBLEM_INTERNAL, false);
    assert_problem(move(*state, &payment, MOVEMENT_REFUND, 2500, "re_other"), PROBLEM_INTERNAL,
                   false);
}

static void a_payment_is_charged_once(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);

    assert_ok(charge(*state, &payment));
    assert_problem(charge(*state, &payment), PROBLEM_INTERNAL, false);
}

/* --- Audit --------------------------------------------------------------------------------- */

static void actors_are_written_as_they_acted(void **state)
{
    static const struct { struct actor actor; const char *text; } actors[] = {
        { { ROLE_USER, "alice", ACTOR_CALLER },     "user:alice" },
        { { ROLE_SHOP, "alice", ACTOR_CALLER },     "shop:alice" },
        { { ROLE_ADMIN, "root", ACTOR_CALLER },     "admin:root" },
        { { ROLE_NONE, "stripe", ACTOR_WEBHOOK },   "webhook:stripe" },
        { { ROLE_NONE, "pull:stripe", ACTOR_PULL }, "pull:stripe" },
        { { ROLE_NONE, "jobs", ACTOR_JOBS },        "jobs" },
    };
    const int count = sizeof(actors) / sizeof(actors[0]);
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    for (int i = 0; i < count; i++) {
        ctx->actor = actors[i].actor;
        store_begin(ctx);
        store_audit_insert(ctx, order.id, no_payment, "order.created", bytes_of("{\"n\":1}"));
        assert_ok(store_commit(ctx));
        assert_string_equal(sql_text("SELECT actor FROM payapi.audit_log WHERE order_id = '%s'"
                                     " ORDER BY audit_id DESC LIMIT 1", order.id.text),
                            actors[i].text);
    }
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.audit_log WHERE order_id = '%s'"
                                " AND payment_id IS NULL AND hash IS NULL AND body = '{\"n\":1}'"
                                " AND trace_id = '0123456789abcdef0123456789abcdef'",
                                order.id.text), count);
}

static void the_audit_of_a_payment_is_a_chain(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    store_begin(ctx);
    for (int i = 0; i < 3; i++)
        store_audit_insert(ctx, order.id, payment.id, "status", bytes_of("{}"));
    assert_ok(store_commit(ctx));

    assert_int_equal(sql_number(
        "SELECT count(*) FROM (SELECT seq, hash, prev, payment_id, lag(hash, 1, sha256('')) OVER w AS linked,"
        "   sha256(prev || payapi.audit_text(payment_id, seq, at_us, actor, action, body, trace_id)) AS fresh"
        " FROM payapi.audit_log WHERE payment_id = '%s' WINDOW w AS (ORDER BY seq)) AS chain"
        " WHERE prev = linked AND hash = fresh", payment.id.text), 3);
    assert_int_equal(sql_number("SELECT seq FROM payapi.audit_heads WHERE payment_id = '%s'",
                                payment.id.text), 3);
}

/* --- Events -------------------------------------------------------------------------------- */

static const char *event_numbers(const char *aggregate)
{
    return sql_text("SELECT string_agg(aggregate_seq || type, ' ' ORDER BY aggregate_seq)"
                    " FROM payapi.outbox WHERE aggregate_id = '%s'", aggregate);
}

static void events_are_numbered_within_their_aggregate(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    store_begin(ctx);
    store_outbox_insert(ctx, order.id, no_payment, DOMAIN_EVENT_ORDER_CREATED, bytes_of("{}"));
    store_outbox_insert(ctx, order.id, payment.id, DOMAIN_EVENT_PAYMENT_CREATED, bytes_of("{}"));
    store_outbox_insert(ctx, order.id, payment.id, DOMAIN_EVENT_PAYMENT_PROCESSING, bytes_of("{}"));
    assert_ok(store_commit(ctx));
    store_begin(ctx);
    store_outbox_insert(ctx, order.id, payment.id, DOMAIN_EVENT_PAYMENT_COMPLETED,
                        bytes_of("{\"x\":1}"));
    assert_ok(store_commit(ctx));

    assert_string_equal(event_numbers(order.id.text), "1order.created");
    assert_string_equal(event_numbers(payment.id.text),
                        "1payment.created 2payment.processing 3payment.completed");
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.outbox WHERE payment_id = '%s'"
                                " AND order_id = '%s' AND payload = '{\"x\":1}'"
                                " AND delivered_at IS NULL", payment.id.text, order.id.text), 1);
}

/* --- Health -------------------------------------------------------------------------------- */

static void health_is_one_round_trip_and_takes_a_moment(void **state)
{
    struct ctx *ctx = *state;
    int64_t before = store_round_trips(ctx->store);
    struct store_health found = { .latency_ms = -1 };

    assert_ok(store_read_health(ctx, &found));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    assert_in_range(found.latency_ms, 0, HEALTH_MOMENT_MS);
    assert_int_equal(found.commits_waiting, 0);
}

static void the_last_round_of_the_jobs_is_known_to_all(void **state)
{
    struct store_health found;

    sql_run("UPDATE payapi.job_rounds SET finished_at = 'epoch'");
    assert_ok(store_read_health(*state, &found));
    assert_int_equal(found.round_at_ms, 0);
    assert_ok(store_round_done(*state));
    assert_ok(store_read_health(*state, &found));
    assert_in_range(found.now_ms - found.round_at_ms, 0, 60000);
}

static atomic_bool seen;

/* The server takes a moment to read its settings anew: one of these will hang. */
static void commit_until_seen(struct ctx *worker)
{
    while (!seen)
        if (store_ready(worker) == OK)
            (void) store_round_done(worker);
}

static void commit_or_watch(struct ctx *worker, int number)
{
    struct store_health found = { .commits_waiting = 0 };

    if (number == 0) {
        commit_until_seen(worker);
        return;
    }
    while (found.commits_waiting == 0)
        assert_ok(store_read_health(worker, &found));
    seen = true;
    sql_run("ALTER SYSTEM RESET synchronous_standby_names");
    sql_run("SELECT pg_reload_conf()");
}

/* Everything that reads works, and whoever commits hangs. */
static void a_commit_that_waits_for_a_standby_is_seen(void **state)
{
    struct store_health found;

    sql_run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    sql_run("SELECT pg_reload_conf()");
    at_once(2, commit_or_watch);
    assert_ok(store_read_health(*state, &found));
    assert_int_equal(found.commits_waiting, 0);
}

static int64_t rows_in_the_database(void)
{
    return sql_number("SELECT (SELECT count(*) FROM payapi.orders)"
                      " + (SELECT count(*) FROM payapi.payments)"
                      " + (SELECT count(*) FROM payapi.audit_log)");
}

static void readiness_writes_and_leaves_no_trace(void **state)
{
    struct ctx *ctx = *state;
    int64_t before = rows_in_the_database();
    struct store_health found;

    assert_ok(store_check_writable(ctx));
    assert_int_equal(rows_in_the_database(), before);
    assert_ok(store_read_health(ctx, &found));
}

/* As after an upgrade of the server's files: reading works, triggers do not. */
static void readiness_notices_a_broken_trigger(void **state)
{
    sql_run("ALTER FUNCTION payapi.audit_text RENAME TO audit_text_gone");
    assert_problem(store_check_writable(*state), PROBLEM_INTERNAL, false);
    sql_run("ALTER FUNCTION payapi.audit_text_gone RENAME TO audit_text");
    assert_ok(store_check_writable(*state));
}

static void readiness_notices_an_old_schema(void **state)
{
    const struct problem *problem;

    sql_run("CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 1");
    problem = store_check_writable(*state);
    sql_run("CREATE OR REPLACE FUNCTION payapi.schema_version() RETURNS integer"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 2");

    assert_problem(problem, PROBLEM_INTERNAL, false);
    assert_non_null(strstr(problem->cause, "payapi-admin migrate"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(no_statement_gives_two_columns_of_one_name),
        TEST(a_charge_is_written_with_the_providers_object),
        TEST(a_refund_and_its_reversal_are_written_once),
        TEST(a_payment_is_charged_once),
        TEST(actors_are_written_as_they_acted),
        TEST(the_audit_of_a_payment_is_a_chain),
        TEST(events_are_numbered_within_their_aggregate),
        TEST(health_is_one_round_trip_and_takes_a_moment),
        TEST(the_last_round_of_the_jobs_is_known_to_all),
        TEST(a_commit_that_waits_for_a_standby_is_seen),
        TEST(readiness_writes_and_leaves_no_trace),
        TEST(readiness_notices_a_broken_trigger),
        TEST(readiness_notices_an_old_schema),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store history and health", tests, NULL, NULL);
}
