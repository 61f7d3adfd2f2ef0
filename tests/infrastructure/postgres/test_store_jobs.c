#include "store_world.h"

#include <stdatomic.h>
#include <stdio.h>

#include "application/store/store_jobs.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/pg/pg.h"

/* --- Rows that are due --------------------------------------------------------------------- */

static struct payment with_call(struct ctx *ctx, struct provider_call *call_out)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    *call_out = given_a_call(ctx, &payment);
    return payment;
}

/* Its attempt ended that many seconds ago, and it is due. */
static struct payment with_due_call(struct ctx *ctx, struct provider_call *call_out, int idle_s)
{
    struct payment payment = with_call(ctx, call_out);

    sql_run("UPDATE payapi.provider_calls SET lease_until = now() - interval '%d s',"
            " next_at = now() - interval '%d s', sent_at = now() - interval '%d s'"
            " WHERE call_id = '%s'", idle_s, idle_s, idle_s, call_out->id.text);
    return payment;
}

static void nothing_else_is_due(void)
{
    sql_run("UPDATE payapi.provider_calls SET finished_at = now(), verdict = 'done'"
            " WHERE finished_at IS NULL");
    sql_run("UPDATE payapi.webhook_events SET status = 'dead' WHERE status = 'received'");
}

static int given_quiet(void **state)
{
    nothing_else_is_due();
    sql_run("UPDATE payapi.payments SET close_reason = 'expired', status = 'expired'"
            " WHERE provider_open AND expires_at < now()");
    return given_one_worker(state);
}

static int due_count(struct ctx *ctx)
{
    struct payment_id ids[JOBS_BATCH_MAX];
    int count;

    assert_ok(store_due_payments(ctx, ids, &count));
    return count;
}

/* --- Due payments -------------------------------------------------------------------------- */

static void a_payment_whose_call_is_due_is_claimed_once(void **state)
{
    struct ctx *ctx = *state;
    struct payment_id ids[JOBS_BATCH_MAX];
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 1);
    int count;

    assert_ok(store_due_payments(ctx, ids, &count));
    assert_int_equal(count, 1);
    assert_string_equal(ids[0].text, payment.id.text);
    assert_int_equal(due_count(ctx), 0);
}

static void what_is_leased_finished_or_later_is_not_due(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;

    with_call(ctx, &call);                                      /* leased by its first attempt */
    assert_int_equal(due_count(ctx), 0);
    with_due_call(ctx, &call, 1);
    sql_run("UPDATE payapi.provider_calls SET next_at = now() + interval '1 s' WHERE call_id = '%s'",
            call.id.text);
    assert_int_equal(due_count(ctx), 0);
    with_due_call(ctx, &call, 1);
    sql_run("UPDATE payapi.provider_calls SET finished_at = now(), verdict = 'done'"
            " WHERE call_id = '%s'", call.id.text);
    assert_int_equal(due_count(ctx), 0);
}

/* What was noted but never leased is due at once. */
static void a_call_that_nobody_makes_yet_is_due_at_once(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct provider_call call = some_call(ctx, &payment);

    call.attempts = 0;
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
    assert_int_equal(due_count(ctx), 1);
}

/* As the provider would have told long ago; the guard lets nobody change the time but here. */
static void let_expire(const struct payment *payment, int seconds_ago)
{
    sql_run("BEGIN; ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard;"
            " UPDATE payapi.payments SET expires_at = now() - interval '%d s'"
            " WHERE payment_id = '%s';"
            " ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard; COMMIT",
            seconds_ago, payment->id.text);
}

static struct payment with_page(struct ctx *ctx)
{
    struct provider_call call;
    struct payment payment = with_call(ctx, &call);

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_%s", payment.id.text);
    given_facts(ctx, &payment, (struct payment_facts) { .captured_minor = 0 });
    nothing_else_is_due();
    return payment;
}

static void ask_to_close(struct ctx *ctx, const struct payment *payment)
{
    struct provider_call call = some_call(ctx, payment);

    call.request.operation = OP_EXPIRE;
    call.request.idempotency_key = call.id.text;
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
}

static const struct provider elsewhere = { .name = "paystack" };
static const struct provider *const not_stripe[] = { &elsewhere, NULL };

