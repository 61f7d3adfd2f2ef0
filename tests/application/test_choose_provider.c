/* Which provider gets a new payment, and what happens while one does not answer. */
#include "given.h"
#include "given_refund.h"

#include <string.h>

#include "application/watch_providers.h"

static const struct provider_health silent = { .circuit_open = true, .retry_after_s = 7, .failed = 10 };

static struct checkout_order checkout_at(const char *order_id, const char *provider)
{
    struct checkout_order command = {
        .currency = "", .provider = provider, .return_url = "", .cancel_url = "",
        .customer_email = "",
    };

    strcpy(command.order_id.text, order_id);
    return command;
}

static struct answer answer_at(const struct ctx *request, const char *order_id, const char *provider)
{
    struct checkout_order command = checkout_at(order_id, provider);
    struct ctx ctx = *request;
    struct answer answer;

    assert_null(checkout_order(&ctx, &command, &answer));
    return answer;
}

static struct answer answer_for(const char *order_id, const char *provider)
{
    return answer_at(given_a_request_of("alice"), order_id, provider);
}

static int set_up(void **state)
{
    set_up_world(state);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    given_an_order("naira", "alice", (struct money) { 500000, "NGN" });
    return 0;
}

static void the_configured_provider_is_asked_first(void **state)
{
    (void) state;

    assert_int_equal(answer_for("naira", "").http_status, 201);
    assert_string_equal(last_payment()->provider, "stripe");
}

static void another_one_steps_in_for_one_that_does_not_answer(void **state)
{
    (void) state;

    fake_provider_set_health(&fake_stripe, silent);
    assert_int_equal(answer_for("naira", "").http_status, 201);
    assert_string_equal(last_payment()->provider, "paystack");
}

static void nobody_steps_in_with_a_currency_it_does_not_take(void **state)
{
    struct answer answer;
    (void) state;

    fake_provider_set_health(&fake_stripe, silent);
    answer = answer_for("abc-123", "");

    assert_int_equal(answer.http_status, 502);
    assert_int_equal(answer.problem->type, PROBLEM_PROVIDER_UNAVAILABLE);
    assert_int_equal(answer.problem->retry_after_s, 7);
    assert_int_equal(payment_count(), 0);
    assert_int_equal(fake_provider_call_count(), 0);
}

static void nobody_steps_in_who_lacks_the_payers_address(void **state)
{
    struct provider careful = fake_paystack;
    const struct provider *providers[] = { &fake_stripe, &careful, NULL };
    struct checkout_order command = checkout_at("naira", "");
    struct ctx ctx = *given_a_request_of("alice");
    struct answer answer;
    (void) state;

    careful.needs_email = true;
    ctx.providers = providers;
    fake_provider_set_health(&fake_stripe, silent);
    assert_int_equal(answer_at(&ctx, "naira", "").http_status, 502);
    command.customer_email = "ada@example.com";
    assert_null(checkout_order(&ctx, &command, &answer));
    assert_int_equal(answer.http_status, 201);
    assert_string_equal(last_payment()->provider, "paystack");
}

static void what_the_caller_named_is_not_exchanged(void **state)
{
    (void) state;

    fake_provider_set_health(&fake_stripe, silent);
    assert_int_equal(answer_for("naira", "stripe").http_status, 502);
    assert_int_equal(payment_count(), 0);
}

static void a_key_that_met_silence_works_when_the_provider_is_back(void **state)
{
    (void) state;

    fake_provider_set_health(&fake_stripe, silent);
    assert_int_equal(checkout_answer("alice", "abc-123", a_key("k")).http_status, 502);
    fake_provider_set_health(&fake_stripe, (struct provider_health) { .circuit_open = false });
    assert_int_equal(checkout_answer("alice", "abc-123", a_key("k")).http_status, 201);
    assert_int_equal(payment_count(), 1);
}

static void a_payment_that_was_begun_is_not_moved(void **state)
{
    struct answer answer;
    (void) state;

    assert_int_equal(answer_for("naira", "paystack").http_status, 201);
    fake_provider_set_health(&fake_paystack, silent);
    answer = answer_for("naira", "");

    assert_int_equal(answer.http_status, 200);
    assert_int_equal(payment_count(), 1);
    assert_string_equal(last_payment()->provider, "paystack");
}

static void automatic_choice_goes_by_currency(void **state)
{
    static const struct { const char *order_id, *provider; } cases[] = {
        { "naira", "paystack" }, { "abc-123", "stripe" },
    };
    struct settings settings;
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ctx *request = given_a_request_of("alice");

        settings = *request->settings;
        settings.default_provider = "auto";
        request->settings = &settings;
        assert_int_equal(answer_at(request, cases[i].order_id, "").http_status, 201);
        assert_string_equal(last_payment()->provider, cases[i].provider);
    }
}

