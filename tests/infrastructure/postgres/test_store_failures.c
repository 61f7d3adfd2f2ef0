#include "store_world.h"

#include <stdio.h>

#include "cutting_proxy.h"
#include "infrastructure/clock.h"

/* --- COMMIT without an answer ---------------------------------------------------------------- */

struct opening {
    struct idempotency_key key;
    struct order           order;
    struct payment         payment;
    int                    runs;
    bool                   found_own;   /* the repeat met what the first run had left */
};

/* The first transaction of a checkout, as note_intent writes it. */
static const struct problem *note_intent(struct ctx *ctx, void *work)
{
    struct opening *opening = work;
    struct checkout_lock lock;

    opening->runs++;
    TRY(store_checkout_lock(ctx, &opening->key, opening->order.id, "alice", &lock));
    assert_int_equal(lock.claim.state, CLAIM_MINE);
    opening->found_own = lock.payment_found
        && strcmp(lock.payment.id.text, opening->payment.id.text) == 0
        && strcmp(lock.claim.payment_id.text, opening->payment.id.text) == 0;
    if (lock.payment_found)
        return OK;
    store_payment_insert(ctx, &opening->payment);
    store_key_bind(ctx, &opening->key, lock.claim.fence, opening->payment.id);
    return OK;
}

static struct opening opened_with_a_cut(enum cut cut)
{
    struct ctx *ctx = given_a_worker_at(proxy_start());
    struct opening opening = { .runs = 0 };

    assert_ok(store_ready(ctx));
    opening.key = some_key(ctx);
    opening.order = given_an_order(ctx);
    opening.payment = some_payment(ctx, &opening.order);
    proxy_cut(cut);
    assert_ok(in_transaction(ctx, note_intent, &opening));
    dismiss(ctx);
    proxy_stop();

    assert_int_equal(opening.runs, 2);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.payments WHERE order_id = '%s'",
                                opening.order.id.text), 1);
    return opening;
}

static void a_commit_that_never_arrived_is_run_again(void **state)
{
    (void) state;
    assert_false(opened_with_a_cut(CUT_BEFORE_COMMIT).found_own);
}

static void a_commit_whose_answer_was_lost_is_found_again(void **state)
{
    (void) state;
    assert_true(opened_with_a_cut(CUT_AFTER_COMMIT).found_own);
}

/* --- A server that goes ---------------------------------------------------------------------- */

static void a_terminated_connection_is_a_repeatable_problem(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");
    struct order_id id = order.id;
    bool found;

    store_begin(ctx);
    assert_ok(store_order_find(ctx, id, NULL, &order, &found));
    sql_run("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE application_name = 'payapi-test'");
    store_order_insert(ctx, &order);
    assert_problem(store_commit(ctx), PROBLEM_DATABASE_UNAVAILABLE, true);
    store_rollback_if_open(ctx);
    store_prepare_repeat(ctx, 1);
    assert_ok(store_order_find(ctx, id, NULL, &order, &found));
    assert_false(found);
}

static void a_restart_between_requests_is_not_noticed(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    server_control("restart -m fast");
    assert_ok(store_ready(ctx));
    given_a_payment(ctx, &order);
    server_control("restart -m immediate");
    assert_ok(store_ready(ctx));
    given_an_order(ctx);
}

static void a_stopped_server_is_unavailable_until_it_is_back(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");
    bool found;

    server_control("stop -m immediate");
    assert_problem(store_ready(ctx), PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_int_equal(store_ready(ctx)->retry_after_s, 2);
    assert_problem(store_order_find(ctx, order.id, NULL, &order, &found),
                   PROBLEM_DATABASE_UNAVAILABLE, true);
    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_problem(store_commit(ctx), PROBLEM_DATABASE_UNAVAILABLE, true);
    store_rollback_if_open(ctx);
    server_control("start");
    assert_ok(store_ready(ctx));
    given_an_order(ctx);
}

static void a_ready_connection_costs_no_round_trip(void **state)
{
    struct ctx *ctx = *state;
    int64_t before = store_round_trips(ctx->store);

    assert_ok(store_ready(ctx));
    assert_ok(store_ready(ctx));
    assert_int_equal(store_round_trips(ctx->store), before);
}

/* Twice the server's own limit, and then it is not asked again. */
static void a_silent_server_is_given_up(void **state)
{
    struct ctx *ctx = given_a_worker_at(proxy_start());
    int64_t before_ms;
    int64_t latency_ms;

    (void) state;
    assert_ok(store_ready(ctx));
    proxy_cut(CUT_SILENCE);
    before_ms = clock_monotonic_ms();
    assert_problem(store_ping(ctx, &latency_ms), PROBLEM_DATABASE_UNAVAILABLE, false);
    assert_in_range(clock_monotonic_ms() - before_ms, 5900, 7000);
    dismiss(ctx);
    proxy_stop();
}

/* --- Rivals ---------------------------------------------------------------------------------- */

static void a_lock_that_does_not_come_free_is_repeatable(void **state)
{
    struct ctx *ctx = *state;
    struct ctx *rival = given_a_worker();
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    int64_t before_ms = clock_monotonic_ms();
    struct payment_lock lock;

    store_begin(rival);
    assert_ok(store_payment_lock(rival, payment.id, &lock));
    store_begin(ctx);
    assert_problem(store_payment_lock(ctx, payment.id, &lock), PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_in_range(clock_monotonic_ms() - before_ms, 900, 2500);
    store_rollback_if_open(ctx);
    dismiss(rival);
    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    store_rollback_if_open(ctx);
}

/* A worker that is stopped in the middle of its transaction loses it, and its locks with it. */
static void the_lock_of_a_hung_worker_comes_free(void **state)
{
    struct ctx *ctx = *state;
    struct ctx *hung = given_a_worker();
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct payment_lock lock;

    store_begin(hung);
    assert_ok(store_payment_lock(hung, payment.id, &lock));
    sleep_ms(10500);
    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &lock));
    store_rollback_if_open(ctx);
    store_payment_update(hung, &payment);
    assert_problem(store_commit(hung), PROBLEM_DATABASE_UNAVAILABLE, true);
    dismiss(hung);
}

