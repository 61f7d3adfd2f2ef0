#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "infrastructure/http_client/form.h"

static struct arena *arena;

static int make_arena(void **state)
{
    (void) state;
    arena = arena_new();
    return 0;
}

static int drop_arena(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

static void assert_form(const struct form *form, const char *expected)
{
    struct bytes bytes = form_bytes(form);

    assert_int_equal(bytes.size, strlen(expected));
    assert_memory_equal(bytes.data, expected, bytes.size);
}

static void an_empty_form_has_no_bytes(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    assert_form(&form, "");
}

static void pairs_are_joined_in_the_order_they_came(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "mode", "payment");
    form_add_i64(&form, "expires_at", 1767229200);
    form_add(&form, "cancel_url", "");

    assert_form(&form, "mode=payment&expires_at=1767229200&cancel_url=");
}

static void brackets_of_a_name_stay_and_those_of_a_value_do_not(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "metadata[order_id]", "a[b]");

    assert_form(&form, "metadata[order_id]=a%5Bb%5D");
}

static void a_name_inside_brackets_is_encoded(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "metadata[a&b=c]", "1");

    assert_form(&form, "metadata[a%26b%3Dc]=1");
}

static void a_value_cannot_end_its_pair(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "name", "a&mode=setup#x%00+ ;\r\n");

    assert_form(&form, "name=a%26mode%3Dsetup%23x%2500%2B%20%3B%0D%0A");
}

static void text_is_encoded_as_the_bytes_of_its_utf8(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "name", "Café 東 😀");

    assert_form(&form, "name=Caf%C3%A9%20%E6%9D%B1%20%F0%9F%98%80");
}

static void the_placeholder_of_the_session_is_encoded(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add(&form, "success_url", "https://shop.example/ok?s={CHECKOUT_SESSION_ID}");

    assert_form(&form,
                "success_url=https%3A%2F%2Fshop.example%2Fok%3Fs%3D%7BCHECKOUT_SESSION_ID%7D");
}

static void every_byte_comes_back_after_decoding(void **state)
{
    char all[256];
    struct form form = form_new(arena);
    struct bytes bytes;
    size_t at = 2;
    (void) state;

    for (int c = 1; c < 256; c++)
        all[c - 1] = (char) c;
    all[255] = '\0';
    form_add(&form, "a", all);

    bytes = form_bytes(&form);
    for (int c = 1; c < 256; c++) {
        unsigned int decoded = (unsigned char) bytes.data[at++];

        if (decoded == '%') {
            assert_int_equal(sscanf(bytes.data + at, "%2X", &decoded), 1);
            at += 2;
        }
        assert_int_equal(decoded, c);
    }
    assert_int_equal(at, bytes.size);
}

static void the_extremes_of_a_number_are_written(void **state)
{
    struct form form = form_new(arena);
    (void) state;

    form_add_i64(&form, "a", INT64_MAX);
    form_add_i64(&form, "b", INT64_MIN);

    assert_form(&form, "a=9223372036854775807&b=-9223372036854775808");
}

static void a_segment_of_a_path_cannot_leave_it(void **state)
{
    (void) state;

    assert_string_equal(form_escape(arena, "../v1/x?a=b#c"), "..%2Fv1%2Fx%3Fa%3Db%23c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_form_has_no_bytes),
        cmocka_unit_test(pairs_are_joined_in_the_order_they_came),
        cmocka_unit_test(brackets_of_a_name_stay_and_those_of_a_value_do_not),
        cmocka_unit_test(a_name_inside_brackets_is_encoded),
        cmocka_unit_test(a_value_cannot_end_its_pair),
        cmocka_unit_test(text_is_encoded_as_the_bytes_of_its_utf8),
        cmocka_unit_test(the_placeholder_of_the_session_is_encoded),
        cmocka_unit_test(every_byte_comes_back_after_decoding),
        cmocka_unit_test(the_extremes_of_a_number_are_written),
        cmocka_unit_test(a_segment_of_a_path_cannot_leave_it),
    };

    return cmocka_run_group_tests_name("form", tests, make_arena, drop_arena);
}
