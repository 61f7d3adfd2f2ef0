/* API keys: their text and its check, their scopes and networks, and when one is refused. */
#include "domain/api_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW_MS INT64_C(1795393860123)
#define KEY "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"

/* --- The text --------------------------------------------------------------------------- */

/* The checks were computed by zlib. */
static void a_key_is_its_mode_the_random_characters_and_their_crc32(void **state)
{
    static const struct { const char *text; bool live; } good[] = {
        { KEY, false },
        { "payapi_live_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp", true },
        { "payapi_test_0000000000000000000000000000002C8GjS", false },
        { "payapi_live_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz4IlJEz", true },
        { "payapi_test_drrYjTdd6emrCGjTGYv3HF2s7u0rih00gEpD", false },
    };
    bool live;

    (void) state;
    for (size_t i = 0; i < COUNT(good); i++) {
        live = !good[i].live;
        assert_true(api_key_read(good[i].text, &live));
        assert_int_equal(live, good[i].live);
        assert_true(api_key_is_meant(good[i].text));
    }
}

static void a_printed_key_is_read_again(void **state)
{
    unsigned char digits[API_KEY_RANDOM];
    char text[API_KEY_TEXT_MAX], shown[API_KEY_SHOWN + 1];
    bool live;

    (void) state;
    for (unsigned char i = 0; i < API_KEY_RANDOM; i++)
        digits[i] = i;
    api_key_print(false, digits, text);
    assert_string_equal(text, KEY);
    api_key_show(text, shown);
    assert_string_equal(shown, "01234567");
    for (int i = 0; i < API_KEY_RANDOM; i++)
        digits[i] = 61;
    api_key_print(true, digits, text);
    assert_true(api_key_read(text, &live));
    assert_true(live);
}

static void every_single_typo_is_found(void **state)
{
    static const char others[] = "0aZ_-. ";
    char text[API_KEY_TEXT_MAX];
    bool live;

    (void) state;
    for (size_t at = 0; at < sizeof(KEY) - 1; at++)
        for (const char *other = others; *other != '\0'; other++) {
            snprintf(text, sizeof(text), "%s", KEY);
            if (text[at] == *other)
                continue;
            text[at] = *other;
            if (api_key_read(text, &live))
                fail_msg("accepted: %s", text);
        }
}

static void anything_else_is_no_key(void **state)
{
    static const char *const bad[] = {
        "", "payapi_", "payapi_test_", "payapi_test", (KEY "0"), (KEY " "), (" " KEY), "PAYAPI_TEST_",
        "payapi_prod_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp",
        "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMby",
        "payapi_test_1023456789ABCDEFGHIJKLMNOPQRST4PMbyp",     /* two characters changed places */
        "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST000000",
    };
    bool live;

    (void) state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (api_key_read(bad[i], &live))
            fail_msg("accepted: %s", bad[i]);
    assert_false(api_key_is_meant("eyJhbGciOiJIUzI1NiJ9.e30.x"));
}

/* --- Scopes ----------------------------------------------------------------------------- */

static void a_scope_allows_itself_and_admin_allows_all(void **state)
{
    (void) state;
    for (enum scope has = SCOPE_NONE + 1; has < SCOPE_COUNT; has++)
        for (enum scope asked = SCOPE_NONE + 1; asked < SCOPE_COUNT; asked++) {
            struct scopes scopes = { 0 };

            assert_false(scopes_allow(scopes, asked));
            assert_true(scopes_add(&scopes, has));
            assert_false(scopes_add(&scopes, has));
            assert_int_equal(scopes_allow(scopes, asked), has == asked || has == SCOPE_ADMIN);
            assert_true(scopes_allow(scopes_all(), asked));
        }
}

