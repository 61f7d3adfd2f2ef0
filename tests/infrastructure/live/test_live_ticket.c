/* Tickets: of one payment, for one view, for a short time, and made with a key of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/live/live_ticket.h"

#define KEY       "a key of at least thirty-two bytes."
#define OTHER_KEY "another key of at least 32 bytes..."
#define EXPIRY    INT64_C(1795394760)

static const struct payment_id payment = { "pay_01KE0000000000000000000001" };
static const struct payment_id other = { "pay_01KE0000000000000000000002" };

static struct arena *arena;
static char ticket[LIVE_TICKET_MAX];

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

static const struct live_tickets *with_keys(const char *first, const char *second)
{
    struct config_list keys = { .items = { first, second }, .count = second != NULL ? 2 : 1 };

    return live_tickets_new(arena, &keys);
}

static bool opens(const struct live_tickets *tickets, struct payment_id id, int64_t now_s)
{
    enum live_view view;

    return live_ticket_opens(tickets, id, now_s, ticket, &view);
}

/* Computed with Python's hmac: HKDF-SHA256 of KEY (no salt, "payapi live ticket 1"), then HMAC. */
static void a_ticket_is_what_the_header_says(void **state)
{
    (void) state;
    live_ticket_print(with_keys(KEY, NULL), payment, LIVE_PAYMENT, EXPIRY, ticket);
    assert_string_equal(ticket, "p.1795394760.bd55bf60cfd30acb237374de364c4a1e1f34f833c576225062c1fab65e9af557");
    live_ticket_print(with_keys(KEY, NULL), payment, LIVE_OUTCOME, EXPIRY, ticket);
    assert_string_equal(ticket, "o.1795394760.7928df2d6e117e59995a1777cfd76dfaa075f07a8cccddb0251fd46f37bacad6");
}

static void it_opens_its_payment_until_it_expires(void **state)
{
    const struct live_tickets *tickets = with_keys(KEY, NULL);

    (void) state;
    live_ticket_print(tickets, payment, LIVE_PAYMENT, EXPIRY, ticket);
    assert_true(opens(tickets, payment, EXPIRY - 1));
    assert_false(opens(tickets, payment, EXPIRY));
    assert_false(opens(tickets, other, EXPIRY - 1));
}

static void it_shows_what_it_was_made_for(void **state)
{
    const struct live_tickets *tickets = with_keys(KEY, NULL);
    enum live_view view = LIVE_PAYMENT;

    (void) state;
    live_ticket_print(tickets, payment, LIVE_OUTCOME, EXPIRY, ticket);
    assert_true(live_ticket_opens(tickets, payment, 0, ticket, &view));
    assert_int_equal(view, LIVE_OUTCOME);
    ticket[0] = 'p';
    assert_false(opens(tickets, payment, 0));
}

static void each_of_our_keys_opens_and_no_other(void **state)
{
    (void) state;
    live_ticket_print(with_keys(KEY, NULL), payment, LIVE_PAYMENT, EXPIRY, ticket);
    assert_true(opens(with_keys(OTHER_KEY, KEY), payment, 0));
    assert_false(opens(with_keys(OTHER_KEY, NULL), payment, 0));
}

static void one_changed_byte_opens_nothing(void **state)
{
    const struct live_tickets *tickets = with_keys(KEY, NULL);

    (void) state;
    live_ticket_print(tickets, payment, LIVE_PAYMENT, EXPIRY, ticket);
    for (size_t i = 0; ticket[i] != '\0'; i++) {
        char kept = ticket[i];

        ticket[i] = kept == '1' ? '2' : '1';
        assert_false(opens(tickets, payment, 0));
        ticket[i] = '\0';
        assert_false(opens(tickets, payment, 0));
        ticket[i] = kept;
    }
    assert_true(opens(tickets, payment, 0));
}

static void what_has_another_form_opens_nothing(void **state)
{
    static const char *const others[] = {
        "", "p", "p.", "p..", ".", "p.1", "p.1.", "p.x.0", "p.-1.0", "q.1795394760.0",
        "p.0000000000000000000000000000000000000001.0", "p 1795394760 0",
    };
    const struct live_tickets *tickets = with_keys(KEY, NULL);

    (void) state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        snprintf(ticket, sizeof(ticket), "%s", others[i]);
        assert_false(opens(tickets, payment, 0));
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_ticket_is_what_the_header_says),
        TEST(it_opens_its_payment_until_it_expires),
        TEST(it_shows_what_it_was_made_for),
        TEST(each_of_our_keys_opens_and_no_other),
        TEST(one_changed_byte_opens_nothing),
        TEST(what_has_another_form_opens_nothing),
    };

    return cmocka_run_group_tests_name("live_ticket", tests, NULL, NULL);
}
