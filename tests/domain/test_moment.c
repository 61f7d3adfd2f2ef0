/* Moments as clients write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/moment.h"

static void moments_are_read(void **state)
{
    static const struct { const char *text; int64_t at_ms; } moments[] = {
        { "1970-01-01T00:00:00Z",             0 },
        { "2026-11-23T09:15:27Z",             INT64_C(1795425327000) },
        { "2026-11-23T09:15:27.123Z",         INT64_C(1795425327123) },
        { "2026-11-23T09:15:27.1239999Z",     INT64_C(1795425327123) },
        { "2026-11-23T09:15:27.5Z",           INT64_C(1795425327500) },
        { "2026-11-23T11:15:27+02:00",        INT64_C(1795425327000) },
        { "2026-11-23T03:45:27-05:30",        INT64_C(1795425327000) },
        { "2024-02-29T00:00:00Z",             INT64_C(1709164800000) },
        { "2000-03-01T00:00:00Z",             INT64_C(951868800000) },
        { "9999-12-31T23:59:59.999Z",         MOMENT_MS_MAX },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        int64_t at_ms = -1;

        assert_true(moment_parse(moments[i].text, &at_ms));
        assert_int_equal(at_ms, moments[i].at_ms);
    }
}

static void what_is_no_moment_is_refused(void **state)
{
    static const char *const texts[] = {
        "", "now", "2026-11-23", "2026-11-23T09:15:27", "2026-11-23 09:15:27Z",
        "2026-11-23T09:15:27 02:00", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-01-01T00:00:00Z", "2026-11-31T00:00:00Z",
        "2026-11-23T24:00:00Z", "2026-11-23T09:60:00Z", "2026-11-23T09:15:61Z",
        "2026-11-23T09:15:27.Z", "2026-11-23T09:15:27.1234567890Z", "2026-11-23T09:15:27+2:00",
        "2026-11-23T09:15:27+24:00", "2026-11-23T09:15:27Zx", "20260-11-23T09:15:27Z",
        "1970-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    };
    int64_t at_ms = 7;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (moment_parse(texts[i], &at_ms))
            fail_msg("'%s' was taken", texts[i]);
    assert_int_equal(at_ms, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_read),
        cmocka_unit_test(what_is_no_moment_is_refused),
    };

    return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
