/* Files of public keys: what is a key for an algorithm, and what stops the start. */
#include "infrastructure/auth/key_file.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "signer.h"

static struct {
    struct arena      *arena;
    struct public_keys keys;
    const char        *complaint;
} given;

static int given_an_arena(void **state)
{
    (void) state;
    memset(&given, 0, sizeof(given));
    given.arena = arena_new();
    return 0;
}

static int free_the_arena(void **state)
{
    (void) state;
    arena_free(given.arena);
    return 0;
}

static bool take(enum token_algorithm algorithm, const char *text)
{
    return key_file_read(given.arena, algorithm, bytes_of(text), &given.keys, &given.complaint);
}

static void expect_complaint(enum token_algorithm algorithm, const char *text, const char *words)
{
    if (take(algorithm, text))
        fail_msg("was taken: %s", text);
    if (strstr(given.complaint, words) == NULL)
        fail_msg("'%s' instead of '%s': %s", given.complaint, words, text);
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(given.keys.count, 0);
}

static const char *set_of(const char *keys)
{
    return arena_printf(given.arena, "{\"keys\":[%s]}", keys);
}

static const char *jwk(enum token_algorithm algorithm, const char *more)
{
    return signer_jwk(given.arena, signer_pair(algorithm), more);
}

static const enum token_algorithm all[] = { TOKEN_RS256, TOKEN_ES256, TOKEN_EDDSA };

/* --- Good files ---------------------------------------------------------------------------- */

static void a_key_is_the_same_in_pem_and_in_a_set(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_true(take(all[i], signer_pem(given.arena, signer_pair(all[i]))));
        assert_int_equal(given.keys.count, 1);
        assert_null(given.keys.items[0].kid);
        assert_int_equal(EVP_PKEY_eq(given.keys.items[0].pkey, signer_pair(all[i])), 1);
        assert_true(take(all[i], set_of(jwk(all[i], ""))));
        assert_int_equal(given.keys.count, 1);
        assert_int_equal(EVP_PKEY_eq(given.keys.items[0].pkey, signer_pair(all[i])), 1);
    }
}

static void a_set_may_say_what_its_keys_are_for(void **state)
{
    static const char *const members[] = {
        "", ",\"use\":\"sig\"", ",\"key_ops\":[\"verify\"]", ",\"key_ops\":[\"sign\",\"verify\"]",
        ",\"x5c\":[\"not looked at\"],\"x5t\":7,\"exp\":1,\"ext\":true",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (size_t j = 0; j < sizeof(members) / sizeof(members[0]); j++)
            assert_true(take(all[i], set_of(jwk(all[i], members[j]))));
        assert_true(take(all[i], set_of(jwk(all[i], arena_printf(
            given.arena, ",\"alg\":\"%s\"", token_algorithm_name(all[i]))))));
        assert_true(take(all[i], arena_printf(given.arena, "\n\t {\"keys\" : [ %s ], \"more\": {}}\n",
                                              jwk(all[i], ""))));
    }
}

static void sixteen_keys_fit_and_no_more(void **state)
{
    const char *keys = jwk(TOKEN_EDDSA, ",\"kid\":\"0\"");

    (void) state;
    for (int i = 1; i < PUBLIC_KEYS_MAX; i++)
        keys = arena_printf(given.arena, "%s,%s", keys, jwk(TOKEN_EDDSA, arena_printf(
            given.arena, ",\"kid\":\"%d\"", i)));
    assert_true(take(TOKEN_EDDSA, set_of(keys)));
    assert_int_equal(given.keys.count, PUBLIC_KEYS_MAX);
    for (int i = 0; i < PUBLIC_KEYS_MAX; i++)
        assert_ptr_equal(public_keys_find(&given.keys, arena_printf(given.arena, "%d", i)),
                         &given.keys.items[i]);
    assert_null(public_keys_find(&given.keys, "16"));
    assert_null(public_keys_find(&given.keys, NULL));
    given.keys.count = 0;
    expect_complaint(TOKEN_EDDSA, set_of(arena_printf(given.arena, "%s,%s", keys, jwk(
        TOKEN_EDDSA, ",\"kid\":\"16\""))), "more than 16 keys");
}

/* --- The algorithm decides ----------------------------------------------------------------- */

static void a_key_of_another_kind_is_refused(void **state)
{
    static const char *const words[] = { [TOKEN_RS256] = "not an RSA key", [TOKEN_ES256] = "not a key on P-256",
                                         [TOKEN_EDDSA] = "not an Ed25519 key" };

    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        for (size_t j = 0; j < sizeof(all) / sizeof(all[0]); j++) {
            if (i == j)
                continue;
            expect_complaint(all[i], signer_pem(given.arena, signer_pair(all[j])), words[all[i]]);
            expect_complaint(all[i], set_of(jwk(all[j], "")), "key 1 has a different kty");
        }
}