static struct order   crossing[2];
static struct problem met[2];

/* Each label holds its order; the second pair closes the circle. */
static void cross(struct ctx *worker, int number)
{
    const struct problem *problem;
    int64_t latency_ms;

    store_begin(worker);
    store_order_set_status(worker, crossing[number].id, ORDER_OPEN);
    problem = store_ping(worker, &latency_ms);
    sleep_ms(200);
    store_order_set_status(worker, crossing[1 - number].id, ORDER_OPEN);
    if (problem == OK)
        problem = store_commit(worker);
    met[number] = problem != OK ? *problem : (struct problem) { .retry_after_s = -1 };
    store_rollback_if_open(worker);
}

static void a_deadlock_is_repeatable_for_the_one_that_lost(void **state)
{
    int lost;

    sql_run("ALTER SYSTEM SET deadlock_timeout = '50ms'");
    sql_run("SELECT pg_reload_conf()");
    sleep_ms(100);
    crossing[0] = given_an_order(*state);
    crossing[1] = given_an_order(*state);
    at_once(2, cross);

    lost = met[0].retry_after_s != -1 ? 0 : 1;
    assert_int_equal(met[1 - lost].retry_after_s, -1);
    assert_int_equal(met[lost].type, PROBLEM_DATABASE_UNAVAILABLE);
    assert_true(met[lost].repeatable);
}

static struct order everybodys;
static bool         done[64];

static const struct problem *label(struct ctx *ctx, void *nothing)
{
    struct order order;
    bool found;

    (void) nothing;
    TRY(store_order_find(ctx, everybodys.id, NULL, &order, &found));
    store_order_set_status(ctx, everybodys.id, ORDER_OPEN);
    store_audit_insert(ctx, everybodys.id, (struct payment_id) { "" }, "label", bytes_of("{}"));
    return OK;
}

static void label_often(struct ctx *worker, int number)
{
    done[number] = true;
    for (int i = 0; i < 10; i++)
        done[number] = done[number] && in_transaction(worker, label, NULL) == OK;
}

static void a_crowd_at_one_order_gets_through(void **state)
{
    everybodys = given_an_order(*state);
    at_once(64, label_often);
    for (int i = 0; i < 64; i++)
        assert_true(done[i]);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.audit_log WHERE order_id = '%s'",
                                everybodys.id.text), 640);
}

/* --- Statements that cannot go on ------------------------------------------------------------ */

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
        TEST(a_commit_that_never_arrived_is_run_again),
        TEST(a_commit_whose_answer_was_lost_is_found_again),
        TEST(a_terminated_connection_is_a_repeatable_problem),
        TEST(a_restart_between_requests_is_not_noticed),
        TEST(a_stopped_server_is_unavailable_until_it_is_back),
        TEST(a_ready_connection_costs_no_round_trip),
        TEST(a_silent_server_is_given_up),
        TEST(a_lock_that_does_not_come_free_is_repeatable),
        TEST(the_lock_of_a_hung_worker_comes_free),
        TEST(a_deadlock_is_repeatable_for_the_one_that_lost),
        TEST(a_crowd_at_one_order_gets_through),
        TEST(a_statement_that_takes_too_long_is_not_repeated),
        TEST(what_follows_a_problem_is_not_committed),
        TEST(an_empty_commit_of_a_failed_transaction_is_no_success),
        TEST(what_was_queued_and_given_up_leaves_no_trace),
        TEST(a_schema_that_does_not_fit_stops_the_start),
        TEST(a_role_that_points_elsewhere_changes_nothing),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store failures", tests, NULL, NULL);
}
