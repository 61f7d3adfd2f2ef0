#include "store_world.h"

#include <stdatomic.h>
#include <stdio.h>

#include "application/store/store_refunds.h"

static const struct provider_refund nobody = { .amount_minor = 0 };

static struct payment given_a_captured_payment(struct ctx *ctx, int64_t minor)
{
    struct order order = some_order(ctx, "alice");
    struct payment payment;

    order.amount.minor = minor;
    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_ok(store_commit(ctx));
    payment = given_a_payment(ctx, &order);
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_%s", payment.id.text);
    given_captured(ctx, &payment);
    return payment;
}

static struct refund some_refund(struct ctx *ctx, const struct payment *payment, int64_t minor)
{
    struct refund refund = {
        .payment_id = payment->id,
        .amount = { minor, "USD" },
        .provider = "stripe",
        .reason = "duplicate",
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "ref", refund.id.text);
    snprintf(refund.client_key, sizeof(refund.client_key), "key-of-%s", refund.id.text);
    return refund;
}

static const struct problem *insert(struct ctx *ctx, const struct refund *refund)
{
    const struct problem *problem;

    store_begin(ctx);
    store_refund_insert(ctx, refund);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *update(struct ctx *ctx, const struct refund *refund)
{
    const struct problem *problem;

    store_begin(ctx);
    store_refund_update(ctx, refund);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static struct refund_lock locked(struct ctx *ctx, struct payment_id payment_id,
                                 const struct provider_refund *named)
{
    struct refund_lock lock;

    store_begin(ctx);
    assert_ok(store_refund_lock(ctx, payment_id, named, &lock));
    assert_ok(store_commit(ctx));
    return lock;
}

static void assert_counters(struct ctx *ctx, struct payment_id id, int64_t held, int64_t refunded,
                            enum payment_status status)
{
    struct refund_lock lock = locked(ctx, id, &nobody);

    assert_true(lock.payment.found);
    assert_int_equal(lock.payment.payment.refund_held_minor, held);
    assert_int_equal(lock.payment.payment.facts.refunded_minor, refunded);
    assert_int_equal(lock.payment.payment.status, status);
}

static int64_t violations_of_i3(void)
{
    static char sql[8192];
    FILE *file = fopen(TEST_INVARIANTS "/i03_refund_counters_fit_refunds.sql", "re");
    size_t size;
    char *end;

    assert_non_null(file);
    size = fread(sql, 1, sizeof(sql) - 1, file);
    sql[size] = '\0';
    assert_int_equal(fclose(file), 0);
    end = strrchr(sql, ';');
    assert_non_null(end);
    *end = '\0';
    return sql_number("SELECT count(*) FROM (\n%s\n) AS violations", sql);
}

/* --- One refund ---------------------------------------------------------------------------- */

static void a_refund_comes_back_as_it_was_stored(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund stored = some_refund(*state, &payment, 2500);
    struct provider_refund named = { .refund_id = stored.id };
    struct refund_lock lock;

    assert_ok(insert(*state, &stored));
    lock = locked(*state, payment.id, &named);

    assert_true(lock.refund_found);
    assert_string_equal(lock.refund.id.text, stored.id.text);
    assert_string_equal(lock.refund.payment_id.text, payment.id.text);
    assert_true(money_equal(lock.refund.amount, stored.amount));
    assert_int_equal(lock.refund.status, REFUND_PENDING);
    assert_int_equal(lock.refund.origin, REFUND_BY_API);
    assert_string_equal(lock.refund.client_key, stored.client_key);
    assert_string_equal(lock.refund.provider_ref, "");
    assert_string_equal(lock.refund.reason, "duplicate");
    assert_string_equal(lock.refund.failure_reason, "");
    assert_int_equal(lock.refund.created_at_ms, stored.created_at_ms);
    assert_int_equal(lock.refund.updated_at_ms, stored.updated_at_ms);
    assert_false(lock.call_found);
}

static void a_refund_is_found_by_its_id_else_its_reference_within_its_payment(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct payment other = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 2500);
    struct refund second = some_refund(*state, &payment, 100);
    struct provider_refund named = nobody;

    assert_ok(insert(*state, &refund));
    assert_ok(insert(*state, &second));
    snprintf(refund.provider_ref, sizeof(refund.provider_ref), "re_%s", refund.id.text);
    assert_ok(update(*state, &refund));
    memcpy(named.ref, refund.provider_ref, sizeof(named.ref));

    assert_string_equal(locked(*state, payment.id, &named).refund.id.text, refund.id.text);
    assert_false(locked(*state, other.id, &named).refund_found);
    assert_false(locked(*state, payment.id, &nobody).refund_found);
    named.refund_id = second.id;
    assert_string_equal(locked(*state, payment.id, &named).refund.id.text, second.id.text);
    snprintf(named.refund_id.text, sizeof(named.refund_id.text), "ref_00000000000000000000000000");
    assert_string_equal(locked(*state, payment.id, &named).refund.id.text, refund.id.text);
    named.ref[0] = '\0';
    named.refund_id = refund.id;
    assert_false(locked(*state, other.id, &named).refund_found);
}

static struct refund_lock claimed(struct ctx *ctx, const struct refund *refund)
{
    struct idempotency_key key = some_key(ctx);
    struct refund_lock lock;

    key.key = refund->client_key;
    store_begin(ctx);
    assert_ok(store_refund_claim(ctx, &key, refund->payment_id, nobody.refund_id, &lock));
    store_rollback_if_open(ctx);
    return lock;
}

static void the_open_call_of_a_refund_is_found_until_its_outcome_is_known(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct refund refund = some_refund(ctx, &payment, 2500);
    struct provider_call call = some_call(ctx, &payment);
    struct provider_reply reply = { .request_id = "req_1", .error = "" };

    call.refund_id = refund.id;
    call.request.operation = OP_REFUND;
    call.request.idempotency_key = arena_printf(ctx->arena, "%s:refund", refund.id.text);
    store_begin(ctx);
    store_refund_insert(ctx, &refund);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
    assert_true(claimed(ctx, &refund).call_found);
    assert_true(claimed(ctx, &refund).call.leased);
    assert_string_equal(claimed(ctx, &refund).call.refund_id.text, refund.id.text);
    store_begin(ctx);
    store_call_record(ctx, &call, &(struct call_attempt) { .reply = &reply, .verdict = VERDICT_DONE,
                                                       .retry_ms = 5000 });
    assert_ok(store_commit(ctx));
    assert_false(claimed(ctx, &refund).call_found);
}

static void a_call_that_nobody_makes_yet_is_due_at_once(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct provider_call call = some_call(ctx, &payment);

    call.attempts = 0;
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));

    assert_int_equal(sql_number("SELECT count(*) FROM payapi.provider_calls WHERE call_id = '%s'"
                                " AND attempts = 0 AND lease_until IS NULL AND next_at <= now()",
                                call.id.text), 1);
    call.attempts = 1;
    store_begin(ctx);
    store_call_lease(ctx, &call);
    assert_ok(store_commit(ctx));
}

