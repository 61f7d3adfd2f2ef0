/* Secrets of endpoints and signatures; Python's hmac computed what is expected. */
#include "infrastructure/webhooks_out/webhook_secrets.h"

#include <string.h>

#include "infrastructure/hkdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define MASTER   "a master secret of forty bytes, for tests"
#define SECRET_1 "whsec_VhwXGDGvIzcuDlISCTTb7B+U+XwTrBsUIzR05OhzL6I="
#define SECRET_2 "whsec_FmLpmAJPGg4Ea0QIarZPUr/vHJX5OgG6XXPDXG3aTLA="
#define SIGNED_1 "v1,1x/dkflw4+dOYnK5QB27vXvX4k1bCe1f9UWzTf96FPg="
#define SIGNED_2 "v1,OnMwuXDGLiX+G8mEAdZ+8U5RY8LWwTcuTc45zhcxIp4="
#define EVENT    "evt_01HZX3V9QK7T2W9XH4VBN1RCDE"
#define AT_S     1795393860

static const struct webhook_endpoint_id endpoint = { "wep_01HZX3V9QK7T2W9XH4VBN1RCDE" };
static struct arena *arena;
static const struct webhook_secrets *secrets;

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    secrets = webhook_secrets_new(arena, MASTER);
    return secrets != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

/* RFC 5869 appendix A.3: no salt; its info is empty, and 32 of its 42 bytes are compared. */
static void hkdf_is_that_of_the_rfc(void **state)
{
    static const unsigned char expected[] = {
        0x8d, 0xa4, 0xe7, 0x75, 0xa5, 0x63, 0xc1, 0x8f, 0x71, 0x5f, 0x80, 0x2a, 0x06, 0x3c, 0x5a, 0x31,
        0xb8, 0xa1, 0x1f, 0x5c, 0x5e, 0xe1, 0x87, 0x9e, 0xc3, 0x45, 0x4e, 0x5f, 0x3c, 0x73, 0x8d, 0x2d,
    };
    char secret[22];
    unsigned char key[HKDF_KEY_BYTES];

    (void) state;
    memset(secret, 0x0b, sizeof(secret));
    hkdf((struct bytes) { secret, sizeof(secret) }, "", key);
    assert_memory_equal(key, expected, sizeof(expected));
}

static void each_generation_has_a_secret_of_its_own(void **state)
{
    (void) state;
    assert_string_equal(webhook_secret_print(secrets, arena, endpoint, 1), SECRET_1);
    assert_string_equal(webhook_secret_print(secrets, arena, endpoint, 2), SECRET_2);
}

static void without_a_master_there_are_none(void **state)
{
    (void) state;
    assert_null(webhook_secrets_new(arena, ""));
}

static void the_newest_generation_signs_first(void **state)
{
    const struct bytes body = bytes_of("{\"id\":\"evt_1\"}");

    (void) state;
    assert_string_equal(webhook_signatures(secrets, arena, endpoint, 1, 1, EVENT, AT_S, body),
                        SIGNED_1);
    assert_string_equal(webhook_signatures(secrets, arena, endpoint, 2, 1, EVENT, AT_S, body),
                        SIGNED_2 " " SIGNED_1);
    assert_string_equal(webhook_signatures(secrets, arena, endpoint, 2, 2, EVENT, AT_S, body),
                        SIGNED_2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(hkdf_is_that_of_the_rfc),
        TEST(each_generation_has_a_secret_of_its_own),
        TEST(without_a_master_there_are_none),
        TEST(the_newest_generation_signs_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
