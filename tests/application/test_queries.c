/* The queries: own things only, and health says what is broken. */
#include "application/queries.h"
#include "given.h"

static int set_up_a_payment(void **state)
{
    set_up_world(state);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    given_an_order("bobs", "bob", (struct money) { 100, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    return 0;
}

static void an_owner_and_an_admin_see_an_order_and_its_payment(void **state)
{
    struct ctx *readers[] = { given_a_request_of("alice"), given_a_request_of_an_admin() };
    struct order order;
    struct payment payment;
    (void) state;

    for (int i = 0; i < 2; i++) {
        assert_null(get_order(readers[i], "abc-123", &order));
        assert_string_equal(order.id.text, "abc-123");
        assert_null(get_payment(readers[i], last_payment()->id.text, &payment));
        assert_string_equal(payment.id.text, last_payment()->id.text);
        assert_null(get_payment_status(readers[i], "abc-123", &payment));
        assert_string_equal(payment.id.text, last_payment()->id.text);
    }
}

static void somebody_elses_things_are_not_found(void **state)
{
    struct ctx *bob = given_a_request_of("bob");
    struct order order;
    struct payment payment;
    (void) state;

    assert_int_equal(get_order(bob, "abc-123", &order)->type, PROBLEM_NOT_FOUND);
    assert_string_equal(get_order(bob, "abc-123", &order)->detail,
                        get_order(bob, "nothing", &order)->detail);
    assert_int_equal(get_payment(bob, last_payment()->id.text, &payment)->type, PROBLEM_NOT_FOUND);
    assert_int_equal(get_payment_status(bob, "abc-123", &payment)->type, PROBLEM_NOT_FOUND);
}

static void an_id_that_cannot_be_one_asks_no_database(void **state)
{
    struct ctx *ctx = given_a_request_of("alice");
    int waits = fake_store_wait_count(the_store);
    struct order order;
    struct payment payment;
    (void) state;

    assert_int_equal(get_order(ctx, "a/b", &order)->type, PROBLEM_NOT_FOUND);
    assert_int_equal(get_payment(ctx, "pay_1", &payment)->type, PROBLEM_NOT_FOUND);
    assert_int_equal(get_payment_status(ctx, "", &payment)->type, PROBLEM_NOT_FOUND);
    assert_int_equal(fake_store_wait_count(the_store), waits);
}

static void whoever_knows_a_payments_id_may_ask_whether_it_is_paid(void **state)
{
    struct ctx *nobody = given_a_request_of("");
    enum payment_outcome outcome = OUTCOME_NOT_PAID;
    (void) state;

    assert_null(get_outcome(nobody, last_payment()->id.text, &outcome));
    assert_int_equal(outcome, OUTCOME_OPEN);
}

static void an_unknown_payment_looks_like_one_that_is_being_confirmed(void **state)
{
    static const char *const unknown[] = { "", "pay_1", "pay_01HZX3V9QK7T2W9XH4VBN1RCDE", "ord_1" };
    (void) state;

    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        enum payment_outcome outcome = OUTCOME_NOT_PAID;

        assert_null(get_outcome(given_a_request_of(""), unknown[i], &outcome));
        assert_int_equal(outcome, OUTCOME_CONFIRMING);
    }
}

static void a_list_holds_own_orders_and_an_admins_all(void **state)
{
    struct order_page_query query = { .owner = "alice", .limit = 20, .page = 1 };
    struct order_page page;
    (void) state;

    assert_null(list_orders(given_a_request_of("bob"), &query, &page));
    assert_int_equal(page.count, 1);
    assert_string_equal(page.orders[0].id.text, "bobs");

    assert_null(list_orders(given_a_request_of_an_admin(), &query, &page));
    assert_int_equal(page.count, 2);
    assert_int_equal(page.total, 2);
}

/* --- Health -------------------------------------------------------------------------------- */

static void health_is_ok_when_everything_answers(void **state)
{
    struct health health;
    (void) state;

    check_health(given_a_request_of(""), &health);

    assert_int_equal(health.status, HEALTH_OK);
    assert_int_equal(health.database.status, HEALTH_OK);
    assert_int_equal(health.jobs.status, HEALTH_OK);
    assert_int_equal(health.provider_count, 2);
    assert_string_equal(health.providers[0].name, "stripe");
    assert_int_equal(health.providers[0].status, HEALTH_OK);
}

static void a_provider_whose_circuit_is_open_degrades_health(void **state)
{
    struct health health;
    (void) state;

    fake_provider_set_health_of(&fake_paystack, PROVIDER_WRITES,
                                (struct provider_health) { .circuit_open = true, .failed = 12,
                                                           .retry_after_s = 4 });
    check_health(given_a_request_of(""), &health);

    assert_int_equal(health.status, HEALTH_DEGRADED);
    assert_int_equal(health.providers[0].status, HEALTH_OK);
    assert_int_equal(health.providers[1].status, HEALTH_DEGRADED);
    assert_int_equal(health.providers[1].details.failed, 12);
}

static void without_a_database_health_is_an_error_whatever_the_providers_do(void **state)
{
    struct health health;
    (void) state;

    fake_provider_set_health(&fake_stripe, (struct provider_health) { .circuit_open = true });
    fake_store_fail(the_store, 1, FAULT_CONNECTION_LOST_BEFORE);
    check_health(given_a_request_of(""), &health);

    assert_int_equal(health.status, HEALTH_ERROR);
    assert_int_equal(health.database.status, HEALTH_ERROR);
    assert_string_equal(health.database.reason, "it does not answer");
}

static void a_provider_that_fails_in_one_direction_degrades_health_with_the_reason(void **state)
{
    static const struct { enum provider_direction direction; int status; const char *reason; } cases[] = {
        { PROVIDER_WRITES, 0, "it does not answer checkouts and refunds" },
        { PROVIDER_WRITES, 401, "it refuses our key (HTTP 401) for checkouts and refunds" },
        { PROVIDER_READS, 503, "it answers HTTP 503 to questions" },
    };
    struct health health;
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fake_provider_set_health(&fake_stripe, (struct provider_health) { .answered = 2 });
        fake_provider_set_health_of(&fake_stripe, cases[i].direction, (struct provider_health) {
            .failing = true, .failed_status = cases[i].status, .answered = 1 });
        check_health(given_a_request_of(""), &health);
        assert_int_equal(health.status, HEALTH_DEGRADED);
        assert_string_equal(health.providers[0].reason, cases[i].reason);
        assert_int_equal(health.providers[0].details.answered, 3);
        assert_string_equal(health.providers[1].reason, "");
    }
}