static void a_scope_is_known_by_its_whole_name(void **state)
{
    static const char *const bad[] = { "", "orders", "orders:", "orders:reads", "ORDERS:READ",
                                       "webhooks:reads", "customers:write", " admin" };
    enum scope scope;

    (void) state;
    for (enum scope each = SCOPE_NONE + 1; each < SCOPE_COUNT; each++) {
        assert_true(scope_parse(scope_name(each), &scope));
        assert_int_equal(scope, each);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (scope_parse(bad[i], &scope))
            fail_msg("accepted: %s", bad[i]);
}

/* --- Networks --------------------------------------------------------------------------- */

static void a_network_is_printed_in_one_form(void **state)
{
    static const struct { const char *text, *printed; } good[] = {
        { "192.0.2.0/24", "192.0.2.0/24" },     { "192.0.2.7/32", "192.0.2.7/32" },
        { "0.0.0.0/0", "0.0.0.0/0" },           { "::/0", "::/0" },
        { "2001:DB8:0::/32", "2001:db8::/32" }, { "2001:db8::1/128", "2001:db8::1/128" },
        { "::ffff:10.0.0.0/104", "10.0.0.0/8" },
    };
    char printed[NETWORK_TEXT_MAX];
    struct network network;

    (void) state;
    for (size_t i = 0; i < COUNT(good); i++) {
        if (!network_parse(good[i].text, &network))
            fail_msg("refused: %s", good[i].text);
        network_print(&network, printed);
        assert_string_equal(printed, good[i].printed);
    }
}

static void anything_else_is_no_network(void **state)
{
    static const char *const bad[] = {
        "", "/", "/24", "192.0.2.0", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8",
        "192.0.2.0/024", "192.0.2.0/ 24", "192.0.2.0/24 ", " 192.0.2.0/24", "192.0.2/24",
        "192.0.2.1/24", "192.0.2.0/24/24", "2001:db8::1/32", "2001:db8::/129", "::/1000", "localhost/8",
        "192.0.2.0/4294967296", "1111:2222:3333:4444:5555:6666:7777:8888:9999/1", "::1%eth0/128",
    };
    struct network network;

    (void) state;
    for (size_t i = 0; i < COUNT(bad); i++)
        if (network_parse(bad[i], &network))
            fail_msg("accepted: %s", bad[i]);
}

static void a_network_holds_its_addresses_and_no_others(void **state)
{
    static const struct { const char *network, *address; bool holds; } cases[] = {
        { "192.0.2.0/24", "192.0.2.0", true },      { "192.0.2.0/24", "192.0.2.255", true },
        { "192.0.2.0/24", "192.0.3.0", false },     { "192.0.2.0/24", "192.0.1.255", false },
        { "192.0.2.0/24", "::ffff:192.0.2.9", true }, { "10.0.0.0/9", "10.127.255.255", true },
        { "10.0.0.0/9", "10.128.0.0", false },      { "0.0.0.0/0", "203.0.113.1", true },
        { "0.0.0.0/0", "2001:db8::1", false },      { "::/0", "2001:db8::1", true },
        { "::/0", "203.0.113.1", false },           { "2001:db8::/33", "2001:db8:7fff::", true },
        { "2001:db8::/33", "2001:db8:8000::", false }, { "192.0.2.7/32", "192.0.2.7", true },
        { "192.0.2.7/32", "192.0.2.6", false },     { "0.0.0.0/0", "unix:", false },
        { "::/0", "", false },
    };
    struct network network;

    (void) state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(network_parse(cases[i].network, &network));
        if (network_holds(&network, cases[i].address) != cases[i].holds)
            fail_msg("%s and %s", cases[i].network, cases[i].address);
    }
}

/* --- The rules -------------------------------------------------------------------------- */

static struct api_key good_key(void)
{
    struct api_key key = { .id = { "key_01ARZ3NDEKTSV4RRFFQ69G5FAV" }, .network_count = 2 };

    assert_true(network_parse("192.0.2.0/24", &key.networks[0]));
    assert_true(network_parse("2001:db8::/32", &key.networks[1]));
    return key;
}

static void expect_fault(struct api_key key, bool live, const char *address, const char *fault)
{
    const char *found = api_key_fault(&key, live, address, NOW_MS);

    if (fault == NULL)
        assert_null(found);
    else
        assert_non_null(strstr(found, fault));
}

static void a_key_is_good_until_something_ends_it(void **state)
{
    struct api_key key = good_key();

    (void) state;
    expect_fault(key, false, "192.0.2.1", NULL);
    expect_fault(key, false, "2001:db8::1", NULL);
    expect_fault(key, true, "192.0.2.1", "mode");
    expect_fault(key, false, "198.51.100.1", "address");
    expect_fault(key, false, "", "address");
    key.expires_at_ms = NOW_MS + 1;
    expect_fault(key, false, "192.0.2.1", NULL);
    key.expires_at_ms = NOW_MS;
    expect_fault(key, false, "192.0.2.1", "expired");
    key.expires_at_ms = 0;
    key.revoked_at_ms = NOW_MS + 60000;         /* the clock of another machine is ahead */
    expect_fault(key, false, "192.0.2.1", "revoked");
    key = good_key();
    key.network_count = 0;
    expect_fault(key, false, "unix:", NULL);
    key.live = true;
    expect_fault(key, true, "198.51.100.1", NULL);
    expect_fault(key, false, "198.51.100.1", "mode");
}

static void a_use_is_news_once_a_minute(void **state)
{
    struct api_key key = good_key();

    (void) state;
    assert_true(api_key_use_is_news(&key, NOW_MS));
    key.last_used_at_ms = NOW_MS / 60000 * 60000;
    assert_false(api_key_use_is_news(&key, key.last_used_at_ms));
    assert_false(api_key_use_is_news(&key, key.last_used_at_ms + 59999));
    assert_true(api_key_use_is_news(&key, key.last_used_at_ms + 60000));
    assert_false(api_key_use_is_news(&key, key.last_used_at_ms - 60000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_its_mode_the_random_characters_and_their_crc32),
        cmocka_unit_test(a_printed_key_is_read_again),
        cmocka_unit_test(every_single_typo_is_found),
        cmocka_unit_test(anything_else_is_no_key),
        cmocka_unit_test(a_scope_allows_itself_and_admin_allows_all),
        cmocka_unit_test(a_scope_is_known_by_its_whole_name),
        cmocka_unit_test(a_network_is_printed_in_one_form),
        cmocka_unit_test(anything_else_is_no_network),
        cmocka_unit_test(a_network_holds_its_addresses_and_no_others),
        cmocka_unit_test(a_key_is_good_until_something_ends_it),
        cmocka_unit_test(a_use_is_news_once_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
