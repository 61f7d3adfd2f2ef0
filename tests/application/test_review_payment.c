/* review_payment: the verdicts of a human, on the books. */
#include "application/settling/settle_payment.h"
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
    (void) settle_payment(ctx, &lock, news, change_source_of(SOURCE_SYNC));
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

struct given_verdict {
    enum review_verdict verdict;
    int64_t             amount_minor;
    const char         *owner, *reference, *order;
};

static const struct problem *judge_that(const char *payment_id, struct given_verdict given)
{
    const struct review_payment command = {
        .payment_id = payment_id,
        .verdict = given.verdict,
        .reason = "Seen by Eve.",
        .owner_id = given.owner != NULL ? given.owner : "",
        .reference = given.reference != NULL ? given.reference : "",
        .order_id = given.order != NULL ? given.order : "",
        .read_terms = give_amount,
        .body = &given.amount_minor,
    };
    struct answer answer;

    return review_payment(given_a_request_of_an_admin(), &command, &answer);
}

static const struct problem *judge(struct given_verdict given)
{
    return judge_that(last_payment()->id.text, given);
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
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
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
    struct given_verdict given = { REVIEW_VERDICT_REFUND_ELSEWHERE, 2500, NULL, "bank transfer 17", NULL };
    (void) state;

    assert_null(judge(given));

    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->refunds[0].origin, REFUND_ELSEWHERE);
    assert_true(id_is_valid("ref", rows()->refunds[0].id.text));
    assert_int_equal(rows()->refunds[0].status, REFUND_SUCCEEDED);
    assert_int_equal(last_payment()->facts.refunded_minor, 2500);
    assert_int_equal(rows()->ledger[1].amount_minor, -2500);
    assert_ptr_equal(strstr(rows()->ledger[1].provider_ref, "elsewhere:pay_"), rows()->ledger[1].provider_ref);
    assert_non_null(strstr(rows()->ledger[1].provider_ref, ":bank transfer 17"));
    given.amount_minor = 100;
    assert_refused(given, PROBLEM_INVALID_PAYMENT_STATE);       /* a second click */
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 3501, NULL, "x", NULL },
                   PROBLEM_VALIDATION_FAILED);
}

static void a_call_that_nobody_was_asked_about_is_not_given_up(void **state)
{
    const struct given_verdict given = { .verdict = REVIEW_VERDICT_GIVE_UP_CALL };
    const struct problem *problem;
    (void) state;

    last_payment()->needs_review = false;
    assert_non_null(strstr(judge(given)->detail, "has no call without an outcome"));
    last_payment()->review_reason[0] = '\0';
    problem = judge(given);
    assert_int_equal(problem->type, PROBLEM_INVALID_PAYMENT_STATE);
    assert_non_null(strstr(problem->detail, "is not waiting for a review"));
    snprintf(last_payment()->review_reason, FAILURE_REASON_MAX, "x");    /* money is missing */
}

static void an_order_without_owner_gets_one_and_no_other(void **state)
{
    const struct given_verdict given = { REVIEW_VERDICT_GIVE_OWNER, 0, "carol", NULL, NULL };
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
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND, 6001, NULL, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 0, NULL, "x", NULL },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_REFUND_ELSEWHERE, 1, NULL, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    assert_refused((struct given_verdict) { REVIEW_VERDICT_GIVE_OWNER, 0, NULL, NULL, NULL },
                   PROBLEM_VALIDATION_FAILED);
    given_that_came(9999);
    assert_refused((struct given_verdict) { .verdict = REVIEW_VERDICT_ACCEPT },
                   PROBLEM_INVALID_PAYMENT_STATE);
    assert_refused((struct given_verdict) { .verdict = REVIEW_VERDICT_WRITE_OFF },
                   PROBLEM_INVALID_PAYMENT_STATE);
}

/* --- Money that pays another order ----------------------------------------------------------- */

static struct given_verdict attached_to(const char *order)
{
    return (struct given_verdict) { .verdict = REVIEW_VERDICT_ATTACH, .order = order };
}

static void given_another_order(int64_t amount_minor)
{
    given_an_order("other-1", "bob", (struct money) { amount_minor, "USD" });
}

static void assert_not_attached(const char *payment_id, const char *order, enum problem_type type)
{
    const struct problem *problem = judge_that(payment_id, attached_to(order));

    assert_non_null(problem);
    assert_int_equal(problem->type, type);
}

static void assert_moved_in_the_ledger(void)
{
    const struct fake_movement *out = &rows()->ledger[1], *in = &rows()->ledger[2];

    assert_int_equal(rows()->ledger_count, 3);
    assert_string_equal(out->order_id.text, "abc-123");
    assert_int_equal(out->amount_minor, -6000);
    assert_string_equal(in->order_id.text, "other-1");
    assert_int_equal(in->amount_minor, 6000);
}

