/* The clients of payapi-stream: how many there may be, and what each is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/live/frame.h"
#include "infrastructure/live/viewers.h"

static const struct live_limits limits = {
    .viewers_max = 5, .per_caller_max = 2, .lifetime_ms = 900000, .linger_ms = 60000, .comment_ms = 15000,
};
static const struct handover alice = { .caller = "a" }, bob = { .caller = "b" }, carol = { .caller = "c" };

static struct viewers *viewers;

static int set_up(void **state)
{
    (void) state;
    viewers = viewers_new(limits);
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    viewers_free(viewers);
    return 0;
}

static struct viewer *given_a_quiet_viewer(int64_t now_ms)
{
    struct viewer *viewer = viewers_admit(viewers, &alice, now_ms);
    char buffer[64];

    assert_non_null(viewer);
    viewer_open(viewer, now_ms);
    while (viewer_take(viewer, buffer, sizeof(buffer)) > 0)
        continue;
    return viewer;
}

static void a_caller_has_only_so_many(void **state)
{
    struct viewer *first = viewers_admit(viewers, &alice, 0);

    (void) state;
    assert_non_null(viewers_admit(viewers, &alice, 0));
    assert_null(viewers_admit(viewers, &alice, 0));
    assert_non_null(viewers_admit(viewers, &bob, 0));
    viewers_leave(viewers, first);
    assert_non_null(viewers_admit(viewers, &alice, 0));
    assert_int_equal(viewers->count, 3);
    assert_true(viewers->has_newcomer);
    assert_int_equal(viewers->refused, 1);
}

static void all_together_have_only_so_many(void **state)
{
    (void) state;
    assert_non_null(viewers_admit(viewers, &alice, 0));
    assert_non_null(viewers_admit(viewers, &alice, 0));
    assert_non_null(viewers_admit(viewers, &bob, 0));
    assert_non_null(viewers_admit(viewers, &bob, 0));
    assert_non_null(viewers_admit(viewers, &carol, 0));
    assert_null(viewers_admit(viewers, &carol, 0));
}

static void a_stream_begins_with_how_long_to_wait_before_coming_back(void **state)
{
    struct viewer *viewer = viewers_admit(viewers, &alice, 0);
    char buffer[64];

    (void) state;
    viewer_open(viewer, 0);
    assert_int_equal(viewer_take(viewer, buffer, sizeof(buffer)), strlen(FRAME_OPENING));
    assert_memory_equal(buffer, FRAME_OPENING, strlen(FRAME_OPENING));
    assert_true(viewer_is_idle(viewer));
}

static void what_is_said_leaves_in_order_and_in_pieces(void **state)
{
    struct viewer *viewer = given_a_quiet_viewer(0);
    char buffer[4];

    (void) state;
    viewer_say(viewer, bytes_of("abc"), 0);
    viewer_say(viewer, bytes_of("def"), 0);
    assert_int_equal(viewer_take(viewer, buffer, 4), 4);
    assert_memory_equal(buffer, "abcd", 4);
    assert_false(viewer_is_idle(viewer));
    assert_int_equal(viewer_take(viewer, buffer, 4), 2);
    assert_memory_equal(buffer, "ef", 2);
    assert_true(viewer_is_idle(viewer));
    assert_int_equal(viewer_take(viewer, buffer, 4), 0);
}

static void a_long_silence_is_broken_by_a_comment(void **state)
{
    struct viewer *viewer = given_a_quiet_viewer(1000);
    char buffer[64];

    (void) state;
    viewer_pace(viewer, &limits, 1000 + limits.comment_ms - 1);
    assert_true(viewer_is_idle(viewer));
    viewer_pace(viewer, &limits, 1000 + limits.comment_ms);
    assert_int_equal(viewer_take(viewer, buffer, sizeof(buffer)), strlen(FRAME_COMMENT));
    viewer_pace(viewer, &limits, 1000 + 2 * limits.comment_ms - 1);
    assert_true(viewer_is_idle(viewer));
}

static void a_stream_ends_when_its_life_is_over(void **state)
{
    struct viewer *viewer = given_a_quiet_viewer(1000);

    (void) state;
    viewer_pace(viewer, &limits, 1000 + limits.lifetime_ms - 1);
    assert_false(viewer->is_ending);
    viewer_pace(viewer, &limits, 1000 + limits.lifetime_ms);
    assert_true(viewer->is_ending);
}

static void a_stream_of_a_final_payment_ends_soon(void **state)
{
    struct viewer *viewer = given_a_quiet_viewer(1000);

    (void) state;
    viewer->final_ms = 5000;
    viewer_pace(viewer, &limits, 5000 + limits.linger_ms - 1);
    assert_false(viewer->is_ending);
    viewer_pace(viewer, &limits, 5000 + limits.linger_ms);
    assert_true(viewer->is_ending);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_caller_has_only_so_many),
        TEST(all_together_have_only_so_many),
        TEST(a_stream_begins_with_how_long_to_wait_before_coming_back),
        TEST(what_is_said_leaves_in_order_and_in_pieces),
        TEST(a_long_silence_is_broken_by_a_comment),
        TEST(a_stream_ends_when_its_life_is_over),
        TEST(a_stream_of_a_final_payment_ends_soon),
    };

    return cmocka_run_group_tests_name("viewers", tests, NULL, NULL);
}
