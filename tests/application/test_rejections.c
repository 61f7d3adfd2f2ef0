/* Webhooks that nobody of ours signed cost no row each: they are counted, and told once a minute. */
#include "given.h"

#include <string.h>

#define SENDER UINT64_C(0xc0000201)                     /* 192.0.2.1 */
#define OTHER  UINT64_C(0xc0000202)

static enum problem_type answer_to(const char *provider, const char *signature, uint64_t sender)
{
    struct receive_webhook command = { provider, signature, bytes_of("12345"), sender };
    struct ctx *ctx = given_a_request_of(provider);
    enum webhook_outcome outcome;

    ctx->actor.role = ROLE_NONE;
    return receive_webhook(ctx, &command, &outcome)->type;
}

static void given_forgeries(int count, uint64_t sender)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(answer_to("stripe", "forged", sender), PROBLEM_WEBHOOK_SIGNATURE_INVALID);
}

static void given_a_good_one(uint64_t sender)
{
    struct receive_webhook command = { "stripe", fake_good_signature, { "", 0 }, sender };
    enum webhook_outcome outcome;

    assert_int_equal(receive_webhook(given_a_request_of("stripe"), &command, &outcome)->type,
                     PROBLEM_MALFORMED_REQUEST);        /* read, so its signature fitted */
}

static int told(void)
{
    return fake_store_count_audits(the_store, "webhook.rejected");
}

static const struct fake_audit *audit(int at)
{
    return &fake_store_tables(the_store)->audit[at];
}

/* --- Telling ------------------------------------------------------------------------------- */

static void a_forged_one_is_refused_without_a_transaction(void **state)
{
    int before = fake_store_begin_count(the_store);
    (void) state;

    given_forgeries(5, SENDER);
    tell_rejections(given_a_request_of("x"), false);

    assert_int_equal(fake_store_begin_count(the_store), before);
    assert_int_equal(told(), 0);
}

static void after_a_minute_their_sum_is_one_row(void **state)
{
    (void) state;

    given_forgeries(5, SENDER);
    given_time_passes(59);
    tell_rejections(given_a_request_of("x"), false);
    assert_int_equal(told(), 0);
    given_time_passes(1);
    tell_rejections(given_a_request_of("x"), false);
    tell_rejections(given_a_request_of("x"), false);

    assert_int_equal(told(), 1);
    assert_non_null(strstr(audit(0)->body, "\"cause\":\"the signature matches none of our secrets\""
                                           ",\"count\":5,\"bodyBytes\":25,\"since\":\""));
    assert_string_equal(audit(0)->payment_id.text, "");
}

static void each_provider_and_each_cause_has_a_row_of_its_own(void **state)
{
    (void) state;

    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);
    assert_int_equal(answer_to("stripe", "forged", SENDER), PROBLEM_RATE_LIMITED);
    assert_int_equal(answer_to("paystack", "forged", OTHER), PROBLEM_WEBHOOK_SIGNATURE_INVALID);
    given_time_passes(60);
    tell_rejections(given_a_request_of("x"), false);

    assert_int_equal(told(), 3);
}

static void a_minute_without_any_has_no_row(void **state)
{
    (void) state;

    given_forgeries(1, SENDER);
    given_time_passes(60);
    tell_rejections(given_a_request_of("x"), false);
    given_time_passes(60);
    tell_rejections(given_a_request_of("x"), false);
    tell_rejections(given_a_request_of("x"), true);

    assert_int_equal(told(), 1);
}

static void at_the_end_nothing_waits_for_its_minute(void **state)
{
    (void) state;

    given_forgeries(1, SENDER);
    tell_rejections(given_a_request_of("x"), true);

    assert_int_equal(told(), 1);
}

static void a_clock_that_was_set_back_puts_nothing_off(void **state)
{
    (void) state;

    given_forgeries(1, SENDER);
    given_time_passes(-3600);
    tell_rejections(given_a_request_of("x"), false);

    assert_int_equal(told(), 1);
}