static void money_attached_to_an_order_of_its_amount_pays_it(void **state)
{
    (void) state;
    given_another_order(6000);
    assert_null(judge(attached_to("other-1")));

    assert_string_equal(last_payment()->order_id.text, "other-1");
    assert_int_equal(last_payment()->amount.minor, 6000);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(last_payment()->needs_review);
    assert_int_equal(the_order("other-1")->status, ORDER_PAID);
    assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
    assert_moved_in_the_ledger();
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_ATTACHED), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    assert_int_equal(fake_store_count_audits(the_store, "attached"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "reviewed"), 1);
    assert_int_equal(checkout_answer("alice", "abc-123", NULL).http_status, 201);
    assert_int_equal(checkout_answer("bob", "other-1", NULL).http_status, 409);
}

static void less_than_the_other_order_costs_is_asked_about_again(void **state)
{
    (void) state;
    given_another_order(8000);
    assert_null(judge(attached_to("other-1")));

    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_true(last_payment()->needs_review);
    assert_int_equal(the_order("other-1")->status, ORDER_OPEN);
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_ACCEPT }));
    assert_int_equal(the_order("other-1")->status, ORDER_PAID);
}

static void more_than_the_other_order_costs_goes_back(void **state)
{
    (void) state;
    given_another_order(5000);
    assert_null(judge(attached_to("other-1")));

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_true(last_payment()->needs_review);
    assert_int_equal(rows()->refund_count, 1);
    assert_int_equal(rows()->refunds[0].amount.minor, 1000);
    assert_int_equal(rows()->refunds[0].origin, REFUND_OF_SURPLUS);
}

static void money_that_was_written_off_can_still_pay_another_order(void **state)
{
    (void) state;
    given_another_order(6000);
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_WRITE_OFF }));
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 0);
    assert_null(judge(attached_to("other-1")));

    assert_false(last_payment()->surplus);
    assert_false(last_payment()->facts.accepted);
    assert_int_equal(the_order("other-1")->status, ORDER_PAID);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 1);
    assert_refused(attached_to("abc-123"), PROBLEM_INVALID_PAYMENT_STATE);
}

static void news_of_the_attached_money_changes_nothing(void **state)
{
    (void) state;
    given_another_order(6000);
    assert_null(judge(attached_to("other-1")));
    given_that_came(6000);

    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(last_payment()->needs_review);
    assert_int_equal(rows()->refund_count, 0);
}

static void an_order_that_cannot_take_the_money_is_refused(void **state)
{
    const char *underpaid = arena_strdup(the_arena, last_payment()->id.text);
    (void) state;

    given_an_order("euro-1", "bob", (struct money) { 6000, "EUR" });
    assert_refused(attached_to(NULL), PROBLEM_VALIDATION_FAILED);
    assert_refused(attached_to("abc-123"), PROBLEM_VALIDATION_FAILED);
    assert_refused(attached_to("nowhere"), PROBLEM_VALIDATION_FAILED);
    assert_refused(attached_to("no id"), PROBLEM_VALIDATION_FAILED);
    assert_refused(attached_to("euro-1"), PROBLEM_VALIDATION_FAILED);
    given_another_order(6000);
    assert_int_equal(checkout_answer("bob", "other-1", NULL).http_status, 201);
    assert_not_attached(underpaid, "other-1", PROBLEM_INVALID_PAYMENT_STATE);
    given_the_webhook(captured_event("evt_2", last_payment()), WEBHOOK_APPLIED);
    assert_not_attached(underpaid, "other-1", PROBLEM_PAYMENT_ALREADY_PROCESSED);
}

static void money_that_is_not_free_is_refused(void **state)
{
    (void) state;
    given_another_order(6000);
    assert_null(judge((struct given_verdict) { .verdict = REVIEW_VERDICT_REFUND, .amount_minor = 1000 }));
    assert_refused(attached_to("other-1"), PROBLEM_INVALID_PAYMENT_STATE);
}

static void money_that_pays_its_order_is_refused(void **state)
{
    (void) state;
    given_another_order(6000);
    given_that_came(9999);
    assert_refused(attached_to("other-1"), PROBLEM_INVALID_PAYMENT_STATE);
}

static void disputed_money_is_refused(void **state)
{
    (void) state;
    given_another_order(6000);
    last_payment()->dispute = DISPUTE_OPEN;
    assert_refused(attached_to("other-1"), PROBLEM_INVALID_PAYMENT_STATE);
    last_payment()->dispute = DISPUTE_NONE;
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
        TEST(a_call_that_nobody_was_asked_about_is_not_given_up),
        TEST(an_order_without_owner_gets_one_and_no_other),
        TEST(a_second_click_changes_nothing),
        TEST(what_does_not_fit_the_payment_is_refused),
        TEST(money_attached_to_an_order_of_its_amount_pays_it),
        TEST(less_than_the_other_order_costs_is_asked_about_again),
        TEST(more_than_the_other_order_costs_goes_back),
        TEST(money_that_was_written_off_can_still_pay_another_order),
        TEST(news_of_the_attached_money_changes_nothing),
        TEST(an_order_that_cannot_take_the_money_is_refused),
        TEST(money_that_is_not_free_is_refused),
        TEST(money_that_pays_its_order_is_refused),
        TEST(disputed_money_is_refused),
    };

    return cmocka_run_group_tests_name("review payment", tests, NULL, NULL);
}