/* --- Claims -------------------------------------------------------------------------------- */

static void a_claim_is_one_round_trip_and_finds_the_refund_of_the_key(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct refund refund = some_refund(ctx, &payment, 2500);
    struct idempotency_key key = some_key(ctx);
    int64_t before;
    struct refund_lock lock;

    snprintf(refund.client_key, sizeof(refund.client_key), "%s", key.key);
    assert_ok(insert(ctx, &refund));
    before = store_round_trips(ctx->store);
    store_begin(ctx);
    assert_ok(store_refund_claim(ctx, &key, payment.id, nobody.refund_id, &lock));

    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    assert_ok(store_commit(ctx));
    assert_int_equal(lock.claim.state, CLAIM_MINE);
    assert_true(lock.payment.found);
    assert_string_equal(lock.refund.id.text, refund.id.text);
}

/* Its row came back from the provider, which knows no keys of ours. */
static void a_claim_finds_the_refund_of_the_id_that_its_key_makes(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct refund refund = some_refund(ctx, &payment, 2500);
    struct idempotency_key key = some_key(ctx);
    struct refund_lock lock;

    refund.client_key[0] = '\0';
    assert_ok(insert(ctx, &refund));
    store_begin(ctx);
    assert_ok(store_refund_claim(ctx, &key, payment.id, refund.id, &lock));
    assert_ok(store_commit(ctx));
    assert_true(lock.refund_found);
    assert_string_equal(lock.refund.id.text, refund.id.text);
}

