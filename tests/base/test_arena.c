/* Arenas: growth, adoption, the order of release, wiped bytes. */
#include <config.h>

#include "base/arena.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#ifdef SANITIZERS
#include <sanitizer/common_interface_defs.h>
#endif

#define FIRST_BLOCK_BYTES ((size_t) 64 * 1024)

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

static void assert_all(const char *data, size_t size, char expected)
{
    size_t wrong = 0;

    for (size_t i = 0; i < size; i++)
        wrong += data[i] != expected;
    assert_int_equal(wrong, 0);
}

static void assert_all_zero(const char *data, size_t size)
{
    assert_all(data, size, '\0');
}

/* --- Allocation --------------------------------------------------------------------------- */

static void every_block_is_zeroed_aligned_and_its_own(void **state)
{
    char *before = NULL;
    size_t size_before = 0;

    for (size_t size = 0; size < 400; size++) {
        char *block = arena_alloc(*state, size);

        assert_int_equal((uintptr_t) block % alignof(max_align_t), 0);
        assert_all_zero(block, size);
        memset(block, 'x', size);
        assert_true(block != before);
        if (before != NULL)
            assert_all(before, size_before, 'x');
        before = block;
        size_before = size;
    }
}

static void a_block_larger_than_the_first_block_is_zeroed_too(void **state)
{
    const size_t size = 3 * FIRST_BLOCK_BYTES + 1;
    char *block = arena_alloc(*state, size);

    assert_all_zero(block, size);
    memset(block, 'x', size);
    assert_all_zero(arena_alloc(*state, 100), 100);
}

static void the_last_byte_of_a_block_can_be_used_and_the_next_block_starts_behind(void **state)
{
    for (size_t total = 0; total < 3 * FIRST_BLOCK_BYTES; total += 4096) {
        char *block = arena_alloc(*state, 4096);

        assert_all_zero(block, 4096);
        memset(block, 'x', 4096);
    }
}

/* This death is wanted: neither standard error nor a sanitizer's report file shall tell of it. */
static void die_quietly(void)
{
    (void) dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
#ifdef SANITIZERS
    __sanitizer_set_report_path("/dev/null");
#endif
}

