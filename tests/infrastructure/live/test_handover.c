/* How a client is handed over, the events it gets, and the event it says it had last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/live/frame.h"
#include "infrastructure/live/handover.h"

#define PAYMENT "pay_01KE0000000000000000000001"
#define CALLER  "0123456789abcdef0123456789abcdef"

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

static void what_a_worker_writes_is_what_the_holder_reads(void **state)
{
    struct handover written = { LIVE_OUTCOME, { PAYMENT }, INT64_C(999999999999999999), CALLER };
    struct handover read = { 0 };
    const char *address = handover_print(arena, &written);

    (void) state;
    assert_string_equal(address, "/stream/outcome/" PAYMENT "/999999999999999999/" CALLER);
    assert_true(handover_parse(address, &read));
    assert_int_equal(read.view, LIVE_OUTCOME);
    assert_string_equal(read.payment_id.text, PAYMENT);
    assert_int_equal(read.after, written.after);
    assert_string_equal(read.caller, CALLER);
}

static void no_other_address_is_read(void **state)
{
    static const char *const others[] = {
        "", "/", "/stream/", "/stream/payment", "/stream/payment/" PAYMENT, "/stream/payment/" PAYMENT "/0",
        "/stream/payment/" PAYMENT "/0/", "/stream/payment/" PAYMENT "/0/" CALLER "/",
        "/stream/payment/" PAYMENT "/0/" CALLER "0", "/stream/payment/" PAYMENT "//" CALLER,
        "/stream/payment/" PAYMENT "/-1/" CALLER, "/stream/payment/" PAYMENT "/00/" CALLER,
        "/stream/payment/" PAYMENT "/1e3/" CALLER, "/stream/payment/pay_1/0/" CALLER,
        "/stream/all/" PAYMENT "/0/" CALLER, "/streams/payment/" PAYMENT "/0/" CALLER,
        "/stream//payment/" PAYMENT "/0/" CALLER,
        "/stream/payment/" PAYMENT "/0/0123456789ABCDEF0123456789ABCDEF",
    };
    struct handover read;

    (void) state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (handover_parse(others[i], &read))
            fail_msg("%s was read", others[i]);
}

static void an_address_that_is_too_long_is_not_read(void **state)
{
    char *address = arena_alloc(arena, 4001);
    struct handover read;

    (void) state;
    memset(address, '/', 4000);
    memcpy(address, "/stream/", 8);
    address[4000] = '\0';
    assert_false(handover_parse(address, &read));
}

static void callers_are_told_apart_by_kind_and_name(void **state)
{
    struct handover alice = { 0 }, again = { 0 }, admin = { 0 }, bob = { 0 };

    (void) state;
    handover_name_caller(&alice, "user", "alice");
    handover_name_caller(&again, "user", "alice");
    handover_name_caller(&admin, "admin", "alice");
    handover_name_caller(&bob, "user", "bob");
    assert_string_equal(alice.caller, again.caller);
    assert_int_equal(strlen(alice.caller), HANDOVER_CALLER_DIGITS);
    assert_string_not_equal(alice.caller, admin.caller);
    assert_string_not_equal(alice.caller, bob.caller);
}

static void an_event_is_its_number_and_one_line_of_json(void **state)
{
    struct bytes frame = frame_event(arena, 17, bytes_of("{\"status\":\"completed\"}"));

    (void) state;
    assert_string_equal(frame.data, "id: 17\ndata: {\"status\":\"completed\"}\n\n");
    assert_int_equal(frame.size, strlen(frame.data));
}

static void only_a_number_of_ours_is_a_last_event(void **state)
{
    static const struct { const char *header; int64_t id; } headers[] = {
        { "1", 1 }, { "17", 17 }, { "999999999999999999", INT64_C(999999999999999999) },
        { "", 0 }, { "0", 0 }, { "01", 0 }, { "-1", 0 }, { "+1", 0 }, { " 1", 0 }, { "1 ", 0 },
        { "1, 2", 0 }, { "1.5", 0 }, { "0x11", 0 }, { "evt_1", 0 }, { "1000000000000000000", 0 },
        { "99999999999999999999999999", 0 },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        if (frame_last_id(headers[i].header) != headers[i].id)
            fail_msg("'%s': %lld", headers[i].header, (long long) frame_last_id(headers[i].header));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_worker_writes_is_what_the_holder_reads),
        TEST(no_other_address_is_read),
        TEST(an_address_that_is_too_long_is_not_read),
        TEST(callers_are_told_apart_by_kind_and_name),
        TEST(an_event_is_its_number_and_one_line_of_json),
        TEST(only_a_number_of_ours_is_a_last_event),
    };

    return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}
