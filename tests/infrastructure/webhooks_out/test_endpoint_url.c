/* Addresses that somebody wants webhooks to be sent to. Names are looked up in a table of ours. */
#include "infrastructure/webhooks_out/endpoint_url.h"

#include <netdb.h>
#include <string.h>

#include "domain/webhook_endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define LOOPBACK "127.0.0.0/8 ::1/128"

int __real_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **addresses_out);
int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **addresses_out);

static const struct { const char *name, *address; } names[] = {
    { "shop.example", "8.8.8.8" },  { "inside.example", "10.0.0.5" },
    { "localhost", "127.0.0.1" },   { "localhost.", "127.0.0.1" },
    { "xn--bcher-kva.example", "8.8.8.8" },
};

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **addresses_out)
{
    struct addrinfo numeric = *hints;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, node) == 0)
            return __real_getaddrinfo(names[i].address, service, hints, addresses_out);
    numeric.ai_flags = AI_NUMERICHOST;
    return __real_getaddrinfo(node, service, &numeric, addresses_out);
}

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

static const char *fault_of(const char *url, const char *allowed)
{
    return endpoint_url_fault(arena, url, inner_networks_new(arena, allowed));
}

static void assert_good(const char *url, const char *allowed)
{
    const char *fault = fault_of(url, allowed);

    if (fault != NULL)
        fail_msg("%s %s", url, fault);
}

static void assert_fault(const char *url, const char *allowed, const char *expected)
{
    const char *fault = fault_of(url, allowed);

    if (fault == NULL || strstr(fault, expected) == NULL)
        fail_msg("%s: '%s' instead of '%s'", url, fault != NULL ? fault : "no fault", expected);
}

static void https_to_the_world_is_good(void **state)
{
    (void) state;
    assert_good("https://shop.example/webhooks?x=1%20y", "");
    assert_good("https://shop.example", "");
    assert_good("https://shop.example:443/", "");
    assert_good("https://shop.example:8443/a@b", "");
    assert_good("https://8.8.8.8/hook", "");
    assert_good("https://[2606:4700::1111]/hook", "");
    assert_good("https://xn--bcher-kva.example/", "");
    assert_good("https://nobody-knows-this-yet.example/", "");
}

static void the_form_is_checked(void **state)
{
    (void) state;
    assert_fault("http://shop.example/", "", "must be https");
    assert_fault("ftp://shop.example/", "", "must be https");
    assert_fault("file:///etc/passwd", "", "must be");
    assert_fault("shop.example/hook", "", "must be an address");
    assert_fault("//shop.example/hook", "", "must be");
    assert_fault("https:shop.example", "", "must be");
    assert_fault("https://", "", "must be an address");
    assert_fault("", "", "must be an address");
    assert_fault("https://user@shop.example/", "", "user name");
    assert_fault("https://user:secret@shop.example/", "", "user name");
    assert_fault("https://@shop.example/", "", "user name");
    assert_fault("https://shop.example/#part", "", "fragment");
    assert_fault("https://shop.example/#", "", "fragment");
    assert_fault("https://shop.example:80/", "", "port 443");
    assert_fault("https://shop.example:1023/", "", "port 443");
    assert_fault("https://shop.example:0/", "", "port");
    assert_fault("https://shop.example:99999/", "", "must be an address");
    assert_fault("https://b\xc3\xbc" "cher.example/", "", "xn--");
    assert_fault("https://shop.example/a b", "", "ASCII");
    assert_fault("https://shop.example/\r\nX: y", "", "ASCII");
}

static void its_length_is_limited(void **state)
{
    char url[WEBHOOK_URL_MAX + 1] = "https://shop.example/";
    size_t head = strlen(url);

    (void) state;
    memset(url + head, 'a', sizeof(url) - head);
    url[WEBHOOK_URL_MAX - 1] = '\0';
    assert_int_equal(strlen(url), 2048);
    assert_good(url, "");
    url[WEBHOOK_URL_MAX - 1] = 'a';
    url[WEBHOOK_URL_MAX] = '\0';
    assert_fault(url, "", "at most 2048");
}

static void inner_addresses_are_refused_in_every_spelling(void **state)
{
    static const char *const urls[] = {
        "https://127.0.0.1/", "https://localhost/", "https://localhost./", "https://2130706433/",
        "https://0x7f000001/", "https://017700000001/", "https://127.1/", "https://0/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://169.254.169.254/latest",
        "https://inside.example/", "https://%31%32%37.0.0.1/", "https://[fd00::1]:8443/",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        assert_fault(urls[i], "", "inner network");
    assert_fault("https://inside.example/", "", "10.0.0.5");
    assert_good("https://inside.example/", "10.0.0.0/8");
}

static void plain_http_is_for_allowed_loopback_addresses(void **state)
{
    (void) state;
    assert_good("http://127.0.0.1:4000/hook", LOOPBACK);
    assert_good("http://localhost:4000/", LOOPBACK);
    assert_good("http://[::1]:4000/", LOOPBACK);
    assert_fault("http://127.0.0.1:4000/", "", "must be https");
    assert_fault("http://inside.example:4000/", "10.0.0.0/8", "must be https");
    assert_fault("http://shop.example:4000/", LOOPBACK, "must be https");
    assert_fault("http://nobody-knows-this-yet.example:4000/", LOOPBACK, "must be https");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(https_to_the_world_is_good),
        TEST(the_form_is_checked),
        TEST(its_length_is_limited),
        TEST(inner_addresses_are_refused_in_every_spelling),
        TEST(plain_http_is_for_allowed_loopback_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
