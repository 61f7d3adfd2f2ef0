/*
 * Rows that are written down again, the cursor over a provider's events, payments to be looked at, and
 * what is kept for a time only: on a real PostgreSQL.
 */
#include "store_world.h"

#include <stdio.h>

#include "application/inbox/pull_events.h"
#include "application/store/store_adoption.h"

static int given_quiet(void **state)
{
    sql_run("DELETE FROM payapi.provider_cursors");
    sql_run("UPDATE payapi.webhook_events SET status = 'dead' WHERE status = 'received'");
    sql_run("UPDATE payapi.payments SET close_reason = 'expired', status = 'expired' WHERE provider_open");
    sql_run("UPDATE payapi.refunds SET status = 'cancelled' WHERE status = 'pending'");
    sql_run("UPDATE payapi.provider_calls SET finished_at = now(), verdict = 'done'"
            " WHERE finished_at IS NULL");
    return given_one_worker(state);
}

/* --- Adoption ------------------------------------------------------------------------------ */

static const struct problem *adopt(struct ctx *ctx, const struct order *order,
                                   const struct payment *payment, struct adopted_lock *lock_out)
{
    const struct problem *problem;

    store_begin(ctx);
    problem = store_adopt(ctx, order, payment, lock_out);
    if (problem == OK)
        problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static void lost_rows_are_made_once(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, ORDER_OWNER_UNKNOWN);
    struct payment payment = some_payment(ctx, &order);
    struct adopted_lock lock;

    assert_ok(adopt(ctx, &order, &payment, &lock));
    assert_true(lock.order_fresh && lock.payment_fresh && lock.payment.found);
    assert_string_equal(lock.payment.payment.owner_id, ORDER_OWNER_UNKNOWN);
    assert_int_equal(lock.payment.payment.status, PAYMENT_PENDING);
    assert_int_equal(lock.payment.payment.expires_at_ms, payment.expires_at_ms);
    assert_false(lock.payment.order_taken);
    assert_ok(adopt(ctx, &order, &payment, &lock));
    assert_false(lock.order_fresh || lock.payment_fresh);
    assert_true(lock.payment.found);
}

static void what_was_adopted_is_locked(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");
    struct payment payment = some_payment(ctx, &order);
    struct adopted_lock lock;

    assert_ok(adopt(ctx, &order, &payment, &lock));
    store_begin(ctx);
    assert_ok(store_adopt(ctx, &order, &payment, &lock));
    assert_locked(&payment);
    store_rollback_if_open(ctx);
}

static void beside_a_live_payment_it_is_made_closed(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment;
    struct adopted_lock lock;

    given_a_payment(ctx, &order);
    payment = some_payment(ctx, &order);
    assert_ok(adopt(ctx, &order, &payment, &lock));
    assert_false(lock.order_fresh);
    assert_true(lock.payment_fresh && lock.payment.order_taken);
    assert_int_equal(lock.payment.payment.facts.closed, PAYMENT_CLOSED_FAILED);
    assert_int_equal(lock.payment.payment.status, PAYMENT_FAILED);
}

static void an_order_of_another_amount_takes_no_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment;
    struct adopted_lock lock;

    order.amount.minor++;
    payment = some_payment(ctx, &order);
    assert_ok(adopt(ctx, &order, &payment, &lock));
    assert_false(lock.order_fresh || lock.payment_fresh || lock.payment.found);
    order.amount.minor--;
    memcpy(order.amount.currency, "JPY", 4);
    payment = some_payment(ctx, &order);
    assert_ok(adopt(ctx, &order, &payment, &lock));
    assert_false(lock.payment.found);
}

#define RIVALS 8
static struct order rivals_order;
static struct payment rivals_payment;
static int fresh_orders, fresh_payments;

static void adopt_as_rival(struct ctx *worker, int number)
{
    const struct problem *problem;
    struct adopted_lock lock;

    (void) number;
    do                                          /* a busy machine: who waits too long tries again */
        problem = adopt(worker, &rivals_order, &rivals_payment, &lock);
    while (problem != OK && problem->repeatable);
    assert_ok(problem);
    assert_true(lock.payment.found);
    __atomic_add_fetch(&fresh_orders, lock.order_fresh, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&fresh_payments, lock.payment_fresh, __ATOMIC_SEQ_CST);
}

static void rivals_at_once_make_one_row_and_all_see_it(void **state)
{
    struct ctx *ctx = *state;

    for (int round = 0; round < 20; round++) {
        rivals_order = some_order(ctx, "alice");
        rivals_payment = some_payment(ctx, &rivals_order);
        fresh_orders = fresh_payments = 0;
        at_once(RIVALS, adopt_as_rival);
        assert_int_equal(fresh_orders, 1);
        assert_int_equal(fresh_payments, 1);
    }
}