static void a_refund_is_not_begun_while_the_provider_is_silent(void **state)
{
    struct answer answer;
    (void) state;

    given_a_paid_payment();
    fake_provider_set_health(&fake_stripe, silent);
    answer = refund_answer(100, "r1");
    assert_int_equal(answer.http_status, 502);
    assert_int_equal(answer.problem->retry_after_s, 7);
    assert_int_equal(rows()->refund_count, 0);
    assert_int_equal(last_payment()->refund_held_minor, 0);

    fake_provider_set_health(&fake_stripe, (struct provider_health) { .circuit_open = false });
    assert_int_equal(refund_answer(100, "r1").http_status, 201);
}

/* --- Watching ------------------------------------------------------------------------------ */

static void whoever_was_called_lately_is_not_probed(void **state)
{
    struct ctx *ctx = given_a_request_of("");
    struct provider_health lately = { .called_at_ms = ctx->now_ms - PROVIDER_PROBE_MS + 1 };
    struct provider_watch watch = { 0 };
    (void) state;

    fake_provider_set_health(&fake_stripe, lately);
    fake_provider_set_health(&fake_paystack, lately);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 0);

    lately.called_at_ms--;
    fake_provider_set_health(&fake_stripe, lately);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 1);
    assert_string_equal(fake_store_provider_back(the_store), "");
}

static void a_silent_provider_is_probed_when_its_wait_is_over(void **state)
{
    struct ctx *ctx = given_a_request_of("");
    struct provider_health silence = silent;
    struct provider_watch watch = { 0 };
    (void) state;

    fake_provider_set_health(&fake_paystack, (struct provider_health) { .called_at_ms = ctx->now_ms });
    fake_provider_set_health(&fake_stripe, silence);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 0);

    silence.retry_after_s = 0;
    fake_provider_set_health(&fake_stripe, silence);
    fake_provider_will(FAKE_IS_DOWN);
    fake_provider_will(FAKE_IS_DOWN);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 2);
    assert_string_equal(fake_store_provider_back(the_store), "");

    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 4);
    assert_string_equal(fake_store_provider_back(the_store), "stripe");
}

/* Its look-ups are answered meanwhile: what waits must not be sent into the silence. */
static void work_waits_until_both_directions_are_back(void **state)
{
    struct ctx *ctx = given_a_request_of("");
    struct provider_health well = { .called_at_ms = ctx->now_ms, .back_at_ms = ctx->now_ms };
    struct provider_health failing = { .called_at_ms = ctx->now_ms, .failing = true };
    struct provider_watch watch = { 0 };
    (void) state;

    fake_provider_set_health(&fake_paystack, (struct provider_health) { .called_at_ms = ctx->now_ms });
    fake_provider_set_health(&fake_stripe, well);
    fake_provider_set_health_of(&fake_stripe, PROVIDER_WRITES, failing);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 0);
    assert_string_equal(fake_store_provider_back(the_store), "");

    failing.called_at_ms -= PROVIDER_PROBE_AGAIN_MS;
    fake_provider_set_health_of(&fake_stripe, PROVIDER_WRITES, failing);
    assert_null(watch_providers(ctx, &watch));
    assert_int_equal(fake_provider_call_count(), 1);
    assert_string_equal(fake_store_provider_back(the_store), "stripe");
}

/* A checkout went through and found it back before any probe did; each return is seen to once. */
static void work_is_due_also_when_somebody_else_found_the_provider_back(void **state)
{
    struct ctx *ctx = given_a_request_of("");
    struct provider_health well = { .called_at_ms = ctx->now_ms };
    struct provider_watch watch = { 0 };
    (void) state;

    fake_provider_set_health(&fake_stripe, well);
    well.back_at_ms = ctx->now_ms;
    fake_provider_set_health(&fake_paystack, well);
    assert_null(watch_providers(ctx, &watch));

    assert_int_equal(fake_provider_call_count(), 0);
    assert_string_equal(fake_store_provider_back(the_store), "paystack");
    assert_int_equal(watch.woken_for_ms[1], ctx->now_ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_configured_provider_is_asked_first),
        TEST(another_one_steps_in_for_one_that_does_not_answer),
        TEST(nobody_steps_in_with_a_currency_it_does_not_take),
        TEST(nobody_steps_in_who_lacks_the_payers_address),
        TEST(what_the_caller_named_is_not_exchanged),
        TEST(a_key_that_met_silence_works_when_the_provider_is_back),
        TEST(a_payment_that_was_begun_is_not_moved),
        TEST(automatic_choice_goes_by_currency),
        TEST(a_refund_is_not_begun_while_the_provider_is_silent),
        TEST(whoever_was_called_lately_is_not_probed),
        TEST(a_silent_provider_is_probed_when_its_wait_is_over),
        TEST(work_waits_until_both_directions_are_back),
        TEST(work_is_due_also_when_somebody_else_found_the_provider_back),
    };

    return cmocka_run_group_tests_name("choose_provider", tests, NULL, NULL);
}
