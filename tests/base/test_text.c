/* Growing texts and JSON strings. */
#include "base/text.h"

#include <setjmp.h>
#include <stdio.h>

#include <jansson.h>

#include <cmocka.h>

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

static void assert_text(const struct text *text, const char *expected)
{
    assert_int_equal(text_bytes(text).size, strlen(expected));
    assert_string_equal(text_bytes(text).data, expected);       /* so the NUL is there */
}

static void a_new_text_is_empty_and_ends_with_a_nul(void **state)
{
    struct text text = text_new(*state);

    assert_text(&text, "");
}

static void pieces_of_every_kind_are_appended_in_order(void **state)
{
    struct text text = text_new(*state);

    text_append(&text, "a");
    text_append_char(&text, 'b');
    text_append_bytes(&text, (struct bytes) { "cdX", 2 });
    text_append_bytes(&text, (struct bytes) { NULL, 0 });
    text_append(&text, "");
    text_append_i64(&text, INT64_MIN);
    text_printf(&text, "[%s|%03d]", "e", 7);
    text_printf(&text, "%s", "");
    assert_text(&text, "abcd-9223372036854775808[e|007]");
}

static void the_largest_number_is_written_whole(void **state)
{
    struct text text = text_new(*state);

    text_append_i64(&text, INT64_MAX);
    text_append_i64(&text, 0);
    assert_text(&text, "92233720368547758070");
}

static void a_text_may_hold_nul_bytes(void **state)
{
    struct text text = text_new(*state);

    text_append_bytes(&text, (struct bytes) { "a\0b", 3 });
    assert_int_equal(text_bytes(&text).size, 3);
    assert_memory_equal(text_bytes(&text).data, "a\0b", 4);
}

/* Every length around the first capacities, by every way to append. */
static void a_text_grows_at_every_length(void **state)
{
    char expected[1101] = "";

    for (size_t size = 1; size <= 1100; size++) {
        struct text at_once = text_new(*state), by_char = text_new(*state);
        struct text printed = text_new(*state);

        expected[size - 1] = (char) ('a' + size % 26);
        text_append(&at_once, expected);
        for (size_t i = 0; i < size; i++)
            text_append_char(&by_char, expected[i]);
        text_printf(&printed, "%s", expected);
        assert_text(&at_once, expected);
        assert_text(&by_char, expected);
        assert_text(&printed, expected);
        if (size % 100 == 0)
            arena_reset(*state);
    }
}

static void a_megabyte_is_built_char_by_char(void **state)
{
    struct text text = text_new(*state);

    for (int i = 0; i < 1 << 20; i++)
        text_append_char(&text, (char) ('a' + i % 26));
    assert_int_equal(text_bytes(&text).size, 1 << 20);
    for (int i = 0; i < 1 << 20; i++)
        assert_int_equal(text_bytes(&text).data[i], 'a' + i % 26);
}

static void a_text_can_be_appended_to_itself(void **state)
{
    struct text text = text_new(*state);

    text_append(&text, "0123456789");
    for (int i = 0; i < 10; i++)
        text_append_bytes(&text, text_bytes(&text));
    assert_int_equal(text_bytes(&text).size, 10240);
    for (size_t i = 0; i < 10240; i++)
        assert_int_equal(text_bytes(&text).data[i], '0' + i % 10);
}

/* --- JSON --------------------------------------------------------------------------------- */

static void json_strings_are_quoted_and_escaped(void **state)
{
    static const struct { const char *string, *json; } examples[] = {
        { NULL,                 "null" },
        { "",                   "\"\"" },
        { "abc",                "\"abc\"" },
        { "say \"hi\"",         "\"say \\\"hi\\\"\"" },
        { "C:\\dir",            "\"C:\\\\dir\"" },
        { "a/b",                "\"a/b\"" },
        { "line\nnext\ttab",    "\"line\\u000anext\\u0009tab\"" },
        { "\x01\x1f",           "\"\\u0001\\u001f\"" },
        { "\x7f",               "\"\x7f\"" },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\x95", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\x95\"" },
    };

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        struct text text = text_new(*state);

        text_append_json_string(&text, examples[i].string);
        assert_text(&text, examples[i].json);
    }
}

static void assert_read_back(struct arena *arena, const char *string)
{
    struct text text = text_new(arena);
    json_t *json;

    text_append_json_string(&text, string);
    json = json_loads(text_bytes(&text).data, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json), string);
    json_decref(json);
}

/* At every place of every length around a word's eight, beside the characters that are next to it. */
static void another_parser_reads_every_character_back(void **state)
{
    for (int c = 1; c < 0x80; c++)
        for (size_t length = 1; length <= 18; length++)
            for (size_t place = 0; place < length; place++) {
                char string[19] = "! ! #[]\x7f! ! #[]\x7f!";

                string[place] = (char) c;
                string[length] = '\0';
                assert_read_back(*state, string);
            }
}

static void characters_of_several_bytes_pass_at_every_place(void **state)
{
    for (size_t place = 0; place < 12; place++) {
        char string[32] = "............";

        memcpy(string + place, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8d\x95\"\n", 11);
        assert_read_back(*state, string);
    }
}

/* --- Bytes -------------------------------------------------------------------------------- */

static void bytes_are_equal_when_size_and_content_are(void **state)
{
    (void) state;
    assert_int_equal(bytes_of("abc").size, 3);
    assert_int_equal(bytes_of(NULL).size, 0);
    assert_true(bytes_equal(bytes_of("abc"), bytes_of("abc")));
    assert_true(bytes_equal(bytes_of(""), bytes_of(NULL)));
    assert_false(bytes_equal(bytes_of("abc"), bytes_of("abd")));
    assert_false(bytes_equal(bytes_of("abc"), bytes_of("ab")));
    assert_true(bytes_equal((struct bytes) { "a\0b", 3 }, (struct bytes) { "a\0b", 3 }));
    assert_false(bytes_equal((struct bytes) { "a\0b", 3 }, (struct bytes) { "a\0c", 3 }));
}

#define with_an_arena(test) \
    cmocka_unit_test_setup_teardown(test, given_an_arena, free_the_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_an_arena(a_new_text_is_empty_and_ends_with_a_nul),
        with_an_arena(pieces_of_every_kind_are_appended_in_order),
        with_an_arena(the_largest_number_is_written_whole),
        with_an_arena(a_text_may_hold_nul_bytes),
        with_an_arena(a_text_grows_at_every_length),
        with_an_arena(a_megabyte_is_built_char_by_char),
        with_an_arena(a_text_can_be_appended_to_itself),
        with_an_arena(json_strings_are_quoted_and_escaped),
        with_an_arena(another_parser_reads_every_character_back),
        with_an_arena(characters_of_several_bytes_pass_at_every_place),
        cmocka_unit_test(bytes_are_equal_when_size_and_content_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
