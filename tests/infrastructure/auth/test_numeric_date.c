/*
 * Seconds as any JSON number writes them.
 */
#include "infrastructure/auth/numeric_date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_time_is_the_whole_seconds_of_its_number(void **state)
{
    static const struct { const char *text; int64_t seconds; } cases[] = {
        { "0", 0 }, { "-0", 0 }, { "0.0", 0 }, { "0e9", 0 }, { "0e99999999999999999999", 0 },
        { "1999999999", 1999999999 }, { "1999999999.0", 1999999999 },
        { "1999999999.5", 1999999999 },
        { "1999999999.999999999999999999999", 1999999999 }, { "-1.9", -1 }, { "-0.9", 0 },
        { "4e9", 4000000000 }, { "4E+9", 4000000000 }, { "4e0", 4 }, { "4e-0", 4 }, { "4e-1", 0 },
        { "1.9e9", 1900000000 }, { "1.9999999995e9", 1999999999 }, { "19999999995e-1", 1999999999 },
        { "19999999995e-11", 0 }, { "0.0000000019e18", 1900000000 },
        { "1e-99999999999999999999", 0 },
        { "9223372036854775807", INT64_MAX }, { "9223372036854775807.9", INT64_MAX },
        { "9.223372036854775807e18", INT64_MAX }, { "-9223372036854775808", INT64_MIN },
        { "-92233720368547758080e-1", INT64_MIN },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = 42;

        if (!numeric_date_parse(bytes_of(cases[i].text), &seconds) || seconds != cases[i].seconds)
            fail_msg("%s", cases[i].text);
    }
}

static void what_no_clock_reaches_is_refused(void **state)
{
    static const char *const bad[] = {
        "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1e19", "4e99",
        "1e99999999999999999999", "0.1e20", "1000000000e10",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int64_t seconds = 42;

        if (numeric_date_parse(bytes_of(bad[i]), &seconds))
            fail_msg("%s", bad[i]);
        assert_int_equal(seconds, 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_the_whole_seconds_of_its_number),
        cmocka_unit_test(what_no_clock_reaches_is_refused),
    };

    return cmocka_run_group_tests_name("numeric date", tests, NULL, NULL);
}
