/* Signatures and the keys that tokens name: only the issuer's own key, over these very bytes, counts. */
#include "infrastructure/auth/token_signature.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/auth/key_file.h"
#include "signer.h"

#define NOW_S  1795393860
#define CLAIMS "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1795394460}"

static struct {
    struct arena        *arena;
    enum token_algorithm algorithm;
    struct token_rules   rules;
    const char          *header;                /* {"alg":...} */
    const char          *content;               /* header and claims, to be signed */
    int                  refused;               /* of all runs, for the last line */
} given;

static int given_an_issuer(void **state)
{
    given.arena = arena_new();
    given.algorithm = *(const enum token_algorithm *) *state;
    given.rules = (struct token_rules) { signer_key(given.arena, given.algorithm), "", "", 0, NULL };
    given.header = arena_printf(given.arena, "{\"alg\":\"%s\"}", token_algorithm_name(given.algorithm));
    given.content = signer_content(given.arena, given.header, CLAIMS);
    return 0;
}

static int free_the_arena(void **state)
{
    (void) state;
    arena_free(given.arena);
    return 0;
}

static const struct problem *verify(const char *token)
{
    struct ctx ctx = { .arena = given.arena, .now_ms = INT64_C(1000) * NOW_S };
    struct actor actor;

    return token_verify(&ctx, &given.rules, arena_printf(given.arena, "Bearer %s", token), &actor);
}

static void expect_refusal(const char *name, const char *token, const char *cause)
{
    const struct problem *problem = verify(token);

    if (problem == OK || problem->type != PROBLEM_UNAUTHORIZED)
        fail_msg("%s: was not refused", name);
    if (strstr(problem->cause, cause) == NULL)
        fail_msg("%s: refused for '%s' instead of '%s'", name, problem->cause, cause);
    if (ERR_peek_error() != 0)
        fail_msg("%s: left an error behind for others to find", name);
    given.refused++;
}

/* The content with these bytes as its signature. */
static void expect_misfit(const char *name, struct bytes signature)
{
    expect_refusal(name, signer_join(given.arena, given.content, signature), "signature does not fit");
}

static struct bytes good_signature(void)
{
    return signer_sign(given.arena, given.algorithm, signer_pair(given.algorithm), given.content);
}

/* --- Who signed ---------------------------------------------------------------------------- */

static void a_signature_by_another_key_is_refused(void **state)
{
    struct bytes secret = bytes_of("another secret of thirty-two bytes or more");

    (void) state;
    assert_null(verify(signer_join(given.arena, given.content, good_signature())));
    if (given.algorithm == TOKEN_HS256) {
        expect_misfit("another secret", signer_hmac(given.arena, EVP_sha256(), secret, given.content));
        expect_misfit("no secret", signer_hmac(given.arena, EVP_sha256(), bytes_of(""), given.content));
    } else {
        expect_misfit("another pair", signer_sign(given.arena, given.algorithm,
                                                  signer_foreign_pair(given.algorithm), given.content));
    }
}

/* The old trick: a public key is no secret, so that everybody can use it as one. */
static void a_public_key_is_no_secret(void **state)
{
    EVP_PKEY *pair = signer_pair(given.algorithm == TOKEN_HS256 ? TOKEN_RS256 : given.algorithm);
    const char *pem = signer_pem(given.arena, pair), *jwk = signer_jwk(given.arena, pair, "");
    const struct bytes secrets[] = {
        bytes_of(pem), { pem, strlen(pem) - 1 }, bytes_of(jwk), bytes_of(""), bytes_of("\n"),
    };
    const char *hs256 = signer_content(given.arena, "{\"alg\":\"HS256\"}", CLAIMS);

    (void) state;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        struct bytes mac = signer_hmac(given.arena, EVP_sha256(), secrets[i], hs256);

        expect_misfit("HMAC", signer_hmac(given.arena, EVP_sha256(), secrets[i], given.content));
        expect_refusal("HS256", signer_join(given.arena, hs256, mac),
                       given.algorithm == TOKEN_HS256 ? "does not fit" : "another algorithm");
    }
}