/* Else fifty repeats of one key would wait for the payment with the key in hand. */
static void who_does_not_run_locks_no_payment(void **state)
{
    struct ctx *ctx = *state;
    struct ctx *rival = given_a_worker();
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct idempotency_key key = some_key(ctx);
    struct idempotency_key repeat = key;
    struct refund_lock lock;

    store_begin(ctx);
    assert_ok(store_refund_claim(ctx, &key, payment.id, nobody.refund_id, &lock));
    assert_ok(store_commit(ctx));
    store_begin(ctx);
    assert_ok(store_refund_lock(ctx, payment.id, &nobody, &lock));
    repeat.holder = some_key(ctx).holder;
    store_begin(rival);
    assert_ok(store_refund_claim(rival, &repeat, payment.id, nobody.refund_id, &lock));
    assert_ok(store_commit(rival));
    assert_ok(store_commit(ctx));

    assert_int_equal(lock.claim.state, CLAIM_RUNNING);
    assert_false(lock.payment.found);
    dismiss(rival);
}

static void a_key_names_one_refund_of_a_payment_for_ever(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct payment other = given_a_captured_payment(*state, 9999);
    struct refund first = some_refund(*state, &payment, 1);
    struct refund second = some_refund(*state, &payment, 1);
    struct refund elsewhere = some_refund(*state, &other, 1);

    memcpy(second.client_key, first.client_key, sizeof(first.client_key));
    memcpy(elsewhere.client_key, first.client_key, sizeof(first.client_key));
    assert_ok(insert(*state, &first));
    assert_problem(insert(*state, &second), PROBLEM_INTERNAL, false);
    assert_ok(insert(*state, &elsewhere));
}

/* --- Counters ------------------------------------------------------------------------------ */

static void the_counters_follow_every_change_of_a_refund(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 2500);
    struct refund all = some_refund(*state, &payment, 7499);

    assert_ok(insert(*state, &refund));
    assert_counters(*state, payment.id, 2500, 0, PAYMENT_COMPLETED);
    refund.status = REFUND_SUCCEEDED;
    assert_ok(update(*state, &refund));
    assert_counters(*state, payment.id, 2500, 2500, PAYMENT_PARTIALLY_REFUNDED);
    all.status = REFUND_SUCCEEDED;
    assert_ok(insert(*state, &all));
    assert_counters(*state, payment.id, 9999, 9999, PAYMENT_REFUNDED);
    refund.status = REFUND_FAILED;
    assert_ok(update(*state, &refund));
    assert_counters(*state, payment.id, 7499, 7499, PAYMENT_PARTIALLY_REFUNDED);
    all.status = REFUND_FAILED;
    assert_ok(update(*state, &all));
    assert_counters(*state, payment.id, 0, 0, PAYMENT_COMPLETED);
    assert_int_equal(violations_of_i3(), 0);
}

static void one_cent_more_than_was_captured_is_refused(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 9998);
    struct refund two = some_refund(*state, &payment, 2);
    struct refund one = some_refund(*state, &payment, 1);

    assert_ok(insert(*state, &refund));
    assert_problem(insert(*state, &two), PROBLEM_INVALID_PAYMENT_STATE, false);
    assert_ok(insert(*state, &one));
    assert_counters(*state, payment.id, 9999, 0, PAYMENT_COMPLETED);
}

