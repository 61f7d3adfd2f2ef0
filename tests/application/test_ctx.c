/* What a use case may touch, and the ids that it makes. */
#include "given.h"

#include <string.h>

static void a_new_one_acts_for_nobody(void **state)
{
    const struct ctx *given = given_a_request_of("alice");
    const struct ctx ctx = ctx_new(given->arena, given->store, given->providers, given->settings, 7);
    (void) state;

    assert_ptr_equal(ctx.store, given->store);
    assert_ptr_equal(ctx.providers, given->providers);
    assert_ptr_equal(ctx.settings, given->settings);
    assert_int_equal(ctx.now_ms, 7);
    assert_int_equal(ctx.actor.role, ROLE_NONE);
    assert_int_equal(ctx.actor.kind, ACTOR_CALLER);
    assert_string_equal(ctx.actor.id, "");
    assert_string_equal(ctx.trace_id, "");
    assert_null(ctx.rejections);
}

static void each_trace_id_is_another_one_of_32_hex_digits(void **state)
{
    struct arena *arena = given_a_request_of("alice")->arena;
    const char *first = ctx_new_trace_id(arena);
    const char *second = ctx_new_trace_id(arena);
    (void) state;

    assert_int_equal(strlen(first), TRACE_ID_SIZE);
    assert_int_equal(strspn(first, "0123456789abcdef"), TRACE_ID_SIZE);
    assert_string_not_equal(first, second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_one_acts_for_nobody, set_up_world, tear_down_world),
        cmocka_unit_test_setup_teardown(each_trace_id_is_another_one_of_32_hex_digits, set_up_world,
                                        tear_down_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