static void expect_pem_complaint(enum token_algorithm algorithm, EVP_PKEY *pair, const char *words)
{
    assert_non_null(pair);
    expect_complaint(algorithm, signer_pem(given.arena, pair), words);
    EVP_PKEY_free(pair);
}

static void weak_and_foreign_keys_are_refused(void **state)
{
    EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2040);

    (void) state;
    expect_complaint(TOKEN_RS256, set_of(signer_jwk(given.arena, weak, "")), "fewer than 2048");
    expect_pem_complaint(TOKEN_RS256, weak, "fewer than 2048");
    expect_pem_complaint(TOKEN_RS256, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 1024), "fewer than 2048");
    expect_pem_complaint(TOKEN_ES256, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"), "not a key on P-256");
    expect_pem_complaint(TOKEN_ES256, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1"), "not a key on P-256");
    expect_pem_complaint(TOKEN_EDDSA, EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "not an Ed25519 key");
    expect_pem_complaint(TOKEN_EDDSA, EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "not an Ed25519 key");
}

/* --- PEM ----------------------------------------------------------------------------------- */

static const char *private_pem(EVP_PKEY *pair)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    const char *pem;
    long size;

    PEM_write_bio_PKCS8PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL);
    size = BIO_get_mem_data(bio, &data);
    pem = arena_bytes_dup(given.arena, (struct bytes) { data, (size_t) size });
    BIO_free(bio);
    return pem;
}

static void a_pem_file_holds_one_public_key_and_nothing_else(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *pem = signer_pem(given.arena, signer_pair(all[i]));
        const char *secret = private_pem(signer_pair(all[i]));

        expect_complaint(all[i], secret, "private key");
        expect_complaint(all[i], arena_printf(given.arena, "%s%s", pem, secret), "private key");
        expect_complaint(all[i], arena_printf(given.arena, "%s%s", pem, signer_pem(
            given.arena, signer_foreign_pair(all[i]))), "several keys");
        expect_complaint(all[i], arena_printf(given.arena, "%.*s", (int) strlen(pem) / 2, pem), "neither");
        expect_complaint(all[i], "", "neither");
        expect_complaint(all[i], "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA a@b", "neither");
        expect_complaint(all[i], "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "neither");
        expect_complaint(all[i], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                         "neither");
    }
}

/* --- JWK Set ------------------------------------------------------------------------------- */

static void what_is_no_set_of_keys_is_refused(void **state)
{
    static const char *const bad[] = {
        "{}", "{", "{\"keys\":[]}", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":\"\"}", "{\"Keys\":[{}]}",
        "{\"keys\":[],\"keys\":[{}]}", "{\"keys\":[{}]} x", "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"EC\"}]}",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (size_t j = 0; j < sizeof(bad) / sizeof(bad[0]); j++)
            expect_complaint(all[i], bad[j], "not a JWK Set");
        expect_complaint(all[i], jwk(all[i], ""), "not a JWK Set");
        expect_complaint(all[i], "[]", "neither");
    }
}