static void nothing_goes_back_before_it_was_captured(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);
    struct refund refund = some_refund(*state, &payment, 1);

    assert_problem(insert(*state, &refund), PROBLEM_INVALID_PAYMENT_STATE, false);
}

/* All 25 pairs: what is later in this list never turns into what is earlier. */
static void the_rank_of_a_refund_never_goes_back(void **state)
{
    static const enum refund_status all[] = {
        REFUND_PENDING, REFUND_REQUIRES_ACTION, REFUND_SUCCEEDED, REFUND_CANCELLED, REFUND_FAILED,
    };

    for (int from = 0; from < 5; from++)
        for (int to = 0; to < 5; to++) {
            struct payment payment = given_a_captured_payment(*state, 9999);
            struct refund refund = some_refund(*state, &payment, 100);
            const struct problem *problem;

            refund.status = all[from];
            assert_ok(insert(*state, &refund));
            refund.status = all[to];
            problem = update(*state, &refund);
            if (to >= from)
                assert_ok(problem);
            else
                assert_problem(problem, PROBLEM_INTERNAL, false);
        }
    assert_int_equal(violations_of_i3(), 0);
}

static void the_provider_reference_is_written_once(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 100);
    struct refund other = some_refund(*state, &payment, 100);

    assert_ok(insert(*state, &refund));
    snprintf(refund.provider_ref, sizeof(refund.provider_ref), "re_%s", refund.id.text);
    memcpy(other.provider_ref, refund.provider_ref, sizeof(other.provider_ref));
    assert_ok(update(*state, &refund));
    assert_problem(insert(*state, &other), PROBLEM_INTERNAL, false);
    snprintf(refund.provider_ref, sizeof(refund.provider_ref), "re_another");
    assert_problem(update(*state, &refund), PROBLEM_INTERNAL, false);
    refund.provider_ref[0] = '\0';
    assert_problem(update(*state, &refund), PROBLEM_INTERNAL, false);
}

static void an_update_of_no_refund_is_refused(void **state)
{
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 100);

    assert_problem(update(*state, &refund), PROBLEM_REQUEST_IN_PROGRESS, true);
}

/* --- Races --------------------------------------------------------------------------------- */

static struct payment contested;
static atomic_int accepted, refused;

/* As the command does it: look under the lock, then insert. */
static const struct problem *look_and_insert(struct ctx *ctx, void *argument)
{
    const struct refund *refund = argument;
    struct refund_lock lock;

    TRY(store_refund_lock(ctx, contested.id, &nobody, &lock));
    if (refund_left(&lock.payment.payment) < refund->amount.minor)
        return problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED, "Too much.");
    store_refund_insert(ctx, refund);
    return OK;
}

static void take_300(struct ctx *worker, int number)
{
    struct refund refund = some_refund(worker, &contested, 300);
    const struct problem *problem;

    (void) number;
    do
        problem = in_transaction(worker, look_and_insert, &refund);
    while (problem != OK && problem->repeatable);
    if (problem == OK)
        accepted++;
    else if (problem->type == PROBLEM_VALIDATION_FAILED)
        refused++;
}

static void of_50_refunds_of_300_on_10000_exactly_33_are_taken(void **state)
{
    contested = given_a_captured_payment(*state, 10000);
    accepted = refused = 0;
    at_once(50, take_300);

    assert_int_equal(accepted, 33);
    assert_int_equal(refused, 17);
    assert_counters(*state, contested.id, 9900, 0, PAYMENT_COMPLETED);
    assert_int_equal(violations_of_i3(), 0);
}

