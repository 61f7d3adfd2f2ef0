#include "sandbox/http/url_form.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct url_form given_a_form(const char *text)
{
    struct url_form form;
    const char *why;

    assert_true(url_form_parse(text, strlen(text), &form, &why));
    return form;
}

static void nested_names_become_paths_and_patterns(void **state)
{
    struct url_form form = given_a_form("line_items[0][price_data][currency]=usd&mode=payment");
    (void) state;

    assert_int_equal(form.count, 2);
    assert_string_equal(form.fields[0].path, "line_items[0][price_data][currency]");
    assert_string_equal(form.fields[0].pattern, "line_items[][price_data][currency]");
    assert_string_equal(url_form_find(&form, "mode"), "payment");
    assert_null(url_form_find(&form, "line_items"));
    assert_non_null(url_form_find_below(&form, "line_items[0]"));
    assert_null(url_form_find_below(&form, "line"));
    url_form_free(&form);
}

static void brackets_and_values_are_percent_decoded(void **state)
{
    struct url_form form = given_a_form("metadata%5Border+id%5d=a%2Bb+%C3%A9");
    (void) state;

    assert_string_equal(url_form_find(&form, "metadata[order id]"), "a+b \xc3\xa9");
    url_form_free(&form);
}

static void empty_brackets_count_up(void **state)
{
    struct url_form form = given_a_form("types[]=a&types[]=b&more[]=c");
    (void) state;

    assert_string_equal(url_form_find(&form, "types[0]"), "a");
    assert_string_equal(url_form_find(&form, "types[1]"), "b");
    assert_string_equal(url_form_find(&form, "more[0]"), "c");
    assert_string_equal(form.fields[1].pattern, "types[]");
    url_form_free(&form);
}

static void nothing_is_an_empty_form(void **state)
{
    struct url_form form = given_a_form("");
    (void) state;

    assert_int_equal(form.count, 0);
    assert_null(url_form_find(&form, "mode"));
    url_form_free(&form);
}

static void malformed_forms_are_refused(void **state)
{
    static const char *const malformed[] = {
        "mode", "&", "a=1&&b=2", "=1", "[a]=1", "a]=1", "a[b=1", "a[b]]=1", "a[b]c=1", "a[b[c]]=1",
        "a=%", "a=%4", "a=%4g", "%00=1", "a=%00", "a=%ff", "a=%c0%80", "a=%ed%a0%80",
        "a=1&a=1", "a[0]=1&a[]=2", "a[1][2][3][4][5][6][7][8]=1",
    };
    struct url_form form;
    const char *why;
    (void) state;

    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        why = NULL;
        assert_false(url_form_parse(malformed[i], strlen(malformed[i]), &form, &why));
        assert_non_null(why);
    }
}

static void one_field_past_the_limit_is_refused(void **state)
{
    char       *text = malloc((URL_FORM_FIELDS_MAX + 1) * sizeof "a[0000]=1&");
    struct url_form form;
    const char *why;
    size_t      length = 0;
    (void) state;

    for (int i = 0; i < URL_FORM_FIELDS_MAX; i++)
        length += (size_t) sprintf(text + length, "a[k%d]=1&", i);
    assert_true(url_form_parse(text, length, &form, &why));
    assert_int_equal(form.count, URL_FORM_FIELDS_MAX);
    url_form_free(&form);
    length += (size_t) sprintf(text + length, "b=1");
    assert_false(url_form_parse(text, length, &form, &why));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_names_become_paths_and_patterns),
        cmocka_unit_test(brackets_and_values_are_percent_decoded),
        cmocka_unit_test(empty_brackets_count_up),
        cmocka_unit_test(nothing_is_an_empty_form),
        cmocka_unit_test(malformed_forms_are_refused),
        cmocka_unit_test(one_field_past_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