static void a_key_in_a_set_that_is_not_as_it_should_be_is_named(void **state)
{
    static const struct { const char *more, *words; } bad[] = {
        { ",\"use\":\"enc\"", "not meant for signatures" }, { ",\"use\":1", "not meant" },
        { ",\"use\":null", "not meant" }, { ",\"use\":[\"sig\"]", "not meant" },
        { ",\"key_ops\":[]", "not meant" }, { ",\"key_ops\":[\"sign\"]", "not meant" },
        { ",\"key_ops\":\"verify\"", "not meant" }, { ",\"key_ops\":[\"encrypt\",7]", "not meant" },
        { ",\"alg\":\"HS256\"", "different alg" }, { ",\"alg\":\"RS512\"", "different alg" },
        { ",\"alg\":\"none\"", "different alg" }, { ",\"alg\":null", "different alg" },
        { ",\"kid\":\"\"", "kid that is not a text" }, { ",\"kid\":7", "kid that is not a text" },
        { ",\"kid\":null", "kid that is not a text" },
        { ",\"d\":\"AA\"", "private" }, { ",\"d\":null", "private" }, { ",\"p\":\"AA\"", "private" },
        { ",\"q\":\"AA\"", "private" }, { ",\"dp\":\"AA\"", "private" }, { ",\"dq\":\"AA\"", "private" },
        { ",\"qi\":\"AA\"", "private" }, { ",\"oth\":[]", "private" }, { ",\"k\":\"AA\"", "private" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        for (size_t j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
            const char *wrong = jwk(all[i], bad[j].more);

            expect_complaint(all[i], set_of(wrong), bad[j].words);
            assert_non_null(strstr(given.complaint, "key 1 "));
            expect_complaint(all[i], set_of(arena_printf(given.arena, "%s,%s", jwk(
                all[i], ",\"kid\":\"good\""), wrong)), bad[j].words);
            assert_non_null(strstr(given.complaint, "key 2 "));
        }
}

static void a_name_has_255_bytes_at_most(void **state)
{
    char kid[257];

    (void) state;
    memset(kid, 'k', sizeof(kid));
    kid[255] = '\0';
    assert_true(take(TOKEN_EDDSA, set_of(jwk(TOKEN_EDDSA, arena_printf(given.arena, ",\"kid\":\"%s\"", kid)))));
    given.keys.count = 0;
    kid[255] = 'k';
    kid[256] = '\0';
    expect_complaint(TOKEN_EDDSA, set_of(jwk(TOKEN_EDDSA, arena_printf(
        given.arena, ",\"kid\":\"%s\"", kid))), "kid that is not a text");
}

static void several_keys_have_a_name_each_and_no_two_the_same(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        const char *a = jwk(all[i], ",\"kid\":\"a\""), *none = jwk(all[i], "");
        const char *b = signer_jwk(given.arena, signer_foreign_pair(all[i]), ",\"kid\":\"a\"");

        expect_complaint(all[i], set_of(arena_printf(given.arena, "%s,%s", a, b)),
                         "key 2 has the kid of another key");
        expect_complaint(all[i], set_of(arena_printf(given.arena, "%s,%s", a, none)),
                         "key 2 has no kid");
        expect_complaint(all[i], set_of(arena_printf(given.arena, "%s,%s", none, a)),
                         "key 1 has no kid");
        expect_complaint(all[i], set_of(arena_printf(given.arena, "%s,7", a)),
                         "key 2 is not a JSON object");
    }
}

#define ZEROS_31 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ZEROS_32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ZEROS_33 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void numbers_that_make_no_key_are_refused(void **state)
{
    static const struct { enum token_algorithm algorithm; const char *jwk, *words; } bad[] = {
        { TOKEN_RS256, "{\"kty\":\"RSA\"}", "lacks a part" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"n\":\"AQAB\"}", "lacks a part" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "lacks a part" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", "lacks a part" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "fewer than 2048" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"n\":\"AQ==\",\"e\":\"AQAB\"}", "lacks a part" },
        { TOKEN_RS256, "{\"kty\":\"RSA\",\"n\":7,\"e\":3}", "lacks a part" },
        { TOKEN_ES256, "{\"kty\":\"EC\"}", "lacks a part" },
        { TOKEN_ES256, "{\"kty\":\"EC\",\"crv\":\"P-256\"}", "lacks a part" },
        { TOKEN_ES256, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ZEROS_32 "\"}", "lacks a part" },
        { TOKEN_ES256, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" ZEROS_32 "\",\"y\":\"" ZEROS_32 "\"}",
          "lacks a part" },                     /* not on the curve */
        { TOKEN_EDDSA, "{\"kty\":\"OKP\"}", "lacks a part" },
        { TOKEN_EDDSA, "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ZEROS_32 "\"}", "lacks a part" },
        { TOKEN_EDDSA, "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ZEROS_32 "\"}", "lacks a part" },
        { TOKEN_EDDSA, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ZEROS_31 "\"}", "lacks a part" },
        { TOKEN_EDDSA, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ZEROS_33 "\"}", "lacks a part" },
        { TOKEN_EDDSA, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"+/\"}", "lacks a part" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_complaint(bad[i].algorithm, set_of(bad[i].jwk), bad[i].words);
}

/* With e = 1 anybody's number is a signature; an even modulus has known factors. */
static void an_rsa_key_that_anybody_can_sign_for_is_refused(void **state)
{
    char modulus[343];

    (void) state;
    memset(modulus, '_', sizeof(modulus) - 1);
    modulus[342] = '\0';
    modulus[341] = 'w';                         /* 256 bytes of ones */
    expect_complaint(TOKEN_RS256, set_of(arena_printf(
        given.arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", modulus)), "not valid");
    modulus[340] = '-';
    modulus[341] = 'A';                         /* ... but the last bit */
    expect_complaint(TOKEN_RS256, set_of(arena_printf(
        given.arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", modulus)), "not valid");
    for (const char *const *e = (const char *const[]) { "AQ", "Ag", "AA", NULL }; *e != NULL; e++) {
        const char *good = jwk(TOKEN_RS256, "");
        const char *exponent = strstr(good, "\"e\":");

        expect_complaint(TOKEN_RS256, set_of(arena_printf(
            given.arena, "%.*s\"e\":\"%s\"}", (int) (exponent - good), good, *e)), "not valid");
    }
}

/* --- The settings -------------------------------------------------------------------------- */

static char folder[] = "/tmp/payapi-keys-XXXXXX";

static const char *given_a_file(const char *text)
{
    const char *path = arena_printf(given.arena, "%s/key", folder);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void expect_error(struct config config, const char *words)
{
    struct config_report report = { 0 };
    struct token_key key;

    assert_false(token_key_load(given.arena, &config, &key, &report));
    if (strstr(report.error, words) != report.error)
        fail_msg("'%s' instead of '%s'", report.error, words);
    assert_null(strchr(report.error, '\n'));
}

static void the_settings_name_one_algorithm_and_its_key(void **state)
{
    struct config config = { .jwt_algorithm = "HS256", .jwt_secret = SIGNER_SECRET,
                             .jwt_public_key_file = "" };
    struct config_report report = { 0 };
    struct token_key key;

    (void) state;
    assert_true(token_key_load(given.arena, &config, &key, &report));
    assert_int_equal(key.algorithm, TOKEN_HS256);
    assert_true(bytes_equal(key.hs256_secret, bytes_of(SIGNER_SECRET)));
    assert_null(key.public_keys);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        config.jwt_algorithm = token_algorithm_name(all[i]);
        config.jwt_public_key_file = given_a_file(signer_pem(given.arena, signer_pair(all[i])));
        assert_true(token_key_load(given.arena, &config, &key, &report));
        assert_int_equal(key.algorithm, all[i]);
        assert_int_equal(key.hs256_secret.size, 0);
        assert_int_equal(key.public_keys->count, 1);
    }
}

static void a_wrong_setting_is_named(void **state)
{
    const char *pem = given_a_file(signer_pem(given.arena, signer_pair(TOKEN_ES256)));

    (void) state;
    expect_error((struct config) { .jwt_algorithm = "RS512", .jwt_secret = "", .jwt_public_key_file = "" },
                 "JWT_ALGORITHM must be HS256, RS256, ES256 or EdDSA, not 'RS512'");
    expect_error((struct config) { .jwt_algorithm = "none", .jwt_secret = "", .jwt_public_key_file = "" },
                 "JWT_ALGORITHM must be");
    expect_error((struct config) { .jwt_algorithm = "eddsa", .jwt_secret = "", .jwt_public_key_file = pem },
                 "JWT_ALGORITHM must be");
    expect_error((struct config) { .jwt_algorithm = "HS256", .jwt_secret = "", .jwt_public_key_file = "" },
                 "JWT_SECRET is missing");
    expect_error((struct config) { .jwt_algorithm = "HS256", .jwt_secret = SIGNER_SECRET,
                                   .jwt_public_key_file = pem },
                 "JWT_PUBLIC_KEY_FILE is set, but JWT_ALGORITHM is HS256");
    expect_error((struct config) { .jwt_algorithm = "ES256", .jwt_secret = SIGNER_SECRET,
                                   .jwt_public_key_file = "" }, "JWT_PUBLIC_KEY_FILE is missing");
    expect_error((struct config) { .jwt_algorithm = "ES256", .jwt_secret = "",
                                   .jwt_public_key_file = "/nowhere" },
                 "JWT_PUBLIC_KEY_FILE: /nowhere cannot be opened");
    expect_error((struct config) { .jwt_algorithm = "RS256", .jwt_secret = "", .jwt_public_key_file = pem },
                 arena_printf(given.arena, "JWT_PUBLIC_KEY_FILE: %s is not an RSA key", pem));
}

static int make_the_folder(void **state)
{
    (void) state;
    return mkdtemp(folder) == NULL;
}

static int remove_the_folder(void **state)
{
    char path[64];

    (void) state;
    snprintf(path, sizeof(path), "%s/key", folder);
    return unlink(path) != 0 || rmdir(folder) != 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_an_arena, free_the_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_key_is_the_same_in_pem_and_in_a_set),
        TEST(a_set_may_say_what_its_keys_are_for),
        TEST(sixteen_keys_fit_and_no_more),
        TEST(a_key_of_another_kind_is_refused),
        TEST(weak_and_foreign_keys_are_refused),
        TEST(a_pem_file_holds_one_public_key_and_nothing_else),
        TEST(what_is_no_set_of_keys_is_refused),
        TEST(a_key_in_a_set_that_is_not_as_it_should_be_is_named),
        TEST(a_name_has_255_bytes_at_most),
        TEST(several_keys_have_a_name_each_and_no_two_the_same),
        TEST(numbers_that_make_no_key_are_refused),
        TEST(an_rsa_key_that_anybody_can_sign_for_is_refused),
        TEST(the_settings_name_one_algorithm_and_its_key),
        TEST(a_wrong_setting_is_named),
    };

    return cmocka_run_group_tests_name("public_keys", tests, make_the_folder, remove_the_folder);
}
