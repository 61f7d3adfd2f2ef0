/* When an event is sent again, and when an endpoint is given up (docs/contract.md section 8). */
#include "domain/delivery.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW_MS  INT64_C(1795393860123)
#define MIDDLE  500
#define NO_WISH (-1)
#define DAY_MS  INT64_C(86400000)

static int64_t wait_s(int place, int chance, int64_t retry_after_s)
{
    return (delivery_next_at_ms(place, NOW_MS, chance, retry_after_s) - NOW_MS) / 1000;
}

static void the_steps_are_those_of_the_contract(void **state)
{
    static const int64_t steps_s[] = { 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400 };

    (void) state;
    for (int place = 1; place < DELIVERY_ATTEMPTS; place++)
        assert_int_equal(wait_s(place, MIDDLE, NO_WISH), steps_s[place - 1]);
    assert_int_equal(delivery_next_at_ms(DELIVERY_ATTEMPTS, NOW_MS, MIDDLE, NO_WISH), 0);
    assert_int_equal(delivery_next_at_ms(DELIVERY_ATTEMPTS + 1, NOW_MS, MIDDLE, 1), 0);
}

static void a_step_varies_by_a_fifth(void **state)
{
    (void) state;
    assert_int_equal(wait_s(1, 0, NO_WISH), 4);
    assert_int_equal(wait_s(1, 1000, NO_WISH), 6);
    assert_int_equal(wait_s(9, 0, NO_WISH), 69120);
    assert_int_equal(wait_s(9, 1000, NO_WISH), 103680);
}

static void patience_that_is_asked_for_is_given_up_to_twice_the_step(void **state)
{
    (void) state;
    assert_int_equal(wait_s(2, MIDDLE, 0), 300);
    assert_int_equal(wait_s(2, MIDDLE, 299), 300);
    assert_int_equal(wait_s(2, MIDDLE, 450), 450);
    assert_int_equal(wait_s(2, MIDDLE, 600), 600);
    assert_int_equal(wait_s(2, MIDDLE, 601), 600);
    assert_int_equal(wait_s(1, MIDDLE, INT64_MAX), 10);
}

static void five_days_and_twenty_failures_end_an_endpoint(void **state)
{
    (void) state;
    assert_true(delivery_endpoint_is_failing(20, NOW_MS - 5 * DAY_MS, NOW_MS));
    assert_false(delivery_endpoint_is_failing(19, NOW_MS - 50 * DAY_MS, NOW_MS));
    assert_false(delivery_endpoint_is_failing(1000, NOW_MS - 5 * DAY_MS + 1, NOW_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_are_those_of_the_contract),
        cmocka_unit_test(a_step_varies_by_a_fifth),
        cmocka_unit_test(patience_that_is_asked_for_is_given_up_to_twice_the_step),
        cmocka_unit_test(five_days_and_twenty_failures_end_an_endpoint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
