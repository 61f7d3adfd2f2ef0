/* Which addresses a webhook may be sent to. */
#include "infrastructure/webhooks_out/inner_networks.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

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

static struct sockaddr_storage address_of(const char *text)
{
    struct sockaddr_storage address = { 0 };
    struct sockaddr_in *v4 = (struct sockaddr_in *) (void *) &address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *) (void *) &address;

    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
        v4->sin_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
        v6->sin6_family = AF_INET6;
    else
        fail_msg("%s is no address", text);
    return address;
}

static bool allows(const char *allowed, const char *text)
{
    const struct sockaddr_storage address = address_of(text);

    return inner_networks_allow(inner_networks_new(arena, allowed),
                                (const struct sockaddr *) (const void *) &address);
}

static bool allows_plain(const char *allowed, const char *text)
{
    const struct sockaddr_storage address = address_of(text);

    return inner_networks_allow_plain(inner_networks_new(arena, allowed),
                                      (const struct sockaddr *) (const void *) &address);
}

static void special_networks_are_refused(void **state)
{
    static const char *const inside[] = {
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
        "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0",
        "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0",
        "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.7",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "fc00::1", "fdff::1",
        "fe80::1", "fec0::1", "ff02::1", "2001::1", "2001:0:4136:e378::1", "2001:10::1",
        "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        if (allows("", inside[i]))
            fail_msg("%s is allowed", inside[i]);
}

static void all_others_are_allowed(void **state)
{
    static const char *const outside[] = {
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "192.0.1.0", "192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "203.0.112.255", "203.0.114.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808",
        "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "3ffe:ffff::1",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
        if (!allows("", outside[i]))
            fail_msg("%s is refused", outside[i]);
}

static void what_the_setting_names_is_allowed(void **state)
{
    (void) state;
    assert_true(allows("10.1.0.0/16", "10.1.2.3"));
    assert_true(allows("10.1.0.0/16", "::ffff:10.1.2.3"));
    assert_false(allows("10.1.0.0/16", "10.2.0.1"));
    assert_true(allows("192.0.2.1  10.1.2.3 fd00::/8", "10.1.2.3"));
    assert_false(allows("192.0.2.1 10.1.2.3", "10.1.2.4"));
    assert_true(allows("192.0.2.1 fd00::/8", "fd12::1"));
    assert_true(allows("fd12::1", "fd12::1"));
    assert_false(allows("fd12::1", "fd12::2"));
}

static void plain_http_goes_to_a_loopback_address_that_is_named(void **state)
{
    (void) state;
    assert_true(allows_plain("127.0.0.0/8", "127.0.0.1"));
    assert_true(allows_plain("127.0.0.1", "::ffff:127.0.0.1"));
    assert_true(allows_plain("::1/128", "::1"));
    assert_false(allows_plain("", "127.0.0.1"));
    assert_false(allows_plain("127.0.0.0/8", "::1"));
    assert_false(allows_plain("10.0.0.0/8", "10.0.0.1"));
    assert_false(allows_plain("8.8.8.8", "8.8.8.8"));
}

static void our_own_addresses_are_refused(void **state)
{
    const struct inner_networks *networks = inner_networks_new(arena, "");
    struct ifaddrs *all, *each;

    (void) state;
    assert_int_equal(getifaddrs(&all), 0);
    for (each = all; each != NULL; each = each->ifa_next)
        if (each->ifa_addr != NULL)
            assert_false(inner_networks_allow(networks, each->ifa_addr));
    freeifaddrs(all);
}

static void another_family_is_refused(void **state)
{
    const struct sockaddr_un local = { .sun_family = AF_UNIX, .sun_path = "/run/x" };

    (void) state;
    assert_false(inner_networks_allow(inner_networks_new(arena, "0.0.0.0/1"),
                                      (const struct sockaddr *) (const void *) &local));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(special_networks_are_refused),
        TEST(all_others_are_allowed),
        TEST(what_the_setting_names_is_allowed),
        TEST(plain_http_goes_to_a_loopback_address_that_is_named),
        TEST(our_own_addresses_are_refused),
        TEST(another_family_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