/* --- The cursor ---------------------------------------------------------------------------- */

static bool claim(struct ctx *ctx, bool now, struct pull_cursor *cursor)
{
    bool claimed;

    assert_ok(store_pull_claim(ctx, "stripe", now, cursor, &claimed));
    return claimed;
}

static const struct problem *end(struct ctx *ctx, const struct pull_cursor *cursor, int due_in_s)
{
    const struct problem *problem;

    store_begin(ctx);
    store_pull_end(ctx, cursor, due_in_s);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static void the_first_reading_begins_an_hour_back(void **state)
{
    struct ctx *ctx = *state;
    struct pull_cursor cursor;
    int64_t now_s = sql_number("SELECT extract(epoch FROM now())::bigint");

    assert_true(claim(ctx, false, &cursor));
    assert_in_range(cursor.pulled_to_s, now_s - 3605, now_s - 3595);
    assert_string_equal(cursor.page_after, "");
}

static void or_at_the_oldest_open_payment(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct pull_cursor cursor;

    sql_run("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard");
    sql_run("UPDATE payapi.payments SET created_at = now() - interval '5 hours' WHERE payment_id = '%s'",
            payment.id.text);
    sql_run("ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard");
    assert_true(claim(ctx, false, &cursor));
    assert_in_range(cursor.pulled_to_s,
                    sql_number("SELECT extract(epoch FROM now())::bigint - 18005"),
                    sql_number("SELECT extract(epoch FROM now())::bigint - 17995"));
}

static void one_reads_at_a_time_and_only_when_it_is_due(void **state)
{
    struct ctx *ctx = *state;
    struct pull_cursor cursor, other;

    assert_true(claim(ctx, false, &cursor));
    assert_false(claim(ctx, true, &other));
    assert_ok(end(ctx, &cursor, 300));
    assert_false(claim(ctx, false, &other));
    assert_true(claim(ctx, true, &other));
    assert_int_equal(other.fence, cursor.fence + 1);
}

static void what_was_saved_is_where_the_next_one_goes_on(void **state)
{
    struct ctx *ctx = *state;
    struct pull_cursor cursor, next;

    assert_true(claim(ctx, false, &cursor));
    cursor.pulled_to_s = 1000;
    cursor.sweep_from_s = 700;
    cursor.sweep_to_s = 2000;
    cursor.page_after = "evt_7";
    store_begin(ctx);
    store_pull_renew(ctx, &cursor);
    assert_ok(store_commit(ctx));
    assert_false(claim(ctx, true, &next));
    sql_run("UPDATE payapi.provider_cursors SET lease_until = now()");
    assert_true(claim(ctx, false, &next));
    assert_int_equal(next.pulled_to_s, 1000);
    assert_int_equal(next.sweep_from_s, 700);
    assert_int_equal(next.sweep_to_s, 2000);
    assert_string_equal(next.page_after, "evt_7");
}

static void a_reading_far_back_is_due_until_one_has_come_to_its_end(void **state)
{
    struct ctx *ctx = *state;
    struct pull_cursor cursor;

    assert_true(claim(ctx, false, &cursor));
    assert_true(cursor.deep_is_due && !cursor.sweep_is_deep);
    cursor.sweep_is_deep = true;
    assert_ok(end(ctx, &cursor, 0));
    assert_true(claim(ctx, true, &cursor));
    assert_true(cursor.deep_is_due && cursor.sweep_is_deep);       /* it was cut off */
    cursor.deep_is_due = false;
    assert_ok(end(ctx, &cursor, 0));
    assert_true(claim(ctx, true, &cursor));
    assert_false(cursor.deep_is_due);
    cursor.sweep_is_deep = false;
    assert_ok(end(ctx, &cursor, 0));
    assert_int_equal(sql_number("SELECT round(extract(epoch FROM deep_due_at - now()) / 3600)::bigint"
                                " FROM payapi.provider_cursors"), PULL_DEEP_EVERY_S / 3600);
    sql_run("UPDATE payapi.provider_cursors SET deep_due_at = now()");
    assert_true(claim(ctx, true, &cursor));
    assert_true(cursor.deep_is_due);
}

static void an_old_runner_cannot_move_the_cursor(void **state)
{
    struct ctx *ctx = *state;
    struct pull_cursor cursor, next;

    assert_true(claim(ctx, false, &cursor));
    sql_run("UPDATE payapi.provider_cursors SET lease_until = now()");
    assert_true(claim(ctx, false, &next));
    assert_problem(end(ctx, &cursor, 300), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_ok(end(ctx, &next, 300));
}

/* --- Looking again ------------------------------------------------------------------------- */

/* It came to be that long ago, and was last looked at then. -1: never. */
static struct payment with_age(struct ctx *ctx, int age_s, int looked_s)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    sql_run("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard");
    sql_run("UPDATE payapi.payments SET created_at = now() - interval '%d s',"
            " expires_at = now() + interval '1 day',"
            " looked_at = CASE WHEN %d >= 0 THEN now() - interval '%d s' END"
            " WHERE payment_id = '%s'", age_s, looked_s, looked_s, payment.id.text);
    sql_run("ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard");
    return payment;
}

static int look_count(struct ctx *ctx, bool open_too)
{
    struct payment_id ids[JOBS_BATCH_MAX];
    int count;

    assert_ok(store_due_looks(ctx, "stripe", open_too, ids, &count));
    return count;
}

static void open_payments_are_looked_at_less_and_less_often(void **state)
{
    static const struct { int age_s, looked_s; bool due; } cases[] = {
        { 30, -1, false },          { 61, -1, true },
        { 200, 59, false },         { 200, 61, true },
        { 600, 299, false },        { 600, 301, true },
        { 3000, 899, false },       { 3000, 901, true },
        { 20000, 3599, false },     { 20000, 3601, true },
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct payment payment = with_age(ctx, cases[i].age_s, cases[i].looked_s);

        assert_int_equal(look_count(ctx, true), cases[i].due);
        assert_int_equal(look_count(ctx, true), 0);             /* claimed */
        sql_run("UPDATE payapi.payments SET close_reason = 'failed', status = 'failed'"
                " WHERE payment_id = '%s'", payment.id.text);
    }
}

static void where_there_is_a_list_open_payments_are_left_alone(void **state)
{
    struct ctx *ctx = *state;

    with_age(ctx, 600, -1);
    assert_int_equal(look_count(ctx, false), 0);
    assert_int_equal(look_count(ctx, true), 1);
}

static void what_is_out_of_time_or_asked_about_anyway_is_not_looked_at(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = with_age(ctx, 600, -1);

    given_a_call(ctx, &payment);
    assert_int_equal(look_count(ctx, true), 0);
    sql_run("UPDATE payapi.provider_calls SET finished_at = now(), verdict = 'done'"
            " WHERE payment_id = '%s'", payment.id.text);
    sql_run("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard");
    sql_run("UPDATE payapi.payments SET expires_at = now() - interval '1 s' WHERE payment_id = '%s'",
            payment.id.text);
    sql_run("ALTER TABLE payapi.payments ENABLE TRIGGER payments_guard");
    assert_int_equal(look_count(ctx, true), 0);
}

static void a_refund_under_way_is_looked_at_wherever_it_is(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_captured(ctx, &payment);
    sql_run("INSERT INTO payapi.refunds (refund_id, payment_id, amount_minor, currency, status, origin,"
            " provider, provider_ref, created_at, updated_at)"
            " VALUES ('ref_' || substr('%s', 5), '%s', 1, 'USD', 'pending', 'provider', 'stripe', 're_' || '%s',"
            " now() - interval '2 min', now())", payment.id.text, payment.id.text, payment.id.text);
    assert_int_equal(look_count(ctx, false), 1);
    assert_int_equal(look_count(ctx, false), 0);
    sql_run("UPDATE payapi.payments SET looked_at = now() - interval '2 min' WHERE payment_id = '%s'",
            payment.id.text);
    assert_int_equal(look_count(ctx, false), 1);
    sql_run("UPDATE payapi.refunds SET status = 'succeeded' WHERE payment_id = '%s'", payment.id.text);
    sql_run("UPDATE payapi.payments SET looked_at = NULL WHERE payment_id = '%s'", payment.id.text);
    assert_int_equal(look_count(ctx, false), 0);
}

/* --- Keeping for a time only --------------------------------------------------------------- */

static void with_event(const char *name, const char *status, int finished_days)
{
    sql_run("INSERT INTO payapi.webhook_events (provider, event_id, inbox_id, type, livemode, body, status,"
            " event_created_at, received_at, finished_at, trace_id) SELECT 'stripe', '%s',"
            " 'whe_' || upper(translate(substr(md5('%s'), 1, 26), 'ilou', '0000')), 'x', false, 'body',"
            " '%s', now(), now(), CASE WHEN %d > 0 THEN now() - interval '%d days' - interval '1 min' END, 't'",
            name, name, status, finished_days, finished_days);
}

static int64_t body_bytes(const char *name)
{
    return sql_number("SELECT length(body) FROM payapi.webhook_events WHERE event_id = '%s'", name);
}

static void bodies_of_finished_events_are_emptied_in_time(void **state)
{
    struct ctx *ctx = *state;
    int64_t count;

    with_event("old_ignored", "ignored", 90);
    with_event("young_ignored", "ignored", 89);
    with_event("old_dead", "dead", 400);
    with_event("old_received", "received", 0);
    sql_run("UPDATE payapi.webhook_events SET received_at = now() - interval '1 year'"
            " WHERE event_id = 'old_received'");
    assert_ok(store_purge_bodies(ctx, 90, &count));
    assert_int_equal(count, 1);
    assert_int_equal(body_bytes("old_ignored"), 0);
    assert_int_equal(body_bytes("young_ignored"), 4);
    assert_int_equal(body_bytes("old_dead"), 4);
    assert_int_equal(body_bytes("old_received"), 4);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.webhook_events WHERE body_purged_at IS NOT NULL"),
                     1);
    assert_ok(store_purge_bodies(ctx, 90, &count));
    assert_int_equal(count, 0);
}

