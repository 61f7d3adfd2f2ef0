/*
 * The guard's rule status_follows_from_facts and payment_derive say the same: for every small combination
 * of facts the derived status is stored, and each of the other eight is refused.
 */
#include "store_world.h"

#include <stdio.h>

static const int64_t captures[][2] = {      /* captured, refunded */
    { 0, 0 }, { 9999, 0 }, { 9999, 1 }, { 9999, 9998 }, { 9999, 9999 }, { 1, 0 }, { 1, 1 },
    { 6000, 0 }, { 6000, 1 }, { 6000, 6000 }, { 19998, 0 }, { 19998, 9999 }, { 19998, 19998 },
};

/* The counters are PostgreSQL's own, and so is the twin of the derivation that goes with them. */
static struct payment with_money(struct ctx *ctx, const int64_t capture[2])
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    snprintf(payment.review_reason, sizeof(payment.review_reason), "another amount");
    if (capture[0] > 0)
        given_facts(ctx, &payment, (struct payment_facts) {
            .captured_minor = capture[0], .mismatch = capture[0] != payment.amount.minor,
        });
    sql_run("UPDATE payapi.payments SET refund_held_minor = %d, refunded_minor = %d,"
            " status = payapi.payment_status(captured_minor, %d, close_reason, progress, amount_minor, accepted)"
            " WHERE payment_id = '%s'",
            (int) capture[1], (int) capture[1], (int) capture[1], payment.id.text);
    payment.facts.refunded_minor = capture[1];
    return payment;
}

static bool is_accepted(struct ctx *ctx, const struct payment *payment)
{
    const struct problem *problem;
    struct store_health found;

    store_begin(ctx);
    store_payment_update(ctx, payment);
    problem = store_read_health(ctx, &found);
    store_rollback_if_open(ctx);
    if (problem != OK)
        assert_non_null(strstr(problem->cause, "status_follows_from_facts"));
    return problem == OK;
}

static void assert_only_the_derived_status(struct ctx *ctx, struct payment *payment)
{
    enum payment_status derived = payment_derive(&payment->facts, payment->amount.minor);

    for (int status = 0; status < PAYMENT_STATUS_COUNT; status++) {
        payment->status = (enum payment_status) status;
        assert_int_equal(is_accepted(ctx, payment), payment->status == derived);
    }
}

static void the_schema_derives_as_the_domain_does(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        struct payment payment = with_money(ctx, captures[i]);

        for (int closed = PAYMENT_OPEN; closed <= PAYMENT_CLOSED_CANCELLED; closed++)
            for (int progress = PROGRESS_NONE; progress <= PROGRESS_FAILED; progress++)
                for (int accepted = 0; accepted <= 1; accepted++) {
                    payment.facts.closed = (enum payment_close) closed;
                    payment.facts.snapshot.progress = (enum payment_progress) progress;
                    payment.facts.accepted = accepted != 0;
                    assert_only_the_derived_status(ctx, &payment);
                }
        arena_reset(ctx->arena);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_schema_derives_as_the_domain_does, given_one_worker,
                                        dismiss_one_worker),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store derivation", tests, NULL, NULL);
}