static void what_nobody_can_ask_for_is_not_due_but_told(void **state)
{
    struct ctx *ctx = *state;
    const struct provider *const *all = ctx->providers;
    struct unserved unserved[PROVIDERS_MAX];
    struct payment payment = with_page(ctx);
    struct provider_call call;
    int64_t began_ms;
    int count;

    let_expire(&payment, PAYMENT_EXPIRY_GRACE_S + 1);
    with_due_call(ctx, &call, 1);
    ctx->providers = not_stripe;
    assert_int_equal(due_count(ctx), 0);
    assert_ok(store_unserved_payments(ctx, unserved, &count));
    assert_int_equal(count, 1);
    assert_string_equal(unserved[0].provider, "stripe");
    assert_int_equal(unserved[0].payments, 2);
    began_ms = clock_monotonic_ms();
    assert_ok(store_wait_for_work(ctx, 300));
    assert_true(clock_monotonic_ms() - began_ms >= 250);        /* no hot loop */

    ctx->providers = all;
    assert_int_equal(due_count(ctx), 2);
    assert_ok(store_unserved_payments(ctx, unserved, &count));
    assert_int_equal(count, 0);
}

static void an_open_page_is_overdue_a_minute_after_its_time(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = with_page(ctx);

    let_expire(&payment, PAYMENT_EXPIRY_GRACE_S - 2);
    assert_int_equal(due_count(ctx), 0);
    let_expire(&payment, PAYMENT_EXPIRY_GRACE_S + 1);
    assert_int_equal(due_count(ctx), 1);
    ask_to_close(ctx, &payment);
    assert_int_equal(due_count(ctx), 0);                        /* it is asked about now */
    nothing_else_is_due();
    given_captured(ctx, &payment);
    assert_int_equal(due_count(ctx), 0);
}

#define CLAIMERS 8
#define CALLS    60

static int claimed[CLAIMERS];

static void claim_all(struct ctx *ctx, int number)
{
    struct payment_id ids[JOBS_BATCH_MAX];
    int count;

    for (int i = 0; i < CALLS; i++) {
        assert_ok(store_due_payments(ctx, ids, &count));
        claimed[number] += count;
    }
}

static void many_claimers_never_share_a_payment(void **state)
{
    struct provider_call call;
    int sum = 0;

    memset(claimed, 0, sizeof(claimed));
    for (int i = 0; i < CALLS; i++)
        with_due_call(*state, &call, 1);
    at_once(CLAIMERS, claim_all);
    for (int i = 0; i < CLAIMERS; i++)
        sum += claimed[i];
    assert_int_equal(sum, CALLS);
}

/* --- Recovery ------------------------------------------------------------------------------ */

static const struct problem *take_lease(struct ctx *ctx, struct payment_id id, const char *owner,
                                        struct recovery_lock *lock_out)
{
    const struct problem *problem;

    store_begin(ctx);
    problem = store_recovery_lock(ctx, id, owner, lock_out);
    if (problem == OK)
        problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static struct recovery_lock taken(struct ctx *ctx, struct payment_id id, const char *owner)
{
    struct recovery_lock lock;

    assert_ok(take_lease(ctx, id, owner, &lock));
    return lock;
}

static void recovery_takes_the_lease_for_one_more_attempt(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 7);
    struct recovery_lock lock = taken(ctx, payment.id, NULL);

    assert_true(lock.payment.found && lock.call_found);
    assert_false(lock.call.leased);
    assert_string_equal(lock.call.id.text, call.id.text);
    assert_int_equal(lock.call.attempts, 2);
    assert_in_range(lock.call.idle_ms, 7000, 60000);
    assert_false(lock.call.replays_5xx);
    assert_true(bytes_equal(lock.call.request.body, call.request.body));
    assert_string_equal(lock.call.request.idempotency_key, call.request.idempotency_key);
    assert_int_equal(sql_number("SELECT attempts FROM payapi.provider_calls WHERE call_id = '%s'"
                                " AND lease_until > now() + interval '20 s' AND next_at = lease_until",
                                call.id.text), 2);
}

static void a_lease_is_nobody_elses_until_it_runs_out(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 1);

    assert_false(taken(ctx, payment.id, NULL).call.leased);
    assert_true(taken(ctx, payment.id, NULL).call.leased);
    sql_run("UPDATE payapi.provider_calls SET lease_until = now() WHERE call_id = '%s'",
            call.id.text);
    assert_false(taken(ctx, payment.id, NULL).call.leased);
    assert_int_equal(taken(ctx, payment.id, NULL).call.attempts, 3);
}

static void recovery_knows_what_the_attempt_before_was_answered(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_call(ctx, &call);
    struct provider_reply reply = { .http_status = 500, .request_id = "", .error = "" };

    store_begin(ctx);
    store_call_record(ctx, &call, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_UNKNOWN,
                                                       .replays_5xx = true, .retry_ms = 700 });
    assert_ok(store_commit(ctx));
    assert_int_equal(sql_number("SELECT (extract(epoch FROM next_at - recorded_at) * 1000)::int"
                                " FROM payapi.provider_calls WHERE call_id = '%s'", call.id.text),
                     700);
    assert_true(taken(ctx, payment.id, NULL).call.replays_5xx);
}

