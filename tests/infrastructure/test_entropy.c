/* Random bytes are fetched for many ids at once, and no two processes give out the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "application/entropy.h"

#define ID_BYTES 16

static int calls;

ssize_t __real_getrandom(void *bytes, size_t size, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags);

ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags)
{
    calls++;
    return __real_getrandom(bytes, size > 256 ? 256 : size, flags);     /* as if interrupted */
}

static void many_ids_cost_few_system_calls(void **state)
{
    unsigned char id[ID_BYTES];

    (void) state;
    entropy_fill(id, sizeof(id));
    calls = 0;
    for (int i = 0; i < 640; i++)
        entropy_fill(id, sizeof(id));
    assert_in_range(calls, 40, 44);             /* 10,240 bytes; each call gives 256 */
}

static void ids_differ(void **state)
{
    static unsigned char ids[500][ID_BYTES];

    (void) state;
    for (int i = 0; i < 500; i++)
        entropy_fill(ids[i], ID_BYTES);
    for (int a = 0; a < 500; a++)
        for (int b = 0; b < a; b++)
            assert_memory_not_equal(ids[a], ids[b], ID_BYTES);
}

static void a_large_piece_is_filled_to_its_end(void **state)
{
    static unsigned char piece[5000], zeros[ID_BYTES];

    (void) state;
    entropy_fill(piece, sizeof(piece));
    for (size_t at = 0; at + ID_BYTES <= sizeof(piece); at += ID_BYTES)
        assert_memory_not_equal(piece + at, zeros, ID_BYTES);
}

/* --- fork() ---------------------------------------------------------------------------------- */

#define DRAWN (8 * ID_BYTES)

static void draw_in_a_child(unsigned char *drawn_out)
{
    int ends[2];
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        unsigned char drawn[DRAWN];

        entropy_fill(drawn, sizeof(drawn));
        _exit(write(ends[1], drawn, sizeof(drawn)) == sizeof(drawn) ? 0 : 1);
    }
    assert_int_equal(read(ends[0], drawn_out, DRAWN), DRAWN);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(ends[0]);
    close(ends[1]);
}

static bool holds(const unsigned char *bytes, size_t size, const unsigned char *piece)
{
    for (size_t at = 0; at + ID_BYTES <= size; at++)
        if (memcmp(bytes + at, piece, ID_BYTES) == 0)
            return true;
    return false;
}

static void assert_nothing_in_common(const unsigned char *a, const unsigned char *b)
{
    for (size_t at = 0; at + ID_BYTES <= DRAWN; at++)
        assert_false(holds(a, DRAWN, b + at));
}

/* The workers of a pool are forked from a master that may have drawn already. */
static void parent_and_children_draw_different_bytes(void **state)
{
    unsigned char first[DRAWN], second[DRAWN], own[DRAWN], before[ID_BYTES];

    (void) state;
    entropy_fill(before, sizeof(before));       /* something is left over */
    draw_in_a_child(first);
    draw_in_a_child(second);
    entropy_fill(own, sizeof(own));
    assert_nothing_in_common(first, second);
    assert_nothing_in_common(first, own);
    assert_nothing_in_common(second, own);
}

/* --- What stays in memory -------------------------------------------------------------------- */

/* The pages that the kernel wipes in a child: "wf" among the flags of /proc/self/smaps. */
static size_t pages_wiped_at_fork(unsigned char **start_out)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[512];
    unsigned long start, end, from = 0, to = 0, found_from = 0, found_to = 0;

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) != NULL) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            from = start, to = end;
        else if (strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " wf") != NULL)
            found_from = from, found_to = to;
    }
    fclose(maps);
    *start_out = (unsigned char *) found_from;
    return found_to - found_from;
}

static void bytes_that_were_given_out_are_erased(void **state)
{
    unsigned char drawn[DRAWN], *pages;
    size_t size;

    (void) state;
    entropy_fill(drawn, sizeof(drawn));
    size = pages_wiped_at_fork(&pages);
    assert_true(size > 0);
    for (size_t at = 0; at + ID_BYTES <= DRAWN; at++)
        assert_false(holds(pages, size, drawn + at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_ids_cost_few_system_calls),
        cmocka_unit_test(ids_differ),
        cmocka_unit_test(a_large_piece_is_filled_to_its_end),
        cmocka_unit_test(parent_and_children_draw_different_bytes),
        cmocka_unit_test(bytes_that_were_given_out_are_erased),
    };

    return cmocka_run_group_tests_name("entropy", tests, NULL, NULL);
}