/* Without looking first: PostgreSQL alone. */
static void take_300_blindly(struct ctx *worker, int number)
{
    struct refund refund = some_refund(worker, &contested, 300);
    const struct problem *problem;

    (void) number;
    do
        problem = insert(worker, &refund);
    while (problem != OK && problem->repeatable);
    if (problem == OK)
        accepted++;
    else if (problem->type == PROBLEM_INVALID_PAYMENT_STATE)
        refused++;
}

static void postgresql_alone_takes_33_of_them_too(void **state)
{
    contested = given_a_captured_payment(*state, 10000);
    accepted = refused = 0;
    at_once(50, take_300_blindly);

    assert_int_equal(accepted, 33);
    assert_int_equal(refused, 17);
    assert_counters(*state, contested.id, 9900, 0, PAYMENT_COMPLETED);
}

/* --- Splits -------------------------------------------------------------------------------- */

/* Whatever the split, the rest is what SQL says, and the sum is the whole (domain: test_refund.c). */
static void ten_thousand_random_parts_sum_exactly(void **state)
{
    sql_run("DO $$ DECLARE parts integer := 0; p text; o text; left_minor bigint; part bigint; n integer := 0;"
            " BEGIN PERFORM setseed(0.42); WHILE parts < 10000 LOOP"
            "   n := n + 1; o := 'split-' || n; p := 'pay_' || lpad(n::text, 26, '0');"
            "   left_minor := 1 + floor(random() * 999999999998)::bigint;"
            "   INSERT INTO payapi.orders (order_id, owner_id, amount_minor, currency, created_at, updated_at)"
            "     VALUES (o, 'alice', left_minor, 'USD', now(), now());"
            "   INSERT INTO payapi.payments (payment_id, order_id, amount_minor, currency, provider,"
            "     captured_minor, status, completed_at, expires_at, created_at, updated_at)"
            "     VALUES (p, o, left_minor, 'USD', 'stripe', left_minor, 'completed', now(), now(), now(), now());"
            "   WHILE left_minor > 0 LOOP parts := parts + 1;"
            "     part := CASE WHEN random() < 0.02 THEN left_minor ELSE 1 + floor(random() * left_minor)::bigint END;"
            "     INSERT INTO payapi.refunds (refund_id, payment_id, amount_minor, currency, status, provider,"
            "       created_at, updated_at) VALUES ('ref_' || lpad(parts::text, 26, '0'), p, part, 'USD',"
            "       'succeeded', 'stripe', now(), now());"
            "     SELECT captured_minor - refund_held_minor INTO left_minor FROM payapi.payments"
            "       WHERE payment_id = p; END LOOP; END LOOP; END $$");
    (void) state;

    assert_true(sql_number("SELECT count(*) FROM payapi.refunds WHERE payment_id LIKE 'pay_0000%%'")
                >= 10000);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.payments WHERE order_id LIKE 'split-%%'"
                                " AND (status <> 'refunded' OR refunded_minor <> captured_minor)"), 0);
    assert_int_equal(violations_of_i3(), 0);
}

/* --- Lists --------------------------------------------------------------------------------- */

static void refunds_are_listed_oldest_first_for_their_owner(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct refund first = some_refund(ctx, &payment, 1);
    struct refund second;
    struct refund *refunds;
    int count;
    bool found;

    ctx->now_ms++;
    second = some_refund(ctx, &payment, 2);
    assert_ok(store_refunds_list(ctx, payment.id, "alice", &refunds, &count, &found));
    assert_true(found);
    assert_int_equal(count, 0);
    assert_ok(insert(ctx, &second));
    assert_ok(insert(ctx, &first));

    assert_ok(store_refunds_list(ctx, payment.id, "alice", &refunds, &count, &found));
    assert_true(found);
    assert_int_equal(count, 2);
    assert_string_equal(refunds[0].id.text, first.id.text);
    assert_string_equal(refunds[1].id.text, second.id.text);
    assert_ok(store_refunds_list(ctx, payment.id, NULL, &refunds, &count, &found));
    assert_int_equal(count, 2);
    assert_ok(store_refunds_list(ctx, payment.id, "bob", &refunds, &count, &found));
    assert_false(found);
    assert_int_equal(count, 0);
}