static void asking_for_more_than_there_is_kills_the_process(void **state)
{
    static const size_t too_much[] = {
        SIZE_MAX, SIZE_MAX - 15, SIZE_MAX / 2, SIZE_MAX / 4 + 1, SIZE_MAX / 4, SIZE_MAX / 8,
    };

    for (size_t i = 0; i < sizeof(too_much) / sizeof(too_much[0]); i++) {
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            die_quietly();
            (void) arena_alloc(*state, too_much[i]);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

/* --- Reset -------------------------------------------------------------------------------- */

static void a_reset_wipes_what_was_written(void **state)
{
    char *secret = arena_alloc(*state, 1000);
    char *again;

    memset(secret, 'k', 1000);
    arena_reset(*state);
    again = arena_alloc(*state, 1000);

    assert_ptr_equal(again, secret);            /* the same bytes, and nothing in them */
    assert_all_zero(again, 1000);
}

static void a_reset_wipes_the_whole_first_block_also_when_others_were_added(void **state)
{
    char *first = arena_alloc(*state, 60000);
    char *again;

    memset(first, 'k', 60000);
    memset(arena_alloc(*state, 200000), 'k', 200000);
    arena_reset(*state);
    again = arena_alloc(*state, 60000);

    assert_ptr_equal(again, first);
    assert_all_zero(again, 60000);
}

static void a_reset_gives_back_all_but_the_first_block(void **state)
{
    const size_t before = arena_footprint_bytes(*state);

    assert_in_range(before, FIRST_BLOCK_BYTES, FIRST_BLOCK_BYTES + 256);
    (void) arena_alloc(*state, 10);
    assert_int_equal(arena_footprint_bytes(*state), before);
    (void) arena_alloc(*state, 1000000);
    assert_true(arena_footprint_bytes(*state) >= before + 1000000);
    arena_reset(*state);
    assert_int_equal(arena_footprint_bytes(*state), before);
}

static void ten_thousand_requests_need_no_more_memory_than_one(void **state)
{
    const size_t before = arena_footprint_bytes(*state);

    for (int i = 0; i < 10000; i++) {
        (void) arena_printf(*state, "request %d", i);
        if (i % 100 == 0)
            (void) arena_alloc(*state, FIRST_BLOCK_BYTES);
        arena_reset(*state);
        assert_int_equal(arena_footprint_bytes(*state), before);
    }
}

static void freeing_no_arena_is_fine(void **state)
{
    (void) state;
    arena_free(NULL);
}

/* --- Adoption ----------------------------------------------------------------------------- */

static char released[8];
static size_t released_count;

static void release(void *object)
{
    released[released_count++] = *(const char *) object;
}

static void adopted_objects_are_released_newest_first_and_once(void **state)
{
    char a = 'a', b = 'b', c = 'c';

    released_count = 0;
    assert_ptr_equal(arena_adopt(*state, &a, release), &a);
    (void) arena_alloc(*state, 2 * FIRST_BLOCK_BYTES);
    (void) arena_adopt(*state, &b, release);
    (void) arena_adopt(*state, &c, release);
    arena_reset(*state);
    arena_reset(*state);

    assert_int_equal(released_count, 3);
    assert_memory_equal(released, "cba", 3);
}

static void no_object_is_not_adopted(void **state)
{
    released_count = 0;
    assert_null(arena_adopt(*state, NULL, release));
    arena_reset(*state);
    assert_int_equal(released_count, 0);
}

static void a_release_can_still_read_the_arena(void **state)
{
    char *text = arena_strdup(*state, "here");

    released_count = 0;
    (void) arena_alloc(*state, 2 * FIRST_BLOCK_BYTES);
    (void) arena_adopt(*state, text, release);
    arena_reset(*state);
    assert_int_equal(released_count, 1);
    assert_int_equal(released[0], 'h');
}

static void freeing_the_arena_releases_what_it_adopted(void **state)
{
    struct arena *arena = arena_new();
    char a = 'a';
    (void) state;

    released_count = 0;
    (void) arena_adopt(arena, &a, release);
    arena_free(arena);
    assert_int_equal(released_count, 1);
}

/* --- Growing ------------------------------------------------------------------------------ */

static void the_newest_block_grows_where_it_is(void **state)
{
    char *block = arena_alloc(*state, 10);

    memset(block, 'x', 10);
    assert_ptr_equal(arena_grow(*state, block, 10, 12), block);
    assert_ptr_equal(arena_grow(*state, block, 12, 12), block);
    assert_ptr_equal(arena_grow(*state, block, 12, 5000), block);
    assert_all(block, 10, 'x');
    assert_all_zero(block + 10, 4990);
    memset(block, 'y', 5000);
    assert_all_zero(arena_alloc(*state, 16), 16);       /* the next one starts behind */
}

static void an_older_block_moves_and_leaves_its_neighbour_alone(void **state)
{
    char *block = arena_alloc(*state, 10);
    char *neighbour = arena_alloc(*state, 10);
    char *grown;

    memset(block, 'x', 10);
    memset(neighbour, 'n', 10);
    grown = arena_grow(*state, block, 10, 100);

    assert_ptr_not_equal(grown, block);
    assert_all(grown, 10, 'x');
    assert_all_zero(grown + 10, 90);
    memset(grown, 'y', 100);
    assert_all(neighbour, 10, 'n');
}

static void a_block_moves_when_its_memory_ends(void **state)
{
    char *block = arena_alloc(*state, 60000);
    char *grown;

    memset(block, 'x', 60000);
    grown = arena_grow(*state, block, 60000, 70000);
    assert_ptr_not_equal(grown, block);
    assert_all(grown, 60000, 'x');
    assert_all_zero(grown + 60000, 10000);
}

static void nothing_grows_into_something(void **state)
{
    char *block = arena_alloc(*state, 0);

    assert_all_zero(arena_grow(*state, block, 0, 64), 64);
}

static void growing_byte_by_byte_never_loses_one(void **state)
{
    char *block = arena_alloc(*state, 1);

    block[0] = 0;
    for (size_t size = 1; size < 3 * FIRST_BLOCK_BYTES; size++) {
        block = arena_grow(*state, block, size, size + 1);
        assert_int_equal(block[size], 0);
        block[size] = (char) (size % 100);
    }
    for (size_t i = 0; i < 3 * FIRST_BLOCK_BYTES; i++)
        assert_int_equal(block[i], i % 100);
    assert_true(arena_footprint_bytes(*state) < 10 * FIRST_BLOCK_BYTES);
}

/* --- Text --------------------------------------------------------------------------------- */

static void texts_and_bytes_are_copied(void **state)
{
    char original[] = "abc";
    char *copy = arena_strdup(*state, original);
    char *bytes = arena_bytes_dup(*state, (struct bytes) { "a\0b", 3 });

    original[0] = 'x';
    assert_string_equal(copy, "abc");
    assert_memory_equal(bytes, "a\0b", 4);
    assert_string_equal(arena_bytes_dup(*state, (struct bytes) { NULL, 0 }), "");
    assert_string_equal(arena_strdup(*state, ""), "");
    assert_null(arena_strdup(*state, NULL));
}

static void printf_gives_as_much_room_as_it_needs(void **state)
{
    char *text = arena_printf(*state, "%0*d", 100000, 7);

    assert_string_equal(arena_printf(*state, "%s-%d", "a", 5), "a-5");
    assert_string_equal(arena_printf(*state, "%s", ""), "");
    assert_int_equal(strlen(text), 100000);
    assert_int_equal(text[99999], '7');
}

#define with_an_arena(test) \
    cmocka_unit_test_setup_teardown(test, given_an_arena, free_the_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_an_arena(every_block_is_zeroed_aligned_and_its_own),
        with_an_arena(a_block_larger_than_the_first_block_is_zeroed_too),
        with_an_arena(the_last_byte_of_a_block_can_be_used_and_the_next_block_starts_behind),
        with_an_arena(asking_for_more_than_there_is_kills_the_process),
        with_an_arena(a_reset_wipes_what_was_written),
        with_an_arena(a_reset_wipes_the_whole_first_block_also_when_others_were_added),
        with_an_arena(a_reset_gives_back_all_but_the_first_block),
        with_an_arena(ten_thousand_requests_need_no_more_memory_than_one),
        cmocka_unit_test(freeing_no_arena_is_fine),
        with_an_arena(adopted_objects_are_released_newest_first_and_once),
        with_an_arena(no_object_is_not_adopted),
        with_an_arena(a_release_can_still_read_the_arena),
        cmocka_unit_test(freeing_the_arena_releases_what_it_adopted),
        with_an_arena(the_newest_block_grows_where_it_is),
        with_an_arena(an_older_block_moves_and_leaves_its_neighbour_alone),
        with_an_arena(a_block_moves_when_its_memory_ends),
        with_an_arena(nothing_grows_into_something),
        with_an_arena(growing_byte_by_byte_never_loses_one),
        with_an_arena(texts_and_bytes_are_copied),
        with_an_arena(printf_gives_as_much_room_as_it_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
