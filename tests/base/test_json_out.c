/* The one JSON writer, to the byte; Jansson agrees that it is JSON. */
#include "base/json_out.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <jansson.h>

static int given_an_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int free_the_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static void assert_json(struct bytes written, const char *expected)
{
    json_t *json = json_loadb(written.data, written.size, JSON_REJECT_DUPLICATES, NULL);

    assert_string_equal(written.data, expected);
    assert_int_equal(written.size, strlen(expected));
    assert_non_null(json);
    json_decref(json);
}

static void members_stand_in_the_order_of_the_calls(void **state)
{
    struct text text = json_out_begin(*state);

    json_out_text(&text, "text", "a");
    json_out_i64(&text, "lowest", INT64_MIN);
    json_out_i64(&text, "zero", 0);
    json_out_bool(&text, "yes", true);
    json_out_bool(&text, "no", false);
    json_out_raw(&text, "raw", "[1,2]");
    json_out_time(&text, "at", 1709164799999);
    assert_json(json_out_end(&text),
                "{\"text\":\"a\",\"lowest\":-9223372036854775808,\"zero\":0,\"yes\":true,"
                "\"no\":false,\"raw\":[1,2],\"at\":\"2024-02-28T23:59:59.999Z\"}");
}

static void what_is_absent_is_null(void **state)
{
    struct text text = json_out_begin(*state);

    json_out_text(&text, "a", NULL);
    json_out_optional(&text, "b", "");
    json_out_optional(&text, "c", "c");
    json_out_time(&text, "d", 0);
    json_out_text(&text, "e", "");
    assert_json(json_out_end(&text), "{\"a\":null,\"b\":null,\"c\":\"c\",\"d\":null,\"e\":\"\"}");
}

static void names_and_texts_are_escaped(void **state)
{
    struct text text = json_out_begin(*state);

    json_out_text(&text, "a\"b\\\n", "\"{\\[\x01");
    json_out_text(&text, "{", "[");
    json_out_text(&text, "", "\xc3\xa9");
    assert_json(json_out_end(&text), "{\"a\\\"b\\\\\\u000a\":\"\\\"{\\\\[\\u0001\",\"{\":\"[\","
                                     "\"\":\"\xc3\xa9\"}");
}

static void objects_and_arrays_stand_in_each_other(void **state)
{
    struct text text = text_new(*state);

    json_out_array(&text, NULL);
    json_out_object(&text, NULL);
    json_out_array(&text, "none");
    json_out_array_end(&text);
    json_out_object(&text, "empty");
    json_out_object_end(&text);
    json_out_array(&text, "list");
    json_out_i64(&text, NULL, 1);
    json_out_text(&text, NULL, "{");
    json_out_text(&text, NULL, "[");
    json_out_array_end(&text);
    json_out_object_end(&text);
    json_out_object(&text, NULL);
    json_out_object_end(&text);
    json_out_array_end(&text);
    assert_json(text_bytes(&text), "[{\"none\":[],\"empty\":{},\"list\":[1,\"{\",\"[\"]},{}]");
}

static void an_empty_document_is_an_object(void **state)
{
    struct text text = json_out_begin(*state);

    assert_json(json_out_end(&text), "{}");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_an_arena, free_the_arena)
    const struct CMUnitTest tests[] = {
        TEST(members_stand_in_the_order_of_the_calls),
        TEST(what_is_absent_is_null),
        TEST(names_and_texts_are_escaped),
        TEST(objects_and_arrays_stand_in_each_other),
        TEST(an_empty_document_is_an_object),
    };

    return cmocka_run_group_tests_name("json_out", tests, NULL, NULL);
}
