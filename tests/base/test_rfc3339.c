/* Moments as text. */
#include "base/rfc3339.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void moments_are_utc_with_milliseconds(void **state)
{
    static const struct { int64_t at_ms; const char *text; } moments[] = {
        { 0,                        "1970-01-01T00:00:00.000Z" },
        { 1,                        "1970-01-01T00:00:00.001Z" },
        { 1709164799999,            "2024-02-28T23:59:59.999Z" },
        { 1709164800000,            "2024-02-29T00:00:00.000Z" },
        { INT64_C(253402300799999), "9999-12-31T23:59:59.999Z" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        char text[RFC3339_TEXT_MAX];

        rfc3339_print(moments[i].at_ms, text);
        assert_string_equal(text, moments[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_utc_with_milliseconds),
    };

    return cmocka_run_group_tests_name("rfc3339", tests, NULL, NULL);
}
