#include "store_world.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cutting_proxy.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/pg/pg.h"

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
    struct checkout_peek lock;

    if (opening->runs++ > 0)
        store_checkout_queue_up(ctx, &opening->key, opening->order.id, "alice");
    TRY(store_checkout_peek(ctx, &opening->key, opening->order.id, "alice", &lock));
    assert_int_equal(lock.claim.state, CLAIM_FREE);
    opening->found_own = lock.payment_found
        && strcmp(lock.payment.id.text, opening->payment.id.text) == 0
        && strcmp(lock.claim.payment_id.text, opening->payment.id.text) == 0;
    if (lock.payment_found)
        return OK;
    store_key_take(ctx, &opening->key, &lock.claim, opening->payment.id);
    store_payment_open(ctx, &opening->payment, &lock.seen);
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
    const struct problem *problem;
    bool found;

    store_begin(ctx);
    assert_ok(store_order_find(ctx, id, NULL, &order, &found));
    sql_run("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE application_name = 'payapi-test'");
    store_order_insert(ctx, &order);
    problem = store_commit(ctx);
    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_true(problem->in_doubt);
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
    const struct problem *problem;
    bool found;

    server_control("stop -m immediate");
    assert_problem(store_ready(ctx), PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_int_equal(store_ready(ctx)->retry_after_s, 2);
    assert_problem(store_order_find(ctx, order.id, NULL, &order, &found),
                   PROBLEM_DATABASE_UNAVAILABLE, true);
    store_begin(ctx);
    store_order_insert(ctx, &order);
    problem = store_commit(ctx);
    assert_problem(problem, PROBLEM_DATABASE_UNAVAILABLE, true);
    assert_false(problem->in_doubt);            /* it was never sent */
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

/* A notification, for example: no reason to connect anew. */
static void a_server_that_merely_says_something_is_kept(void **state)
{
    static const struct pg_statement listen = { "listen", "LISTEN gossip" };
    struct ctx *ctx = *state;
    struct pollfd said = { .fd = PQsocket(ctx->store->connection), .events = POLLIN };
    int64_t before;
    struct store_health found;

    assert_true(PQsendQueryParams(ctx->store->connection, listen.sql, 0, NULL, NULL, NULL, NULL, 0));
    pg_expect(ctx->store, &listen, PG_SHAPE_ANY, NULL);
    assert_ok(store_read_health(ctx, &found));
    sql_run("NOTIFY gossip");
    assert_int_equal(poll(&said, 1, 20000), 1);
    before = store_round_trips(ctx->store);
    assert_ok(store_ready(ctx));
    assert_int_equal(store_round_trips(ctx->store), before);
    assert_ok(store_read_health(ctx, &found));
}

static const struct problem *ask_for_health(struct ctx *ctx)
{
    struct store_health found;

    return store_read_health(ctx, &found);
}

static int64_t ms_of_silence(const struct problem *(*work)(struct ctx *ctx))
{
    struct ctx *ctx = given_a_worker_at(proxy_start());
    int64_t before_ms;

    assert_ok(store_ready(ctx));
    proxy_cut(CUT_SILENCE);
    before_ms = clock_monotonic_ms();
    assert_problem(work(ctx), PROBLEM_DATABASE_UNAVAILABLE, false);
    dismiss(ctx);
    proxy_stop();
    return clock_monotonic_ms() - before_ms;
}

/* Twice the server's own limit of 3 s, and then it is not asked again: that would be 12 s. */
static void a_silent_server_is_given_up(void **state)
{
    (void) state;
    assert_in_range(ms_of_silence(store_round_done), 5900, 11900);
}

/* Whoever asks for health waits less: it is the answer. */
static void a_silent_server_is_unwell_sooner(void **state)
{
    (void) state;
    assert_in_range(ms_of_silence(ask_for_health), 2900, 5900);
}

/* A socket that is listened at, and nobody takes what comes: a server that was stopped. */
static const char *given_a_stopped_server(int *listener_out)
{
    static char url[sizeof(((struct sockaddr_un *) NULL)->sun_path) + 64];
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof(address.sun_path), "%s/.s.PGSQL.7", getenv("PAYAPI_TEST_CLUSTER"));
    unlink(address.sun_path);
    *listener_out = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(*listener_out, (struct sockaddr *) &address, sizeof(address)), 0);
    assert_int_equal(listen(*listener_out, 16), 0);
    snprintf(url, sizeof(url), "postgresql://payapi@/x?port=7&host=%s", getenv("PAYAPI_TEST_CLUSTER"));
    return url;
}

/* In so many ms from now it is over. */
static bool is_tried(struct ctx *ctx, int64_t left_ms)
{
    ctx->store->settings.news->silent_until_ms = clock_monotonic_ms() + left_ms;
    return strstr(store_ready(ctx)->cause, "not tried") == NULL;
}