static void a_key_beyond_its_time_is_deleted_unless_somebody_holds_it(void **state)
{
    struct ctx *ctx = *state;
    int64_t count;

    sql_run("DELETE FROM payapi.idempotency_keys");
    sql_run("INSERT INTO payapi.idempotency_keys (principal, route, key, fingerprint, holder, state, locked_until,"
            " answer_status, answer_body, created_at) SELECT 'alice', 'POST /', k.key, '" FINGERPRINT_A "', 'h',"
            " CASE WHEN k.done THEN 'done' ELSE 'running' END, now() + k.held * interval '1 s',"
            " CASE WHEN k.done THEN 201 END, CASE WHEN k.done THEN '{}' END, now() - k.age * interval '1 hour'"
            " FROM (VALUES ('old', true, 0, 73), ('young', true, 0, 71), ('held', false, 60, 73),"
            "              ('left', false, -60, 73)) AS k (key, done, held, age)");
    assert_ok(store_purge_keys(ctx, 72, &count));
    assert_int_equal(count, 2);
    assert_string_equal(sql_text("SELECT string_agg(key, ' ' ORDER BY key) FROM payapi.idempotency_keys"),
                        "held young");
}

/* --- Fairness ------------------------------------------------------------------------------ */

static void new_events_do_not_queue_behind_those_that_failed(void **state)
{
    struct ctx *ctx = *state;
    struct due_event due[JOBS_BATCH_MAX];
    int count;

    for (int i = 0; i < 30; i++) {
        char name[32];

        snprintf(name, sizeof(name), "failed_%d", i);
        with_event(name, "received", 0);
    }
    sql_run("UPDATE payapi.webhook_events SET attempts = 3, next_at = now() - interval '1 hour'"
            " WHERE event_id LIKE 'failed_%%'");
    with_event("fresh", "received", 0);
    assert_ok(store_inbox_due(ctx, true, JOBS_BATCH_MAX, due, &count));
    assert_int_equal(count, 1);
    assert_int_equal(due[0].attempts, 1);
    assert_ok(store_inbox_due(ctx, true, JOBS_BATCH_MAX, due, &count));
    assert_int_equal(count, 0);
    assert_ok(store_inbox_due(ctx, false, 7, due, &count));
    assert_int_equal(count, 7);
    assert_int_equal(due[0].attempts, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_quiet, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(lost_rows_are_made_once),
        TEST(what_was_adopted_is_locked),
        TEST(beside_a_live_payment_it_is_made_closed),
        TEST(an_order_of_another_amount_takes_no_payment),
        TEST(rivals_at_once_make_one_row_and_all_see_it),
        TEST(the_first_reading_begins_an_hour_back),
        TEST(or_at_the_oldest_open_payment),
        TEST(one_reads_at_a_time_and_only_when_it_is_due),
        TEST(what_was_saved_is_where_the_next_one_goes_on),
        TEST(a_reading_far_back_is_due_until_one_has_come_to_its_end),
        TEST(an_old_runner_cannot_move_the_cursor),
        TEST(open_payments_are_looked_at_less_and_less_often),
        TEST(where_there_is_a_list_open_payments_are_left_alone),
        TEST(what_is_out_of_time_or_asked_about_anyway_is_not_looked_at),
        TEST(a_refund_under_way_is_looked_at_wherever_it_is),
        TEST(bodies_of_finished_events_are_emptied_in_time),
        TEST(a_key_beyond_its_time_is_deleted_unless_somebody_holds_it),
        TEST(new_events_do_not_queue_behind_those_that_failed),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
