/* The master's pure parts. The master itself is tested with real workers in tests/e2e. */
#include "infrastructure/fastcgi/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/fastcgi/elders.h"
#include "infrastructure/fastcgi/process.h"

static void deaths_in_youth_wait_twice_as_long_each_time_up_to_a_limit(void **state)
{
    static const int waits[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000 };
    struct backoff backoff = { 0 };

    (void) state;
    for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++)
        assert_int_equal(backoff_next_ms(&backoff, 5, false), waits[i]);
}

static void a_long_life_makes_up_for_the_deaths_before(void **state)
{
    struct backoff backoff = { 0 };

    (void) state;
    backoff_next_ms(&backoff, 0, false);
    backoff_next_ms(&backoff, BACKOFF_FORGET_MS - 1, false);
    assert_int_equal(backoff.delay_ms, 200);
    assert_int_equal(backoff_next_ms(&backoff, BACKOFF_FORGET_MS, false), 0);
    assert_int_equal(backoff_next_ms(&backoff, 0, false), BACKOFF_FIRST_MS);
}

static void a_worker_that_left_on_purpose_is_replaced_at_once(void **state)
{
    struct backoff backoff = { 3200 };

    (void) state;
    assert_int_equal(backoff_next_ms(&backoff, 1, true), 0);
}

static void workers_are_handed_over_through_the_environment(void **state)
{
    struct elders elders = { 0 }, heirs;

    (void) state;
    elders_add(&elders, 17);
    elders_add(&elders, 4194304);
    elders_add(&elders, 0);                     /* an empty slot is nobody */
    elders_announce(&elders);
    elders_adopt(&heirs);
    assert_int_equal(heirs.count, 2);
    assert_int_equal(heirs.pids[0], 17);
    assert_int_equal(heirs.pids[1], 4194304);
    assert_int_equal(heirs.told_at_ms, 0);
    elders_adopt(&heirs);                       /* once is enough */
    assert_int_equal(heirs.count, 0);
}

static void nonsense_in_the_environment_names_nobody(void **state)
{
    static const char *const texts[] = { "", "x", "-1 -5", "0 0", " ", "12x 13" };
    static const int counts[] = { 0, 0, 0, 0, 0, 1 };
    struct elders elders;

    (void) state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        setenv("PAYAPI_WORKERS_BEFORE", texts[i], 1);
        elders_adopt(&elders);
        assert_int_equal(elders.count, counts[i]);
    }
}

static void who_is_gone_is_forgotten(void **state)
{
    struct elders elders = { .pids = { 5, 6, 7 }, .count = 3 };

    (void) state;
    assert_true(elders_remove(&elders, 6));
    assert_false(elders_remove(&elders, 6));
    assert_int_equal(elders.count, 2);
    assert_true(elders_remove(&elders, 5) && elders_remove(&elders, 7));
    assert_int_equal(elders.count, 0);
}

static void a_program_knows_its_own_path(void **state)
{
    struct arena *arena = arena_new();

    (void) state;
    assert_string_equal(process_path(arena, "/usr/sbin/payapi-worker"), "/usr/sbin/payapi-worker");
    assert_int_equal(process_path(arena, "./payapi-worker")[0], '/');
    setenv("PATH", "relative:/nowhere:/bin", 1);
    assert_string_equal(process_path(arena, "sh"), "/bin/sh");
    assert_string_equal(process_path(arena, "no-such-program"), "no-such-program");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deaths_in_youth_wait_twice_as_long_each_time_up_to_a_limit),
        cmocka_unit_test(a_long_life_makes_up_for_the_deaths_before),
        cmocka_unit_test(a_worker_that_left_on_purpose_is_replaced_at_once),
        cmocka_unit_test(workers_are_handed_over_through_the_environment),
        cmocka_unit_test(nonsense_in_the_environment_names_nobody),
        cmocka_unit_test(who_is_gone_is_forgotten),
        cmocka_unit_test(a_program_knows_its_own_path),
    };

    return cmocka_run_group_tests_name("master parts", tests, NULL, NULL);
}