static void look(struct ctx *ctx, const struct provider_call *call)
{
    struct provider_reply reply = { .request_id = "", .error = "" };

    store_begin(ctx);
    store_call_record(ctx, call, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_UNKNOWN,
                                                          .looked = true, .maybe_executed = true,
                                                          .retry_ms = 1 });
    assert_ok(store_commit(ctx));
}

static void a_look_is_no_sending(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 7);

    for (int looks = 0; looks < 3; looks++) {
        struct provider_call ours = taken(ctx, payment.id, NULL).call;

        assert_int_equal(ours.attempts, looks + 2);
        assert_int_equal(ours.looks, looks);
        assert_true(ours.maybe_executed);
        assert_in_range(ours.idle_ms, 7000, 60000);
        look(ctx, &ours);
        look(ctx, &ours);               /* its COMMIT may have had no answer */
    }
}

static void a_sending_that_was_not_carried_out_keeps_the_age_of_the_one_before(void **state)
{
    const struct provider_reply reply = { .http_status = 503, .request_id = "", .error = "", .replayed = true };
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 7);
    struct provider_call ours = taken(ctx, payment.id, NULL).call;

    store_begin(ctx);
    store_call_sending(ctx, &ours);
    store_call_record(ctx, &ours, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_UNKNOWN,
                                                           .maybe_executed = true, .retry_ms = 1,
                                                           .sent_age_ms = ours.idle_ms });
    assert_ok(store_commit(ctx));
    ours = taken(ctx, payment.id, NULL).call;
    assert_int_equal(ours.looks, 0);
    assert_in_range(ours.idle_ms, 7000, 60000);
}

static void who_dies_over_a_sending_has_sent_it(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 7);
    struct provider_call ours;

    sql_run("UPDATE payapi.provider_calls SET maybe_executed = false WHERE call_id = '%s'", call.id.text);
    ours = taken(ctx, payment.id, NULL).call;
    assert_false(ours.maybe_executed);
    store_begin(ctx);
    store_call_sending(ctx, &ours);
    assert_ok(store_commit(ctx));
    sql_run("UPDATE payapi.provider_calls SET lease_until = now() WHERE call_id = '%s'", call.id.text);
    ours = taken(ctx, payment.id, NULL).call;
    assert_true(ours.maybe_executed);
    assert_int_equal(ours.idle_ms, 0);          /* until that lease was to end */
    assert_int_equal(ours.looks, 0);
    ours.attempts = 2;
    store_begin(ctx);
    store_call_sending(ctx, &ours);             /* somebody else's now */
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static void recovery_learns_the_databases_time(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_call(ctx, &call);

    ctx->now_ms = 1;
    assert_true(taken(ctx, payment.id, NULL).now_ms > INT64_C(1600000000000));
}

static void of_several_calls_the_free_one_that_is_due_first_is_taken(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call leased, later, sooner;
    struct payment payment = with_call(ctx, &leased);

    later = some_call(ctx, &payment);
    later.request.idempotency_key = "later";
    sooner = some_call(ctx, &payment);
    sooner.request.idempotency_key = "sooner";
    store_begin(ctx);
    store_call_insert(ctx, &later, true);
    store_call_insert(ctx, &sooner, true);
    assert_ok(store_commit(ctx));
    sql_run("UPDATE payapi.provider_calls SET lease_until = now(), next_at = now() + interval '1 h'"
            " WHERE call_id = '%s'", later.id.text);
    sql_run("UPDATE payapi.provider_calls SET lease_until = now(), next_at = now()"
            " WHERE call_id = '%s'", sooner.id.text);
    assert_string_equal(taken(ctx, payment.id, NULL).call.id.text, sooner.id.text);
    assert_string_equal(taken(ctx, payment.id, NULL).call.id.text, later.id.text);
    assert_true(taken(ctx, payment.id, NULL).call.leased);
}

static void a_later_attempt_fences_the_earlier_out(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 1);
    struct provider_call ours = taken(ctx, payment.id, NULL).call;
    struct provider_reply reply = { .request_id = "", .error = "" };

    sql_run("UPDATE payapi.provider_calls SET lease_until = now() WHERE call_id = '%s'",
            call.id.text);
    taken(ctx, payment.id, NULL);
    store_begin(ctx);
    store_call_record(ctx, &ours, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_DONE,
                                                       .retry_ms = 1000 });
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.provider_calls WHERE call_id = '%s'"
                                " AND finished_at IS NULL", call.id.text), 1);
}

