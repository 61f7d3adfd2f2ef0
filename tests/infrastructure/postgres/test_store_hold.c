/* What a command wrote before its call is still so after it, or the hold says otherwise. */
#include "store_world.h"

#include <stdatomic.h>
#include <stdio.h>

#include "application/store/store_refunds.h"

struct intent {
    struct payment_lock  known;
    struct refund        refund;        /* no id: a checkout */
    struct provider_call call;
};

static struct intent given_a_checkout(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct intent intent = { .known = { .found = true, .payment = some_payment(ctx, &order) } };

    intent.call = some_call(ctx, &intent.known.payment);
    store_begin(ctx);
    store_payment_insert(ctx, &intent.known.payment);
    store_call_insert(ctx, &intent.call, true);
    assert_ok(store_commit(ctx));
    return intent;
}

static struct intent given_a_refund(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct intent intent = { .refund = { .payment_id = payment.id, .amount = payment.amount,
                                         .provider = "stripe", .created_at_ms = ctx->now_ms,
                                         .updated_at_ms = ctx->now_ms } };

    given_captured(ctx, &payment);
    ctx_new_id(ctx, "ref", intent.refund.id.text);
    snprintf(intent.refund.client_key, sizeof(intent.refund.client_key), "%s", intent.refund.id.text);
    intent.call = some_call(ctx, &payment);
    intent.call.refund_id = intent.refund.id;
    intent.call.request.operation = OP_REFUND;
    store_begin(ctx);
    assert_ok(store_payment_lock(ctx, payment.id, &intent.known));
    store_refund_insert(ctx, &intent.refund);
    store_call_insert(ctx, &intent.call, true);
    assert_ok(store_commit(ctx));
    intent.known.payment.refund_held_minor = intent.refund.amount.minor;
    return intent;
}

static const struct problem *held(struct ctx *ctx, const struct intent *intent)
{
    const struct problem *problem;

    store_begin(ctx);
    store_payment_hold(ctx, &intent->known, &intent->call);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static void assert_as_known(struct ctx *ctx, const struct intent *intent)
{
    struct payment_lock now;
    struct order order;
    bool found;

    store_begin(ctx);
    store_payment_hold(ctx, &intent->known, &intent->call);
    assert_ok(store_order_find(ctx, intent->known.payment.order_id, NULL, &order, &found));
    assert_locked(&intent->known.payment);
    assert_ok(store_payment_lock(ctx, intent->known.payment.id, &now));
    store_rollback_if_open(ctx);
    assert_same_payment(&now.payment, &intent->known.payment);
    assert_int_equal(now.payment.refund_held_minor, intent->known.payment.refund_held_minor);
    assert_int_equal(now.order_status, intent->known.order_status);
    assert_false(now.order_taken);
}

static void what_nobody_wrote_is_held_and_is_what_was_known(void **state)
{
    struct intent checkout = given_a_checkout(*state), refund = given_a_refund(*state);

    assert_as_known(*state, &checkout);
    assert_as_known(*state, &refund);
}

static void assert_noticed(struct ctx *ctx, const struct intent *intent, const char *table, const char *change)
{
    const struct payment *payment = &intent->known.payment;

    assert_ok(held(ctx, intent));
    sql_run("UPDATE payapi.%s SET %s WHERE '%s' = %s", table, change,
            strcmp(table, "orders") == 0 ? payment->order_id.text : payment->id.text,
            strcmp(table, "orders") == 0 ? "order_id" : "payment_id");
    assert_problem(held(ctx, intent), PROBLEM_REQUEST_IN_PROGRESS, true);
}

static void every_change_of_what_is_known_is_noticed(void **state)
{
    struct ctx *ctx = *state;
    struct intent payment = given_a_checkout(ctx), order = given_a_checkout(ctx), call = given_a_checkout(ctx);
    struct intent refund = given_a_refund(ctx);

    assert_noticed(ctx, &payment, "payments", "provider_ref = 'cs_held'");
    assert_noticed(ctx, &order, "orders", "status = 'paid'");
    assert_noticed(ctx, &call, "provider_calls", "attempts = 2");
    assert_noticed(ctx, &refund, "refunds", "provider_ref = 're_held'");
}

static void another_payments_call_holds_nothing(void **state)
{
    struct intent one = given_a_checkout(*state), other = given_a_checkout(*state);

    one.call = other.call;
    assert_problem(held(*state, &one), PROBLEM_REQUEST_IN_PROGRESS, true);
}

/* --- A rival who is at it ---------------------------------------------------------------------- */

static struct intent contested;
static atomic_bool is_locked, is_answered;
static enum problem_type seen;          /* PROBLEM_TYPE_COUNT: none */

/* The first writes a reference and commits when the second, which would hold what it knew, waits for it. */
static void write_or_hold(struct ctx *worker, int number)
{
    const struct problem *problem;
    struct payment_lock lock;

    if (number == 0) {
        store_begin(worker);
        (void) store_payment_lock(worker, contested.known.payment.id, &lock);
        atomic_store(&is_locked, true);
        snprintf(lock.payment.provider_ref, sizeof(lock.payment.provider_ref), "cs_%s", lock.payment.id.text);
        store_payment_update(worker, &lock.payment);
        while (sql_number("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0 && !atomic_load(&is_answered))
            sleep_ms(1);
        (void) store_commit(worker);
        return;
    }
    while (!atomic_load(&is_locked))
        sleep_ms(1);
    problem = held(worker, &contested);
    seen = problem != OK ? problem->type : PROBLEM_TYPE_COUNT;
    atomic_store(&is_answered, true);           /* without waiting: then the first need not either */
}

static void a_change_that_is_not_committed_yet_is_waited_for_and_noticed(void **state)
{
    contested = given_a_checkout(*state);
    at_once(2, write_or_hold);
    assert_int_equal(seen, PROBLEM_REQUEST_IN_PROGRESS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(what_nobody_wrote_is_held_and_is_what_was_known),
        TEST(every_change_of_what_is_known_is_noticed),
        TEST(another_payments_call_holds_nothing),
        TEST(a_change_that_is_not_committed_yet_is_waited_for_and_noticed),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store hold", tests, NULL, NULL);
}
