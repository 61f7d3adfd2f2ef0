/* What payapi-stream reads: the state of a payment, and the changes that were announced since. */
#include "application/store/store_live.h"

#include "store_world.h"

static struct live_answer *answers;
static int answered;

static void given_a_change(struct ctx *ctx, const struct payment *payment, enum domain_event event)
{
    store_begin(ctx);
    queue_change(ctx, payment->order_id, payment->id, "status", "{}", event);
    assert_ok(store_commit(ctx));
}

static struct payment given_a_followed_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_a_change(ctx, &payment, DOMAIN_EVENT_PAYMENT_CREATED);            /* 1 */
    given_a_change(ctx, &payment, DOMAIN_EVENT_NONE);                       /* 2: nobody is told */
    given_a_change(ctx, &payment, DOMAIN_EVENT_PAYMENT_PROCESSING);         /* 3 */
    given_a_change(ctx, &payment, DOMAIN_EVENT_NONE);                       /* 4 */
    return payment;
}

static void ask_state(struct ctx *ctx, const struct payment *payment)
{
    const struct live_question question = { 7, payment->id, 0 };

    assert_ok(store_live_states(ctx, &question, 1, &answers, &answered));
}

static void ask_changes(struct ctx *ctx, const struct payment *payment, int64_t after)
{
    const struct live_question question = { 7, payment->id, after };

    assert_ok(store_live_changes(ctx, &question, 1, &answers, &answered));
}

static void the_state_has_the_number_of_the_last_announced_change(void **state)
{
    struct payment payment = given_a_followed_payment(*state);

    ask_state(*state, &payment);
    assert_int_equal(answered, 1);
    assert_int_equal(answers[0].place, 7);
    assert_int_equal(answers[0].seq, 3);
    assert_string_equal(answers[0].payment.id.text, payment.id.text);
    assert_string_equal(answers[0].payment.owner_id, "alice");
}

static void a_payment_without_history_has_a_state(void **state)
{
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);

    ask_state(*state, &payment);
    assert_int_equal(answered, 1);
    assert_int_equal(answers[0].seq, 0);
}

static void a_missing_payment_has_none(void **state)
{
    struct payment missing = { .id = { "pay_01HZX3V9QK7T2W9XH4VBN1RCDE" } };

    ask_state(*state, &missing);
    assert_int_equal(answered, 0);
    ask_changes(*state, &missing, 0);
    assert_int_equal(answered, 0);
}

static void only_announced_changes_are_news(void **state)
{
    struct payment payment = given_a_followed_payment(*state);

    ask_changes(*state, &payment, 0);
    assert_int_equal(answered, 2);
    assert_int_equal(answers[0].seq, 1);
    assert_int_equal(answers[1].seq, 3);
    ask_changes(*state, &payment, 1);
    assert_int_equal(answered, 1);
    ask_changes(*state, &payment, 3);
    assert_int_equal(answered, 0);
}

static void each_question_gets_its_own_answers_in_order(void **state)
{
    struct payment one = given_a_followed_payment(*state), two = given_a_followed_payment(*state);
    const struct live_question questions[] = { { 0, one.id, 1 }, { 1, two.id, 0 }, { 2, one.id, 3 } };

    assert_ok(store_live_changes(*state, questions, 3, &answers, &answered));
    assert_int_equal(answered, 3);
    assert_int_equal(answers[0].place, 0);
    assert_int_equal(answers[0].seq, 3);
    assert_int_equal(answers[1].place, 1);
    assert_int_equal(answers[1].seq, 1);
    assert_int_equal(answers[2].place, 1);
    assert_int_equal(answers[2].seq, 3);
}

/* Other payments commit meanwhile, with higher audit_ids; this one's change is seen all the same. */
static void a_change_that_is_committed_late_is_not_missed(void **state)
{
    struct payment late = given_a_followed_payment(*state), early = given_a_followed_payment(*state);
    struct ctx *writer = given_a_worker();
    const struct live_question questions[] = { { 0, late.id, 3 }, { 1, early.id, 3 } };
    struct payment seen;
    bool found;

    store_begin(writer);
    queue_change(writer, late.order_id, late.id, "status", "{}", DOMAIN_EVENT_PAYMENT_COMPLETED);
    assert_ok(store_payment_find(writer, late.id, NULL, &seen, &found));    /* sends what is queued */
    given_a_change(*state, &early, DOMAIN_EVENT_PAYMENT_COMPLETED);
    assert_ok(store_live_changes(*state, questions, 2, &answers, &answered));
    assert_int_equal(answered, 1);
    assert_int_equal(answers[0].place, 1);
    assert_ok(store_commit(writer));
    ask_changes(*state, &late, 3);
    assert_int_equal(answered, 1);
    assert_int_equal(answers[0].seq, 5);
    dismiss(writer);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(the_state_has_the_number_of_the_last_announced_change),
        TEST(a_payment_without_history_has_a_state),
        TEST(a_missing_payment_has_none),
        TEST(only_announced_changes_are_news),
        TEST(each_question_gets_its_own_answers_in_order),
        TEST(a_change_that_is_committed_late_is_not_missed),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store_live", tests, NULL, NULL);
}