/* A token that brings its own key proves only that its maker has one. */
static void a_key_inside_the_token_is_not_used(void **state)
{
    enum token_algorithm algorithm = given.algorithm == TOKEN_HS256 ? TOKEN_RS256 : given.algorithm;
    EVP_PKEY *foreign = signer_foreign_pair(algorithm);
    const char *headers[] = {
        arena_printf(given.arena, "{\"alg\":\"%s\",\"jwk\":%s}", token_algorithm_name(given.algorithm),
                     signer_jwk(given.arena, foreign, "")),
        arena_printf(given.arena, "{\"alg\":\"%s\",\"jku\":\"https://evil.example/jwks.json\"}",
                     token_algorithm_name(given.algorithm)),
        arena_printf(given.arena, "{\"alg\":\"%s\",\"x5c\":[\"MIIB\"]}",
                     token_algorithm_name(given.algorithm)),
    };

    (void) state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        const char *content = signer_content(given.arena, headers[i], CLAIMS);

        expect_refusal(headers[i], signer_join(given.arena, content, signer_sign(
            given.arena, algorithm, foreign, content)), "does not fit");
    }
}

/* --- What was signed ----------------------------------------------------------------------- */

static void a_signature_belongs_to_its_content(void **state)
{
    static const char *const others[] = {
        "{\"sub\":\"alice\",\"role\":\"admin\",\"exp\":1795394460}",
        "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1795394460} ",
        "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1895394460}",
    };

    (void) state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        expect_refusal(others[i], signer_join(given.arena, signer_content(
            given.arena, given.header, others[i]), good_signature()), "does not fit");
}

static void the_digest_belongs_to_the_algorithm(void **state)
{
    const EVP_MD *const digests[] = { EVP_sha1(), EVP_sha384(), EVP_sha512(), EVP_sha3_256() };
    EVP_PKEY *pair = signer_pair(given.algorithm);

    (void) state;
    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
        switch (given.algorithm) {
        case TOKEN_HS256:
            expect_misfit("HMAC", signer_hmac(given.arena, digests[i], bytes_of(SIGNER_SECRET),
                                              given.content));
            break;
        case TOKEN_RS256:
            expect_misfit("RSA", signer_digest_sign(given.arena, digests[i], pair, given.content));
            break;
        case TOKEN_ES256:
            expect_misfit("ECDSA", signer_raw_pair(given.arena, signer_digest_sign(
                given.arena, digests[i], pair, given.content)));
            break;
        case TOKEN_EDDSA:                       /* the digest, signed: Ed25519 signs the text */
            expect_misfit("Ed25519", signer_digest_sign(given.arena, NULL, pair, arena_printf(
                given.arena, "%s%zu", given.content, i)));
            break;
        }
}

/* --- The shape of a signature -------------------------------------------------------------- */

static void a_signature_has_exactly_its_bytes(void **state)
{
    const struct bytes good = good_signature();
    char *longer = arena_alloc(given.arena, good.size + 2);
    char *twice = arena_alloc(given.arena, 2 * good.size);
    const size_t lengths[] = { 1, 2, good.size / 2, good.size - 2, good.size - 1 };

    (void) state;
    memcpy(longer + 1, good.data, good.size);
    memcpy(twice, good.data, good.size);
    memcpy(twice + good.size, good.data, good.size);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        expect_misfit("only the beginning", (struct bytes) { good.data, lengths[i] });
        expect_misfit("only the end", (struct bytes) { good.data + good.size - lengths[i], lengths[i] });
    }
    expect_misfit("a zero byte before", (struct bytes) { longer, good.size + 1 });
    expect_misfit("a zero byte behind", (struct bytes) { longer + 1, good.size + 1 });
    expect_misfit("a zero byte at each end", (struct bytes) { longer, good.size + 2 });
    expect_misfit("twice", (struct bytes) { twice, 2 * good.size });
    expect_refusal("none", arena_printf(given.arena, "%s.", given.content), "not three parts");
}

static void a_signature_of_one_repeated_byte_is_refused(void **state)
{
    static const size_t sizes[] = { 1, 20, 32, 48, 63, 64, 65, 70, 96, 128, 255, 256, 257, 512, 2000 };
    static const unsigned char fillings[] = { 0x00, 0x01, 0x30, 0x7f, 0xff };
    char filled[2000];

    (void) state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t j = 0; j < sizeof(fillings); j++) {
            memset(filled, fillings[j], sizeof(filled));
            expect_misfit("filled", (struct bytes) { filled, sizes[i] });
        }
}

