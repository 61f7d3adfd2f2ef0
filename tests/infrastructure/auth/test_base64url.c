#include "infrastructure/auth/base64url.h"

#include <setjmp.h>
#include <stdio.h>

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

static void base64url_gives_back_what_it_was_given(void **state)
{
    char data[67];
    struct bytes back;

    for (size_t size = 0; size < sizeof(data); size++) {
        for (size_t i = 0; i < size; i++)
            data[i] = (char) (i * 37 + size);
        assert_true(base64url_decode(*state, bytes_of(base64url_encode(
            *state, (struct bytes) { data, size })), &back));
        assert_true(bytes_equal(back, (struct bytes) { data, size }));
    }
}

static void base64url_takes_one_spelling_only(void **state)
{
    static const char *const bad[] = { "A", "AAAAA", "AB", "AAB", "AA==", "AA=", "A A", "AA\n", "+/AA",
                                       "A.AA", "\xc3\xa9" };
    struct bytes bytes;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (base64url_decode(*state, bytes_of(bad[i]), &bytes))
            fail_msg("%s was decoded", bad[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_an_arena, free_the_arena)
    const struct CMUnitTest tests[] = {
        TEST(base64url_gives_back_what_it_was_given),
        TEST(base64url_takes_one_spelling_only),
    };

    return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
