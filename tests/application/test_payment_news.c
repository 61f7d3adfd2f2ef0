/* What the verdict on a call proves about its payment or refund. */
#include "given.h"

#include "application/settling/payment_news.h"

static const enum provider_verdict verdicts[] = {
    VERDICT_DONE, VERDICT_REFUSED, VERDICT_NOT_EXECUTED, VERDICT_MISCONFIGURED, VERDICT_UNKNOWN,
};
#define VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

static void every_verdict_counts_while_the_object_is_unknown(void **state)
{
    const struct payment payment = { .amount = { 9999, "USD" } };
    const struct refund refund = { .amount = { 9999, "USD" } };
    (void) state;

    for (size_t i = 0; i < VERDICTS; i++) {
        assert_true(payment_verdict_counts(&payment, verdicts[i]));
        assert_true(refund_verdict_counts(&refund, verdicts[i]));
    }
}

/* By its page, by its attempt to pay, or by its money. */
static void only_success_counts_against_a_known_payment(void **state)
{
    const struct payment known[] = {
        { .provider_ref = "cs_1" }, { .provider_intent = "pi_1" }, { .facts.captured_minor = 1 },
    };
    (void) state;

    for (size_t by = 0; by < sizeof(known) / sizeof(known[0]); by++)
        for (size_t i = 0; i < VERDICTS; i++)
            assert_int_equal(payment_verdict_counts(&known[by], verdicts[i]),
                             verdicts[i] == VERDICT_DONE);
}

static void only_success_counts_against_a_known_refund(void **state)
{
    const struct refund known = { .provider_ref = "re_1" };
    (void) state;

    for (size_t i = 0; i < VERDICTS; i++)
        assert_int_equal(refund_verdict_counts(&known, verdicts[i]), verdicts[i] == VERDICT_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_counts_while_the_object_is_unknown),
        cmocka_unit_test(only_success_counts_against_a_known_payment),
        cmocka_unit_test(only_success_counts_against_a_known_refund),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