/* --- What is particular to one algorithm --------------------------------------------------- */

static void ES256_wants_two_numbers_side_by_side_and_in_range(void **state)
{
    static const char order[] =                 /* of P-256: SEC 2 section 2.4.2 */
        "\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff"
        "\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
    const struct bytes good = good_signature();
    char bad[64];

    (void) state;
    expect_misfit("DER", signer_digest_sign(given.arena, EVP_sha256(), signer_pair(TOKEN_ES256),
                                            given.content));
    memcpy(bad, good.data, 64);
    memset(bad, 0, 32);
    expect_misfit("r = 0", (struct bytes) { bad, 64 });
    memcpy(bad, order, 32);
    expect_misfit("r = n", (struct bytes) { bad, 64 });
    memcpy(bad, good.data, 64);
    memset(bad + 32, 0, 32);
    expect_misfit("s = 0", (struct bytes) { bad, 64 });
    memcpy(bad + 32, order, 32);
    expect_misfit("s = n", (struct bytes) { bad, 64 });
    memcpy(bad, good.data + 32, 32);
    memcpy(bad + 32, good.data, 32);
    expect_misfit("s and r", (struct bytes) { bad, 64 });
}

static void ES256_is_not_signed_on_another_curve(void **state)
{
    static const char *const curves[] = { "secp256k1", "P-384", "P-521", "brainpoolP256r1" };

    (void) state;
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curves[i]);
        struct bytes der = signer_digest_sign(given.arena, EVP_sha256(), pair, given.content);

        expect_misfit(curves[i], i == 0 || i == 3 ? signer_raw_pair(given.arena, der) : der);
        EVP_PKEY_free(pair);
    }
}

static void RS256_is_not_signed_with_PSS(void **state)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    unsigned char signature[256];
    size_t size = sizeof(signature);

    (void) state;
    assert_int_equal(EVP_DigestSignInit(context, &options, EVP_sha256(), NULL,
                                        signer_pair(TOKEN_RS256)), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_DigestSign(context, signature, &size, (const unsigned char *) given.content,
                                    strlen(given.content)), 1);
    EVP_MD_CTX_free(context);
    expect_misfit("PSS", (struct bytes) { (char *) signature, size });
}

/* s and s + L verify alike in careless code (RFC 8032 section 8.4). */
static void EdDSA_takes_no_second_form_of_a_signature(void **state)
{
    static const unsigned char order[32] = {    /* L, least significant byte first */
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
        [31] = 0x10,
    };
    unsigned char bad[64];
    unsigned carry = 0;

    (void) state;
    memcpy(bad, good_signature().data, 64);
    for (int i = 0; i < 32; i++) {
        carry += bad[32 + i] + order[i];
        bad[32 + i] = (unsigned char) carry;
        carry >>= 8;
    }
    expect_misfit("s + L", (struct bytes) { (char *) bad, 64 });
}

/* --- Which key ----------------------------------------------------------------------------- */

static void given_a_set_of_keys(const char *text)
{
    struct public_keys *keys = arena_alloc(given.arena, sizeof(*keys));
    const char *complaint = "";

    if (!key_file_read(given.arena, given.algorithm, bytes_of(text), keys, &complaint))
        fail_msg("%s", complaint);
    given.rules.key.public_keys = keys;
}

static const char *jwk(EVP_PKEY *pair, const char *kid)
{
    return signer_jwk(given.arena, pair, arena_printf(given.arena, ",\"kid\":\"%s\"", kid));
}

/* A good token by that key whose header has kid, a piece of JSON. */
static const char *token_with(EVP_PKEY *pair, const char *kid)
{
    const char *content = signer_content(given.arena, arena_printf(
        given.arena, "{\"alg\":\"%s\",\"kid\":%s}", token_algorithm_name(given.algorithm), kid), CLAIMS);

    return signer_join(given.arena, content, signer_sign(given.arena, given.algorithm, pair, content));
}

static const char *const strange_kids[] = {
    "\"c\"", "\"\"", "\"A\"", "\"a \"", "\" a\"", "\"a\\u0001\"", "\"../../../../dev/null\"", "\"/dev/null\"",
    "\"file:///dev/null\"", "\"a/../a\"", "\"a,b\"", "\"0\"", "\"-1\"", "\"key 1\"", "\"%61\"",
    "\"' UNION SELECT 'x'; --\"", "\"$(id)\"", "\"|/bin/true\"", "\"\xc3\xa1\"",
};
static const char *const kids_that_are_no_text[] = {
    "1", "0", "null", "true", "1.5", "[\"a\"]", "[]", "{}", "{\"a\":\"a\"}",
};