static void nobody_takes_the_lease_of_somebody_elses_payment(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;
    struct payment payment = with_due_call(ctx, &call, 1);
    struct recovery_lock lock = taken(ctx, payment.id, "bob");

    assert_false(lock.payment.found || lock.call_found);
    assert_int_equal(sql_number("SELECT attempts FROM payapi.provider_calls WHERE call_id = '%s'",
                                call.id.text), 1);
    assert_true(taken(ctx, payment.id, "alice").call_found);
}

static struct payment_id contested;
static int winners[CLAIMERS];

static void take(struct ctx *ctx, int number)
{
    const struct problem *problem;
    struct recovery_lock lock;

    do                                          /* a busy machine: who waits too long tries again */
        problem = take_lease(ctx, contested, NULL, &lock);
    while (problem != OK && problem->repeatable);
    winners[number] = problem == OK && !lock.call.leased;
}

static void of_many_runners_one_gets_the_lease(void **state)
{
    for (int round = 0; round < 10; round++) {
        struct provider_call call;
        int sum = 0;

        contested = with_due_call(*state, &call, 1).id;
        at_once(CLAIMERS, take);
        for (int i = 0; i < CLAIMERS; i++)
            sum += winners[i];
        assert_int_equal(sum, 1);
    }
}

/* --- Due webhooks -------------------------------------------------------------------------- */

static const struct provider stripe = { .name = "stripe" };

static struct provider_event with_event(struct ctx *ctx, struct bytes body)
{
    static int number;
    struct provider_event event = { .kind = PROVIDER_EVENT_PAYMENT, .created_s = 1 };
    struct inbox_lock lock;

    snprintf(event.id, sizeof(event.id), "evt_job_%d", ++number);
    snprintf(event.type, sizeof(event.type), "payment_intent.succeeded");
    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, body, &lock));
    assert_ok(store_commit(ctx));
    return event;
}

static struct due_event claimed_webhook(struct ctx *ctx)
{
    struct due_event due[JOBS_BATCH_MAX];
    int count;

    assert_ok(store_inbox_due(ctx, false, JOBS_BATCH_MAX, due, &count));
    assert_int_equal(count, 1);
    return due[0];
}

static int due_webhook_count(struct ctx *ctx)
{
    struct due_event due[JOBS_BATCH_MAX];
    int count;

    assert_ok(store_inbox_due(ctx, false, JOBS_BATCH_MAX, due, &count));
    return count;
}

static void an_event_that_waits_is_claimed_once_with_its_exact_bytes(void **state)
{
    struct ctx *ctx = *state;
    struct bytes body = { "{\0\\x41'\xff}", 9 };
    struct due_event due;

    with_event(ctx, body);
    due = claimed_webhook(ctx);
    assert_string_equal(due.provider, "stripe");
    assert_true(bytes_equal(due.body, body));
    assert_int_equal(due.attempts, 1);
    assert_int_equal(due_webhook_count(ctx), 0);
}

static const struct problem *postponed(struct ctx *ctx, const struct due_event *due)
{
    const struct problem *problem;

    store_begin(ctx);
    store_inbox_postpone(ctx, due, 90000, "not yet");
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static void a_postponed_event_is_due_after_its_delay(void **state)
{
    struct ctx *ctx = *state;
    struct provider_event event = with_event(ctx, bytes_of("{}"));
    struct due_event due = claimed_webhook(ctx);

    assert_ok(postponed(ctx, &due));
    assert_int_equal(due_webhook_count(ctx), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.webhook_events WHERE event_id = '%s'"
                                " AND next_at BETWEEN now() + interval '80 s' AND now() + interval '91 s'"
                                " AND reason = 'not yet' AND status = 'received'", event.id), 1);
    sql_run("UPDATE payapi.webhook_events SET next_at = now() WHERE event_id = '%s'", event.id);
    assert_int_equal(claimed_webhook(ctx).attempts, 2);
}