static void without_a_database_the_counts_wait(void **state)
{
    (void) state;

    given_forgeries(3, SENDER);
    given_time_passes(60);
    fake_store_is_down(the_store, true);
    tell_rejections(given_a_request_of("x"), false);
    assert_int_equal(told(), 0);
    fake_store_is_down(the_store, false);
    tell_rejections(given_a_request_of("x"), false);
    assert_int_equal(told(), 0);                        /* not with each request */
    given_time_passes(60);
    given_forgeries(1, SENDER);
    tell_rejections(given_a_request_of("x"), false);

    assert_int_equal(told(), 1);
    assert_non_null(strstr(audit(0)->body, "\"count\":4,"));
}

/* --- Holding back -------------------------------------------------------------------------- */

static void who_goes_on_is_held_back_till_the_minute_is_over(void **state)
{
    (void) state;

    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);
    assert_int_equal(answer_to("stripe", "forged", SENDER), PROBLEM_RATE_LIMITED);
    assert_int_equal(answer_to("stripe", fake_good_signature, SENDER), PROBLEM_RATE_LIMITED);
    given_time_passes(59);
    assert_int_equal(answer_to("stripe", "forged", SENDER), PROBLEM_RATE_LIMITED);
    given_time_passes(1);
    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);
    assert_int_equal(answer_to("stripe", "forged", SENDER), PROBLEM_RATE_LIMITED);
}

static void he_is_told_how_long(void **state)
{
    struct receive_webhook command = { "stripe", "forged", { "", 0 }, SENDER };
    enum webhook_outcome outcome;
    (void) state;

    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);
    given_time_passes(20);

    assert_int_equal(receive_webhook(given_a_request_of("stripe"), &command, &outcome)->retry_after_s, 40);
}

static void nobody_else_is_held_back_with_him(void **state)
{
    (void) state;

    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);

    given_forgeries(1, OTHER);
    given_forgeries(2 * REJECTIONS_HOLD_AFTER, 0);      /* who is not known */
}

static void a_few_in_a_minute_hold_nobody(void **state)
{
    (void) state;

    for (int minute = 0; minute < 5; minute++) {
        given_forgeries(REJECTIONS_HOLD_AFTER - 1, SENDER);
        given_time_passes(60);
    }
}

/* Strangers behind the same proxy must not keep the provider out. */
static void whose_signature_fitted_is_never_held_back(void **state)
{
    (void) state;

    given_a_good_one(SENDER);
    given_forgeries(5 * REJECTIONS_HOLD_AFTER, SENDER);
    given_a_good_one(SENDER);
    given_time_passes(REJECTIONS_KNOWN_MS / 1000);
    given_forgeries(REJECTIONS_HOLD_AFTER, SENDER);
    assert_int_equal(answer_to("stripe", "forged", SENDER), PROBLEM_RATE_LIMITED);
}

/* More senders than there are places: some are not counted, and none is counted for another. */
static void many_senders_hold_back_none_that_is_known(void **state)
{
    (void) state;

    given_a_good_one(SENDER);
    for (uint64_t network = 1; network < 20000; network++)
        for (int i = 0; i < REJECTIONS_HOLD_AFTER; i++)
            rejections_note_sender(&the_rejections, network, false, NOW_MS);

    given_a_good_one(SENDER);
    given_a_good_one(UINT64_C(0x20010db800010002));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_forged_one_is_refused_without_a_transaction),
        TEST(after_a_minute_their_sum_is_one_row),
        TEST(each_provider_and_each_cause_has_a_row_of_its_own),
        TEST(a_minute_without_any_has_no_row),
        TEST(at_the_end_nothing_waits_for_its_minute),
        TEST(a_clock_that_was_set_back_puts_nothing_off),
        TEST(without_a_database_the_counts_wait),
        TEST(who_goes_on_is_held_back_till_the_minute_is_over),
        TEST(he_is_told_how_long),
        TEST(nobody_else_is_held_back_with_him),
        TEST(a_few_in_a_minute_hold_nobody),
        TEST(whose_signature_fitted_is_never_held_back),
        TEST(many_senders_hold_back_none_that_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