/* --- Webhooks ------------------------------------------------------------------------------ */

static void a_refund_event_locks_payment_and_refund_in_one_round_trip(void **state)
{
    static const struct provider stripe = { .name = "stripe" };
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx, 9999);
    struct refund refund = some_refund(ctx, &payment, 2500);
    struct provider_event event = { .kind = PROVIDER_EVENT_REFUND, .refund.refund_id = refund.id };
    struct inbox_lock lock;
    int64_t before;

    assert_ok(insert(ctx, &refund));
    snprintf(event.id, sizeof(event.id), "evt_%s", refund.id.text);
    memcpy(event.payment.intent, payment.provider_intent, sizeof(event.payment.intent));
    before = store_round_trips(ctx->store);
    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, bytes_of("{}"), &lock));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    assert_ok(store_commit(ctx));

    assert_string_equal(lock.payment.payment.id.text, payment.id.text);
    assert_true(lock.refund_found);
    assert_string_equal(lock.refund.id.text, refund.id.text);
}

/* --- The invariant fires ------------------------------------------------------------------- */

/* Last: it leaves a violation behind on purpose, and takes it away again. */
static void a_counter_that_lies_is_found(void **state)
{
    static const char *const lies[] = {
        "refund_held_minor = 101", "refunded_minor = 1",
    };
    struct payment payment = given_a_captured_payment(*state, 9999);
    struct refund refund = some_refund(*state, &payment, 100);

    assert_ok(insert(*state, &refund));
    sql_run("ALTER TABLE payapi.payments DISABLE TRIGGER payments_guard");
    for (int i = 0; i < 2; i++) {
        sql_run("UPDATE payapi.payments SET %s WHERE payment_id = '%s'", lies[i], payment.id.text);
        assert_int_equal(violations_of_i3(), 1);
        sql_run("UPDATE payapi.payments SET refund_held_minor = 100, refunded_minor = 0"
                " WHERE payment_id = '%s'", payment.id.text);
        assert_int_equal(violations_of_i3(), 0);
    }
    sql_run("ALTER TABLE payapi.payments DROP CONSTRAINT refunds_within_captured");
    sql_run("UPDATE payapi.payments SET refund_held_minor = 10000 WHERE payment_id = '%s'",
            payment.id.text);
    assert_int_equal(violations_of_i3(), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_refund_comes_back_as_it_was_stored),
        CASE(a_refund_is_found_by_its_id_else_its_reference_within_its_payment),
        CASE(the_open_call_of_a_refund_is_found_until_its_outcome_is_known),
        CASE(a_call_that_nobody_makes_yet_is_due_at_once),
        CASE(a_claim_is_one_round_trip_and_finds_the_refund_of_the_key),
        CASE(a_claim_finds_the_refund_of_the_id_that_its_key_makes),
        CASE(who_does_not_run_locks_no_payment),
        CASE(a_key_names_one_refund_of_a_payment_for_ever),
        CASE(the_counters_follow_every_change_of_a_refund),
        CASE(one_cent_more_than_was_captured_is_refused),
        CASE(nothing_goes_back_before_it_was_captured),
        CASE(the_rank_of_a_refund_never_goes_back),
        CASE(the_provider_reference_is_written_once),
        CASE(an_update_of_no_refund_is_refused),
        CASE(of_50_refunds_of_300_on_10000_exactly_33_are_taken),
        CASE(postgresql_alone_takes_33_of_them_too),
        CASE(ten_thousand_random_parts_sum_exactly),
        CASE(refunds_are_listed_oldest_first_for_their_owner),
        CASE(a_refund_event_locks_payment_and_refund_in_one_round_trip),
        CASE(a_counter_that_lies_is_found),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store_refunds", tests, NULL, NULL);
}
