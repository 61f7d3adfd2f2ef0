#include "store_world.h"

static struct provider_call with_call(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    return given_a_call(ctx, &payment);
}

static const struct problem *recorded(struct ctx *ctx, const struct provider_call *call,
                                      enum provider_verdict verdict)
{
    struct provider_reply reply = { .http_status = 503, .request_id = "req_7", .error = "reset",
                                    .duration_ms = 1234 };
    const struct problem *problem;

    store_begin(ctx);
    store_call_record(ctx, call, &(struct call_attempt) { .reply = &reply, .verdict = verdict,
                                                       .retry_ms = 5000 });
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *leased(struct ctx *ctx, const struct provider_call *call)
{
    const struct problem *problem;

    store_begin(ctx);
    store_call_lease(ctx, call);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static bool holds(const struct provider_call *call, const char *condition)
{
    return sql_number("SELECT count(*) FROM payapi.provider_calls WHERE call_id = '%s' AND (%s)",
                      call->id.text, condition) == 1;
}

static void an_intent_is_leased_to_who_noted_it(void **state)
{
    struct provider_call call = with_call(*state);

    assert_true(holds(&call, "attempts = 1 AND verdict IS NULL AND finished_at IS NULL"));
    assert_true(holds(&call, "lease_until BETWEEN now() + interval '20 s' AND now() + interval '31 s'"));
    assert_true(holds(&call, "next_at = lease_until"));
    assert_true(holds(&call, "trace_id = '0123456789abcdef0123456789abcdef'"));
}

static void a_known_outcome_finishes_the_call(void **state)
{
    static const enum provider_verdict known[] = { VERDICT_DONE, VERDICT_REFUSED };

    for (int i = 0; i < 2; i++) {
        struct provider_call call = with_call(*state);

        assert_ok(recorded(*state, &call, known[i]));
        assert_true(holds(&call, "finished_at IS NOT NULL AND next_at IS NULL"));
        assert_true(holds(&call, "http_status = 503 AND provider_request_id = 'req_7'"
                                 " AND error = 'reset' AND duration_ms = 1234"));
        assert_string_equal(sql_text("SELECT verdict FROM payapi.provider_calls"
                                     " WHERE call_id = '%s'", call.id.text),
                            provider_verdict_name(known[i]));
    }
}

static void an_unknown_outcome_is_asked_for_again(void **state)
{
    static const enum provider_verdict open[] = { VERDICT_NOT_EXECUTED, VERDICT_MISCONFIGURED,
                                                  VERDICT_UNKNOWN };

    for (int i = 0; i < 3; i++) {
        struct provider_call call = with_call(*state);

        assert_ok(recorded(*state, &call, open[i]));
        assert_true(holds(&call, "finished_at IS NULL AND lease_until <= now()"));
        assert_true(holds(&call, "next_at BETWEEN recorded_at + interval '4 s'"
                                 " AND recorded_at + interval '6 s'"));
    }
}

static void the_next_attempt_takes_the_lease(void **state)
{
    struct provider_call call = with_call(*state);

    assert_ok(recorded(*state, &call, VERDICT_UNKNOWN));
    call.attempts = 2;
    assert_ok(leased(*state, &call));
    assert_true(holds(&call, "attempts = 2 AND lease_until > now() + interval '20 s'"));
    assert_ok(recorded(*state, &call, VERDICT_DONE));
}

static void a_call_under_way_is_not_leased_again(void **state)
{
    struct provider_call call = with_call(*state);

    call.attempts = 2;
    assert_problem(leased(*state, &call), PROBLEM_REQUEST_IN_PROGRESS, true);
}

static void a_finished_call_is_not_leased_again(void **state)
{
    struct provider_call call = with_call(*state);

    assert_ok(recorded(*state, &call, VERDICT_DONE));
    call.attempts = 2;
    assert_problem(leased(*state, &call), PROBLEM_REQUEST_IN_PROGRESS, true);
}

static void an_attempt_that_was_taken_over_records_nothing(void **state)
{
    struct provider_call call = with_call(*state);
    struct provider_call second = call;

    assert_ok(recorded(*state, &call, VERDICT_UNKNOWN));
    second.attempts = 2;
    assert_ok(leased(*state, &second));
    assert_problem(leased(*state, &second), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_problem(recorded(*state, &call, VERDICT_REFUSED), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_true(holds(&call, "finished_at IS NULL AND verdict = 'unknown'"));
}

static void an_attempt_number_is_leased_once_even_when_its_lease_has_run_out(void **state)
{
    struct provider_call call = with_call(*state);

    assert_ok(recorded(*state, &call, VERDICT_UNKNOWN));
    call.attempts = 2;
    assert_ok(leased(*state, &call));
    sql_run("UPDATE payapi.provider_calls SET lease_until = now() - interval '1 second'"
            " WHERE call_id = '%s'", call.id.text);
    assert_problem(leased(*state, &call), PROBLEM_REQUEST_IN_PROGRESS, true);
    call.attempts = 3;
    assert_ok(leased(*state, &call));
}

static void recording_twice_is_recording_once(void **state)
{
    struct provider_call call = with_call(*state);

    assert_ok(recorded(*state, &call, VERDICT_DONE));
    assert_ok(recorded(*state, &call, VERDICT_DONE));
    assert_true(holds(&call, "finished_at IS NOT NULL"));
}

static void one_intent_has_one_key_at_the_provider(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call = with_call(ctx);

    ctx_new_id(ctx, "pca", call.id.text);
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_problem(store_commit(ctx), PROBLEM_INTERNAL, false);
    store_rollback_if_open(ctx);
}

static void a_body_need_not_end_with_a_nul(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct provider_call call = some_call(ctx, &payment);

    call.request.body = (struct bytes) { "mode=payment&more", 12 };
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
    assert_true(holds(&call, "request_body = 'mode=payment'"));
}

/* --- The provider is back ------------------------------------------------------------------ */

static void what_waits_for_a_provider_is_due_when_it_answers_again(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call waiting = with_call(ctx);
    struct provider_call known = with_call(ctx);
    struct provider_call under_way = with_call(ctx);

    assert_ok(recorded(ctx, &waiting, VERDICT_UNKNOWN));
    assert_ok(recorded(ctx, &known, VERDICT_DONE));
    sql_run("UPDATE payapi.provider_calls SET next_at = now() + interval '1 hour'"
            " WHERE call_id IN ('%s', '%s')", waiting.id.text, under_way.id.text);
    store_begin(ctx);
    store_provider_is_back(ctx, "paystack", 5000);
    assert_ok(store_commit(ctx));
    assert_true(holds(&waiting, "next_at > now() + interval '59 minutes'"));

    store_begin(ctx);
    store_provider_is_back(ctx, "stripe", 5000);
    assert_ok(store_commit(ctx));
    assert_true(holds(&waiting, "next_at <= now() + interval '5 seconds'"));
    assert_true(holds(&under_way, "next_at > now() + interval '59 minutes'"));
    assert_true(holds(&known, "finished_at IS NOT NULL"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(an_intent_is_leased_to_who_noted_it),
        TEST(a_known_outcome_finishes_the_call),
        TEST(an_unknown_outcome_is_asked_for_again),
        TEST(the_next_attempt_takes_the_lease),
        TEST(a_call_under_way_is_not_leased_again),
        TEST(a_finished_call_is_not_leased_again),
        TEST(an_attempt_that_was_taken_over_records_nothing),
        TEST(an_attempt_number_is_leased_once_even_when_its_lease_has_run_out),
        TEST(recording_twice_is_recording_once),
        TEST(one_intent_has_one_key_at_the_provider),
        TEST(a_body_need_not_end_with_a_nul),
        TEST(what_waits_for_a_provider_is_due_when_it_answers_again),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store calls", tests, NULL, NULL);
}