static void a_later_claim_fences_the_earlier_out(void **state)
{
    struct ctx *ctx = *state;
    struct provider_event event = with_event(ctx, bytes_of("{}"));
    struct due_event due = claimed_webhook(ctx);
    struct inbox_lock lock;

    sql_run("UPDATE payapi.webhook_events SET lease_until = now(), next_at = now()"
            " WHERE event_id = '%s'", event.id);
    claimed_webhook(ctx);
    assert_problem(postponed(ctx, &due), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_begin(ctx);
    assert_problem(store_inbox_lock(ctx, &due, &event, &lock), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static void the_payment_that_came_after_its_event_is_found_and_locked(void **state)
{
    struct ctx *ctx = *state;
    struct provider_event event = with_event(ctx, bytes_of("{}"));
    struct due_event due = claimed_webhook(ctx);
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct inbox_lock lock;

    event.payment.payment_id = payment.id;
    store_begin(ctx);
    assert_ok(store_inbox_lock(ctx, &due, &event, &lock));
    assert_true(lock.payment.found);
    assert_string_equal(lock.payment.payment.id.text, payment.id.text);
    assert_string_equal(lock.payment.payment.order_id.text, order.id.text);
    store_inbox_finish(ctx, lock.inbox_id, INBOX_DEAD, payment.id, "given up");
    assert_ok(store_commit(ctx));
    assert_string_equal(sql_text("SELECT status || ' ' || reason FROM payapi.webhook_events"
                                 " WHERE event_id = '%s'", event.id), "dead given up");
}

/* --- Waiting ------------------------------------------------------------------------------- */

#define LONG_MS 20000           /* a wait that has to end before */

static int64_t waited_ms(struct ctx *ctx, int max_ms)
{
    int64_t began_ms = clock_monotonic_ms();

    assert_ok(store_wait_for_work(ctx, max_ms));
    return clock_monotonic_ms() - began_ms;
}

static void without_work_the_wait_is_as_long_as_allowed(void **state)
{
    assert_in_range(waited_ms(*state, 300), 290, 15000);
}

static void the_wait_ends_when_something_is_due(void **state)
{
    struct ctx *ctx = *state;
    struct provider_call call;

    with_due_call(ctx, &call, 1);
    assert_in_range(waited_ms(ctx, LONG_MS), 0, LONG_MS - 1000);
    sql_run("UPDATE payapi.provider_calls SET next_at = now() + interval '400 ms'"
            " WHERE call_id = '%s'", call.id.text);
    assert_in_range(waited_ms(ctx, LONG_MS), 0, LONG_MS - 1000);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.provider_calls WHERE call_id = '%s'"
                                " AND next_at < clock_timestamp() + interval '10 ms'", call.id.text), 1);
}

static atomic_int  waiter_pid;
static atomic_bool is_awake;
static int64_t     until_notified_ms;

/* The second speaks once the first has asked what is due, which it does when it listens. */
static void notify_or_wait(struct ctx *ctx, int number)
{
    if (number == 0) {
        atomic_store(&waiter_pid, PQbackendPID(ctx->store->connection));
        until_notified_ms = waited_ms(ctx, LONG_MS);
        atomic_store(&is_awake, true);
        return;
    }
    while (sql_number("SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND state = 'idle'"
                      " AND query LIKE '%%AS wait_ms'", atomic_load(&waiter_pid)) == 0 && !atomic_load(&is_awake))
        sleep_ms(1);
    store_begin(ctx);
    store_work_notify(ctx);
    assert_ok(store_commit(ctx));
}

static void a_notification_ends_the_wait(void **state)
{
    (void) state;
    at_once(2, notify_or_wait);
    assert_in_range(until_notified_ms, 0, LONG_MS - 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_quiet, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_can_ask_for_is_not_due_but_told),
        TEST(a_payment_whose_call_is_due_is_claimed_once),
        TEST(what_is_leased_finished_or_later_is_not_due),
        TEST(a_call_that_nobody_makes_yet_is_due_at_once),
        TEST(an_open_page_is_overdue_a_minute_after_its_time),
        TEST(many_claimers_never_share_a_payment),
        TEST(recovery_takes_the_lease_for_one_more_attempt),
        TEST(a_lease_is_nobody_elses_until_it_runs_out),
        TEST(recovery_knows_what_the_attempt_before_was_answered),
        TEST(a_look_is_no_sending),
        TEST(a_sending_that_was_not_carried_out_keeps_the_age_of_the_one_before),
        TEST(who_dies_over_a_sending_has_sent_it),
        TEST(recovery_learns_the_databases_time),
        TEST(of_several_calls_the_free_one_that_is_due_first_is_taken),
        TEST(a_later_attempt_fences_the_earlier_out),
        TEST(nobody_takes_the_lease_of_somebody_elses_payment),
        TEST(of_many_runners_one_gets_the_lease),
        TEST(an_event_that_waits_is_claimed_once_with_its_exact_bytes),
        TEST(a_postponed_event_is_due_after_its_delay),
        TEST(a_later_claim_fences_the_earlier_out),
        TEST(the_payment_that_came_after_its_event_is_found_and_locked),
        TEST(without_work_the_wait_is_as_long_as_allowed),
        TEST(the_wait_ends_when_something_is_due),
        TEST(a_notification_ends_the_wait),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
