/* Codes as OpenSSL's one-call HMAC makes them, whatever key came before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "infrastructure/hmac.h"

static void assert_code(enum hmac_hash hash, const EVP_MD *digest, struct bytes key, const char *text)
{
    unsigned char made[HMAC_BYTES_MAX], expected[EVP_MAX_MD_SIZE];
    unsigned int expected_size;

    assert_non_null(HMAC(digest, key.data, (int) key.size, (const unsigned char *) text, strlen(text), expected,
                         &expected_size));
    assert_int_equal(hmac(hash, key, bytes_of(text), made), expected_size);
    assert_memory_equal(made, expected, expected_size);
}

static void a_key_is_no_other_key(void **state)
{
    static const size_t sizes[] = { 32, 32, 33, 32, 0, 32, 1, 127, 128, 128, 129, 129, 128, 4096, 0, 0 };
    static char keys[2][4096];
    (void) state;

    memset(keys[0], 'a', sizeof(keys[0]));
    memset(keys[1], 'a', sizeof(keys[1]));
    keys[1][0] = 'b';
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (int k = 0; k < 4; k++) {
            struct bytes key = { keys[k & 1], sizes[i] };

            assert_code(HASH_SHA256, EVP_sha256(), key, "one text");
            assert_code(HASH_SHA256, EVP_sha256(), key, "");
            assert_code(HASH_SHA512, EVP_sha512(), key, "another text");
        }
}

/* Its secret may be wiped, and another be written in its place. */
static void the_same_memory_is_not_the_same_key(void **state)
{
    char key[] = "before";
    (void) state;

    assert_code(HASH_SHA256, EVP_sha256(), bytes_of(key), "text");
    memcpy(key, "behind", sizeof(key));
    assert_code(HASH_SHA256, EVP_sha256(), bytes_of(key), "text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_no_other_key),
        cmocka_unit_test(the_same_memory_is_not_the_same_key),
    };

    return cmocka_run_group_tests_name("hmac", tests, NULL, NULL);
}
