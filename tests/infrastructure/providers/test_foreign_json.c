/* What payers type makes no document unreadable, and no list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/providers/shared/foreign_json.h"

static struct arena *arena;

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

static void assert_tidied(struct bytes text, const char *expected)
{
    struct bytes tidied = foreign_json_tidy(arena, text);

    assert_int_equal(tidied.size, text.size);
    assert_string_equal(tidied.data, expected);
    assert_non_null(json_parse_object(arena, tidied));
}

#define TEXT(literal) ((struct bytes) { literal, sizeof(literal) - 1 })

static void what_is_no_text_becomes_a_mark_of_the_same_size(void **state)
{
    static const struct { struct bytes text; const char *tidied; } rows[] = {
        { TEXT("{\"a\":\"O\\u0000Brien\"}"), "{\"a\":\"O\\ufffdBrien\"}" },
        { TEXT("{\"a\":\"O\\ud83dBrien\"}"), "{\"a\":\"O\\ufffdBrien\"}" },
        { TEXT("{\"a\":\"\\uDE00\"}"), "{\"a\":\"\\ufffd\"}" },
        { TEXT("{\"a\":\"\\ud83d\\ud83d\\ude00\"}"), "{\"a\":\"\\ufffd\\ud83d\\ude00\"}" },
        { TEXT("{\"a\":\"\\ude00\\ud83d\"}"), "{\"a\":\"\\ufffd\\ufffd\"}" },
        { TEXT("{\"a\":\"\\ud83d\"}"), "{\"a\":\"\\ufffd\"}" },
        { TEXT("{\"a\\u0000\":1}"), "{\"a\\ufffd\":1}" },
        { TEXT("{\"a\":\"x\0y\tz\"}"), "{\"a\":\"x y z\"}" },
        { TEXT("{\"a\":\"\xff\xc3\xed\xa0\x80\"}"), "{\"a\":\"?????\"}" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_tidied(rows[i].text, rows[i].tidied);
}

static void what_is_text_stays_as_it_came(void **state)
{
    static const char *const texts[] = {
        "{}", "{\"a\":\"\\ud83d\\ude00 \\\"q\\\" \\\\\",\"b\":[1,\"\\u0001\"]}",
        "{\"a\":\"\\\\u0000\"}",                                /* a backslash, and then letters */
        "{\"\xc5\xbb\xc3\xb3\xc5\x82\xc4\x87\":\"\xf0\x9f\x98\x80\"}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_tidied(bytes_of(texts[i]), texts[i]);
}

static void what_is_no_json_stays_none(void **state)
{
    static const char *const texts[] = { "", "{", "{\"a\":\"\\", "{\"a\":\"\\u00", "{\"a\":\"\\u00g0\"}", "[1]",
                                         "{\"a\":\"b", "{\"a\":1}x", "\"a\"" };
    (void) state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_null(foreign_json_object(arena, bytes_of(texts[i])));
}

static struct foreign_list list;

static bool read_list(const char *text)
{
    return foreign_list_read(arena, bytes_of(text), "data", &list);
}

static void assert_item(int at, const char *expected)
{
    assert_true(at < list.count);
    assert_true(bytes_equal(list.items[at], bytes_of(expected)));
}

static void a_list_is_taken_apart_whatever_stands_in_it(void **state)
{
    (void) state;

    assert_true(read_list("{\"more\":true , \"x\":{\"data\":[0]},"
                          " \"data\" : [ {\"a\":\"],}\\\"\"} , [1,[2]],7,nonsense ]"
                          ",\"meta\":{\"page\":1}}"));
    assert_int_equal(list.count, 4);
    assert_item(0, "{\"a\":\"],}\\\"\"}");
    assert_item(1, "[1,[2]]");
    assert_item(2, "7");
    assert_item(3, "nonsense");
    assert_true(json_is_true(json_object_get(list.envelope, "more")));
    assert_int_equal(json_array_size(json_object_get(list.envelope, "data")), 0);
    assert_true(json_is_object(json_object_get(list.envelope, "meta")));
}

static void an_empty_list_is_a_list(void **state)
{
    (void) state;
    assert_true(read_list("{\"data\":[ ]}"));
    assert_int_equal(list.count, 0);
}

static void what_has_no_such_list_is_none(void **state)
{
    static const char *const texts[] = {
        "", "{}", "[]", "{\"data\":{}}", "{\"data\":7}", "{\"datum\":[]}", "{\"data\":[",
        "{\"data\":[1", "{\"data\":[1]",
        "{\"data\":[1,]}", "{\"data\":[,1]}", "{\"data\":[1,,2]}", "{\"data\":[{]}",
        "{\"data\":[\"]}", "{\"data\":[1]]}",
        "{\"data\":[1],}", "{\"x\":\"data\"}", "[\"data\",[1]]", "{\"x\":[\"data\",[1]]}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (read_list(texts[i]))
            fail_msg("taken for a list: %s", texts[i]);
}

static void more_than_a_page_is_none(void **state)
{
    char text[64 + 2 * (FOREIGN_LIST_MAX + 1)] = "{\"data\":[1";
    (void) state;

    for (int i = 1; i < FOREIGN_LIST_MAX; i++)
        strcat(text, ",1");
    strcat(text, "]}");
    assert_true(read_list(text));
    assert_int_equal(list.count, FOREIGN_LIST_MAX);
    text[strlen(text) - 2] = '\0';
    strcat(text, ",1]}");
    assert_false(read_list(text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_text_becomes_a_mark_of_the_same_size),
        TEST(what_is_text_stays_as_it_came),
        TEST(what_is_no_json_stays_none),
        TEST(a_list_is_taken_apart_whatever_stands_in_it),
        TEST(an_empty_list_is_a_list),
        TEST(what_has_no_such_list_is_none),
        TEST(more_than_a_page_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