static void jobs_that_get_nothing_done_degrade_health(void **state)
{
    struct health health;
    (void) state;

    fake_store_set_health(the_store, (struct store_health) { .now_ms = 100000,
                                                             .round_at_ms = 100000 - JOBS_SILENT_MS });
    check_health(given_a_request_of(""), &health);
    assert_int_equal(health.jobs.status, HEALTH_OK);

    fake_store_set_health(the_store, (struct store_health) { .now_ms = 100001,
                                                             .round_at_ms = 100000 - JOBS_SILENT_MS });
    check_health(given_a_request_of(""), &health);
    assert_int_equal(health.status, HEALTH_DEGRADED);
    assert_string_equal(health.jobs.reason, "payapi-jobs has got nothing done for 12 s");
    assert_int_equal(health.jobs.round_at_ms, 100000 - JOBS_SILENT_MS);
}

/* Reads work, and every order hangs. */
static void commits_that_wait_for_a_standby_are_an_error(void **state)
{
    struct health health;
    (void) state;

    fake_store_set_health(the_store, (struct store_health) { .commits_waiting = 1 });
    check_health(given_a_request_of(""), &health);
    assert_int_equal(health.status, HEALTH_ERROR);
    assert_string_equal(health.database.reason, "commits wait for a synchronous standby");

    fake_store_set_health(the_store, (struct store_health) { .refuses_writes = true });
    check_health(given_a_request_of(""), &health);
    assert_int_equal(health.status, HEALTH_ERROR);
    assert_string_equal(health.database.reason, "it refuses to write: disk full, or read-only");
}

static void what_is_lost_is_told_once_and_again_when_it_is_back(void **state)
{
    atomic_uint told = 0;
    struct settings settings = *given_a_request_of("")->settings;
    struct ctx *ctx = given_a_request_of("");
    struct health health;
    (void) state;

    settings.health_told = &told;
    ctx->settings = &settings;
    check_health(ctx, &health);
    assert_int_equal(told, 0);
    fake_store_set_health(the_store, (struct store_health) { .commits_waiting = 1 });
    check_health(ctx, &health);
    assert_int_equal(told, 1);
    fake_provider_set_health(&fake_paystack, (struct provider_health) { .failing = true });
    check_health(ctx, &health);
    assert_int_equal(told, 1 + 16);
    fake_store_set_health(the_store, (struct store_health) { .commits_waiting = 0 });
    check_health(ctx, &health);
    assert_int_equal(told, 16);
}

static void readiness_is_the_write_path(void **state)
{
    (void) state;

    assert_null(check_ready(given_a_request_of("")));
    fake_store_is_down(the_store, true);
    given_time_passes(5);
    assert_int_equal(check_ready(given_a_request_of(""))->type, PROBLEM_DATABASE_UNAVAILABLE);
    fake_store_is_down(the_store, false);
    assert_null(check_ready(given_a_request_of("")));   /* what failed is not remembered */
}

/* Anybody may ask: a stranger who goes on asking must not go on writing. */
static void readiness_is_proved_every_five_seconds_and_no_more_often(void **state)
{
    int before = fake_store_wait_count(the_store);
    (void) state;

    assert_null(check_ready(given_a_request_of("")));
    given_time_passes(4);
    assert_null(check_ready(given_a_request_of("")));
    assert_int_equal(fake_store_wait_count(the_store) - before, 1);
    given_time_passes(1);
    assert_null(check_ready(given_a_request_of("")));
    assert_int_equal(fake_store_wait_count(the_store) - before, 2);
    given_time_passes(-3600);                           /* a clock that was set back */
    assert_null(check_ready(given_a_request_of("")));
    assert_int_equal(fake_store_wait_count(the_store) - before, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_a_payment, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_owner_and_an_admin_see_an_order_and_its_payment),
        TEST(somebody_elses_things_are_not_found),
        TEST(an_id_that_cannot_be_one_asks_no_database),
        TEST(whoever_knows_a_payments_id_may_ask_whether_it_is_paid),
        TEST(an_unknown_payment_looks_like_one_that_is_being_confirmed),
        TEST(a_list_holds_own_orders_and_an_admins_all),
        TEST(health_is_ok_when_everything_answers),
        TEST(a_provider_whose_circuit_is_open_degrades_health),
        TEST(a_provider_that_fails_in_one_direction_degrades_health_with_the_reason),
        TEST(jobs_that_get_nothing_done_degrade_health),
        TEST(commits_that_wait_for_a_standby_are_an_error),
        TEST(what_is_lost_is_told_once_and_again_when_it_is_back),
        TEST(without_a_database_health_is_an_error_whatever_the_providers_do),
        TEST(readiness_is_the_write_path),
        TEST(readiness_is_proved_every_five_seconds_and_no_more_often),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