static void kid_chooses_among_the_configured_keys_alone(void **state)
{
    EVP_PKEY *a = signer_pair(given.algorithm), *b = signer_foreign_pair(given.algorithm);

    (void) state;
    given_a_set_of_keys(arena_printf(given.arena, "{\"keys\":[%s,%s]}", jwk(a, "a"), jwk(b, "b")));
    assert_null(verify(token_with(a, "\"a\"")));
    assert_null(verify(token_with(b, "\"b\"")));
    assert_null(verify(token_with(b, "\"\\u0062\"")));
    expect_refusal("the other's name", token_with(a, "\"b\""), "does not fit");
    expect_refusal("the other's name", token_with(b, "\"a\""), "does not fit");
    expect_refusal("no name", signer_join(given.arena, given.content, good_signature()), "no key");
    for (size_t i = 0; i < sizeof(strange_kids) / sizeof(strange_kids[0]); i++)
        expect_refusal(strange_kids[i], token_with(a, strange_kids[i]), "no key has its kid");
    for (size_t i = 0; i < sizeof(kids_that_are_no_text) / sizeof(kids_that_are_no_text[0]); i++)
        expect_refusal(kids_that_are_no_text[i], token_with(a, kids_that_are_no_text[i]), "kid that is no");
    expect_refusal("two names", token_with(a, "\"a\",\"kid\":\"b\""), "not three parts");
    expect_refusal("a NUL", token_with(a, "\"a\\u0000\""), "not three parts");
}

static void a_key_that_is_alone_need_not_be_named(void **state)
{
    EVP_PKEY *a = signer_pair(given.algorithm);

    (void) state;
    given_a_set_of_keys(arena_printf(given.arena, "{\"keys\":[%s]}", jwk(a, "a")));
    assert_null(verify(signer_join(given.arena, given.content, good_signature())));
    assert_null(verify(token_with(a, "\"a\"")));
    expect_refusal("another name", token_with(a, "\"b\""), "no key has its kid");
    given_a_set_of_keys(arena_printf(given.arena, "{\"keys\":[%s]}", signer_jwk(given.arena, a, "")));
    assert_null(verify(token_with(a, "\"any\"")));
    expect_refusal("no text", token_with(a, "7"), "kid that is not a text");
}

/* --- All together -------------------------------------------------------------------------- */

static enum token_algorithm algorithms[] = { TOKEN_HS256, TOKEN_RS256, TOKEN_ES256, TOKEN_EDDSA };

static int tell_how_many(void **state)
{
    (void) state;
    print_message("# %d bad tokens were refused\n", given.refused);
    return 0;
}

int main(void)
{
#define WITH(algorithm, test) { #test " (" #algorithm ")", test, given_an_issuer, free_the_arena, \
                                &algorithms[TOKEN_##algorithm] }
#define EACH_PUBLIC(test) WITH(RS256, test), WITH(ES256, test), WITH(EDDSA, test)
#define EACH(test) WITH(HS256, test), EACH_PUBLIC(test)
    const struct CMUnitTest tests[] = {
        EACH(a_signature_by_another_key_is_refused),
        EACH(a_public_key_is_no_secret),
        EACH(a_key_inside_the_token_is_not_used),
        EACH(a_signature_belongs_to_its_content),
        EACH(the_digest_belongs_to_the_algorithm),
        EACH(a_signature_has_exactly_its_bytes),
        EACH(a_signature_of_one_repeated_byte_is_refused),
        WITH(ES256, ES256_wants_two_numbers_side_by_side_and_in_range),
        WITH(ES256, ES256_is_not_signed_on_another_curve),
        WITH(RS256, RS256_is_not_signed_with_PSS),
        WITH(EDDSA, EdDSA_takes_no_second_form_of_a_signature),
        EACH_PUBLIC(kid_chooses_among_the_configured_keys_alone),
        EACH_PUBLIC(a_key_that_is_alone_need_not_be_named),
    };

    return cmocka_run_group_tests_name("token_signature", tests, NULL, tell_how_many);
}
