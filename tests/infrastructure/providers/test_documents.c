/* What a document says is believed only as far as it can be: times that are times, pages that are pages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/providers/shared/documents.h"

static void a_time_is_of_the_years_1970_to_9999(void **state)
{
    static const struct { const char *text; bool good; } cases[] = {
        { "0", true }, { "1767225610", true }, { "253402300799", true },
        { "253402300800", false }, { "-1", false }, { "9223372036854775807", false },
        { "-9223372036854775808", false }, { "1.5", false }, { "\"1767225610\"", false }, { "null", false },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *object = json_pack("{s:o}", "at", json_loads(cases[i].text, JSON_DECODE_ANY, NULL));
        int64_t at_s = 7;

        if (document_time(object, "at", &at_s) != cases[i].good || (at_s == 7) == cases[i].good)
            fail_msg("%s", cases[i].text);
        json_decref(object);
    }
}

static void a_payer_is_sent_to_no_other_kind_of_address(void **state)
{
    static const char *const pages[] = {
        "https://checkout.stripe.com/c/pay/cs_test_1#fidkdWxOYHwnPyd1blpxYHZxWjA0%2F",
        "https://checkout.paystack.com/0peioxfhpn", "http://127.0.0.1:3001/pay/cs_1?a=b&c=d",
    };
    static const char *const others[] = {
        "", "javascript:alert(1)", "JavaScript:alert(1)//https://", "data:text/html,x", "https://", "https:///x",
        "https://?x", "HTTPS", "//checkout.stripe.com/x", "/x", "http://checkout.stripe.com/x",
        "http://127.0.0.1.example/x", "https://a/\r\nSet-Cookie: a=b", "https://a/\nb", "https://a/ b",
        "https://a/\"onload=\"x", "https://a/<b>", "https://a/\\b", "https://a/\xc3\xa9", "https://a/\x7f",
        " https://a/", "file:///etc/passwd",
    };
    char page[256];
    (void) state;

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        document_copy_page(page, sizeof(page), pages[i]);
        assert_string_equal(page, pages[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        document_copy_page(page, sizeof(page), others[i]);
        if (page[0] != '\0')
            fail_msg("%s", others[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_of_the_years_1970_to_9999),
        cmocka_unit_test(a_payer_is_sent_to_no_other_kind_of_address),
    };

    return cmocka_run_group_tests_name("documents", tests, NULL, NULL);
}