/* One of those who share it waits for the server, the others are free for what needs no database. */
static void one_finds_out_that_the_server_is_silent(void **state)
{
    static struct store_news news;
    int listener;
    const char *url = given_a_stopped_server(&listener);
    struct ctx *first = given_a_worker_at(url), *second = given_a_worker_at(url);
    (void) state;

    first->store->settings.news = second->store->settings.news = &news;
    assert_null(strstr(store_ready(first)->cause, "not tried"));
    assert_true(news.silent_until_ms > 0);
    assert_false(is_tried(second, 4000));
    assert_true(is_tried(second, 0));                       /* the wait is over: it found the same */
    assert_true(news.silent_until_ms > 0);
    assert_true(is_tried(second, 3600000));                 /* no wait is so long: a former boot's */
    close(listener);
    while (news.silent_until_ms != 0)
        assert_true(is_tried(first, 0));                    /* to be refused at once is no silence */
    dismiss(first);
    dismiss(second);
}

/* As on a full disk: what reads goes on, and the last write tells. */
static void a_server_that_refuses_writes_is_noticed_until_one_takes_effect(void **state)
{
    static struct store_news news;
    struct ctx *ctx = *state;
    struct store_health found;

    ctx->store->settings.news = &news;
    sql_run("CREATE FUNCTION payapi.full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'no space' USING ERRCODE = '53100'; END $$");
    sql_run("CREATE TRIGGER full_disk BEFORE UPDATE ON payapi.job_rounds"
            " FOR EACH ROW EXECUTE FUNCTION payapi.full_disk()");
    assert_problem(store_round_done(ctx), PROBLEM_DATABASE_UNAVAILABLE, false);
    assert_ok(store_read_health(ctx, &found));
    assert_true(found.refuses_writes);
    news.refused_at_ms -= 15000;
    assert_ok(store_read_health(ctx, &found));
    assert_false(found.refuses_writes);
    assert_problem(store_round_done(ctx), PROBLEM_DATABASE_UNAVAILABLE, false);
    sql_run("DROP FUNCTION payapi.full_disk CASCADE");
    given_an_order(ctx);
    assert_ok(store_read_health(ctx, &found));
    assert_false(found.refuses_writes);
}

/* --- Rivals ---------------------------------------------------------------------------------- */

static void a_lock_that_does_not_come_free_is_repeatable(void **state)
{
    struct ctx *ctx = *state;
    struct ctx *rival = given_a_worker();
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct payment_lock lock;

    store_begin(rival);
    assert_ok(store_payment_lock(rival, payment.id, &lock));
    store_begin(ctx);
    assert_problem(store_payment_lock(ctx, payment.id, &lock), PROBLEM_DATABASE_UNAVAILABLE, true);
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

static struct order      crossing[2];
static struct problem    met[2];
static pthread_barrier_t both_hold;

/* Each label holds its order; the second pair closes the circle. */
static void cross(struct ctx *worker, int number)
{
    const struct problem *problem;
    struct store_health found;

    store_begin(worker);
    store_order_set_status(worker, crossing[number].id, ORDER_OPEN);
    problem = store_read_health(worker, &found);
    pthread_barrier_wait(&both_hold);
    store_order_set_status(worker, crossing[1 - number].id, ORDER_OPEN);
    if (problem == OK)
        problem = store_commit(worker);
    met[number] = problem != OK ? *problem : (struct problem) { .retry_after_s = -1 };
    store_rollback_if_open(worker);
}

static void a_deadlock_is_repeatable_for_the_one_that_lost(void **state)
{
    int lost;

    sql_run("ALTER ROLE ALL SET deadlock_timeout = '50ms'");    /* who connects from here on */
    crossing[0] = given_an_order(*state);
    crossing[1] = given_an_order(*state);
    pthread_barrier_init(&both_hold, NULL, 2);
    at_once(2, cross);
    pthread_barrier_destroy(&both_hold);
    sql_run("ALTER ROLE ALL RESET deadlock_timeout");

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
        TEST(a_server_that_merely_says_something_is_kept),
        TEST(a_silent_server_is_given_up),
        TEST(a_silent_server_is_unwell_sooner),
        TEST(one_finds_out_that_the_server_is_silent),
        TEST(a_server_that_refuses_writes_is_noticed_until_one_takes_effect),
        TEST(a_lock_that_does_not_come_free_is_repeatable),
        TEST(the_lock_of_a_hung_worker_comes_free),
        TEST(a_deadlock_is_repeatable_for_the_one_that_lost),
        TEST(a_crowd_at_one_order_gets_through),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store failures", tests, NULL, NULL);
}
