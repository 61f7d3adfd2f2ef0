/* review_payment: the verdicts of a human, on the books. */
#include "application/settle_payment.h"
#include "application/transaction.h"
#include "given.h"

#include <stdio.h>
#include <string.h>

static struct fake_tables *rows(void)
{
    return fake_store_tables(the_store);
}

/* --- A payment under review ---------------------------------------------------------------- */

static const struct problem *settle_step(struct ctx *ctx, void *argument)
{
    const struct provider_payment *news = argument;
    struct payment_lock lock;

    TRY(store_payment_lock(ctx, last_payment()->id, &lock));
    (void) settle_payment(ctx, &lock, news, "test");
    return OK;
}

static void given_that_came(int64_t captured_minor)
{
    struct provider_payment news = { .intent = "pi_1", .facts.captured_minor = captured_minor };

    assert_null(in_transaction(given_a_request_of("stripe"), settle_step, &news));
}

static int set_up_an_underpaid_payment(void **state)
{
    set_up_world(state);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    given_that_came(6000);
    assert_true(last_payment()->needs_review);
    return 0;
}

static int tear_down_checked(void **state)
{
    fake_store_check_invariants(the_store);
    return tear_down_world(state);
}

/* --- The command --------------------------------------------------------------------------- */

static const struct problem *give_amount(struct ctx *ctx, const void *body, const char *currency,
                                         struct review_terms *terms_out)
{
    (void) ctx;
    assert_string_equal(currency, "USD");
    terms_out->amount_minor = *(const int64_t *) body;
    terms_out->amount_pointer = "#/amountMinor";
    return OK;
}

struct given_verdict { enum review_verdict verdict; int64_t amount_minor; const char *owner, *reference; };

static const struct problem *judge(struct given_verdict given)
{
    const struct review_payment command = {
        .payment_id = last_payment()->id.text,
        .verdict = given.verdict,
        .reason = "Seen by Eve.",
        .owner_id = given.owner != NULL ? given.owner : "",
        .reference = given.reference != NULL ? given.reference : "",
        .read_terms = give_amount,
        .body = &given.amount_minor,
    };
    struct answer answer;

    return review_payment(given_a_request_of_an_admin(), &command, &answer);
}

static void assert_refused(struct given_verdict given, enum problem_type type)
{
    struct payment before = *last_payment();
    const int refunds = rows()->refund_count;
    const struct problem *problem = judge(given);

    assert_non_null(problem);
    assert_int_equal(problem->type, type);
    assert_memory_equal(&before, last_payment(), sizeof(before));
    assert_int_equal(rows()->refund_count, refunds);
}

/* --- The verdicts --------------------------------------------------------------------------- */

static void what_is_accepted_completes_the_payment_and_pays_the_order(void **state)
{
    (void) state;
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_ACCEPT }));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->facts.captured_minor, 6000);
    assert_false(last_payment()->needs_review);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(fake_store_count_events(the_store, EVENT_PAYMENT_COMPLETED), 1);
    assert_int_equal(fake_store_count_audits(the_store, "reviewed"), 1);
    given_that_came(6000);
    assert_false(last_payment()->needs_review);
}

static void what_is_written_off_frees_the_order(void **state)
{
    struct answer answer;
    (void) state;

    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_WRITE_OFF }));

    assert_true(last_payment()->surplus);
    assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
    assert_int_equal(rows()->refund_count, 0);
    answer = checkout_answer("alice", "abc-123", NULL);
    assert_int_equal(answer.http_status, 201);
    assert_int_equal(payment_count(), 2);
}

static void all_of_it_refunded_frees_the_order(void **state)
{
    (void) state;
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_REFUND }));

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->refunds[0].amount.minor, 6000);
    assert_int_equal(last_payment()->refund_held_minor, 6000);
    assert_true(last_payment()->surplus);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
}

static void a_part_of_it_refunded_keeps_the_order(void **state)
{
    (void) state;
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_REFUND,
                                               .amount_minor = 1000 }));

    assert_int_equal(rows()->refunds[0].amount.minor, 1000);
    assert_false(last_payment()->surplus);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 409);
}

static void money_given_back_elsewhere_is_booked(void **state)
{
    struct given_verdict given = { REVIEW_VERDICT_REFUND_ELSEWHERE, 2500, NULL, "bank transfer 17" };
    (void) state;

    assert_null(judge(given));

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->refunds[0].origin, REFUND_ELSEWHERE);
    assert_int_equal(rows()->refunds[0].status, REFUND_SUCCEEDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
    assert_int_equal(rows()->ledger[1].amount_minor, -2500);
    assert_string_equal(rows()->ledger[1].provider_ref, "elsewhere:bank transfer 17");
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 3501, NULL, "x" },
                   PROBLEM_VALIDATION_FAILED);
}

static void an_order_without_owner_gets_one_and_no_other(void **state)
{
    const struct given_verdict given = { REVIEW_VERDICT_GIVE_OWNER, 0, "carol", NULL };
    (void) state;

    assert_refused(given, PROBLEM_INVALID_PAYMENT_STATE);
    snprintf(the_order("abc-123")->owner_id, OWNER_ID_MAX, "%s", ORDER_OWNER_UNKNOWN);
    snprintf(last_payment()->owner_id, OWNER_ID_MAX, "%s", ORDER_OWNER_UNKNOWN);
    assert_null(judge(given));
    assert_string_equal(the_order("abc-123")->owner_id, "carol");
}

static void a_second_click_changes_nothing(void **state)
{
    (void) state;
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_REFUND,
                                               .amount_minor = 1000 }));
    for (int verdict = REVIEW_VERDICT_DISMISS; verdict <= REVIEW_VERDICT_WRITE_OFF; verdict++)
        assert_refused((struct given_verdict) { .verdict = (enum review_verdict) verdict },
                       PROBLEM_INVALID_PAYMENT_STATE);
}

static void what_does_not_fit_the_payment_is_refused(void **state)
{
    (void) state;
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND, 6001, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 0, NULL, "x" },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 1, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_GIVE_OWNER, 0, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    given_that_came(9999);
    assert_refused((struct given_verdict) { .verdict = REVIEW_VERDICT_ACCEPT },
                   PROBLEM_INVALID_PAYMENT_STATE);
    assert_refused((struct given_verdict) { .verdict = REVIEW_VERDICT_WRITE_OFF },
                   PROBLEM_INVALID_PAYMENT_STATE);
}

int main(void)
{
#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, set_up_an_underpaid_payment, tear_down_checked)
    const struct CMUnitTest tests[] = {
        TEST(what_is_accepted_completes_the_payment_and_pays_the_order),
        TEST(what_is_written_off_frees_the_order),
        TEST(all_of_it_refunded_frees_the_order),
        TEST(a_part_of_it_refunded_keeps_the_order),
        TEST(money_given_back_elsewhere_is_booked),
        TEST(an_order_without_owner_gets_one_and_no_other),
        TEST(a_second_click_changes_nothing),
        TEST(what_does_not_fit_the_payment_is_refused),
    };

    return cmocka_run_group_tests_name("review payment", tests, NULL, NULL);
}
