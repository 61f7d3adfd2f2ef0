/*
 * Tokens, the good and the bad (PLATFORM.md section 4). Bad ones are signed with the right key
 * wherever the signature is not the point, so that only the one check can refuse them.
 */
#include "infrastructure/auth/token.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "infrastructure/auth/base64url.h"

#define SECRET "a secret of more than thirty-two bytes"
#define NOW_S  1795393860
#define HEADER "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"
#define EXP    "\"exp\":1795394460"
#define CLAIMS "{\"sub\":\"alice\",\"role\":\"user\"," EXP "}"

static const struct token_rules rules = {
    .key = { { SECRET, sizeof(SECRET) - 1 } }, .issuer = "", .audience = "",
};

static int given_an_arena(void **state)
{
    *state = arena_new();
    return 0;
}

static int free_the_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static const char *encode(struct arena *arena, const char *text)
{
    return base64url_encode(arena, bytes_of(text));
}

static const char *sign_with(struct arena *arena, const EVP_MD *digest, const char *key,
                             const char *header, const char *claims)
{
    const char *text = arena_printf(arena, "%s.%s", encode(arena, header), encode(arena, claims));
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    HMAC(digest, key, (int) strlen(key), (const unsigned char *) text, strlen(text), mac, &size);
    return arena_printf(arena, "%s.%s", text,
                        base64url_encode(arena, (struct bytes) { (const char *) mac, size }));
}

static const char *sign(struct arena *arena, const char *header, const char *claims)
{
    return sign_with(arena, EVP_sha256(), SECRET, header, claims);
}

static const struct problem *verify_by(struct arena *arena, const struct token_rules *by,
                                       const char *token, struct actor *actor_out)
{
    struct ctx ctx = { .arena = arena, .now_ms = INT64_C(1000) * NOW_S + 123 };

    return token_verify(&ctx, by, arena_printf(arena, "Bearer %s", token), actor_out);
}

static void expect_refusal(const char *name, const struct problem *problem, const char *cause)
{
    if (problem == OK || problem->type != PROBLEM_UNAUTHORIZED)
        fail_msg("%s: was not refused", name);
    if (cause != NULL && strstr(problem->cause, cause) == NULL)
        fail_msg("%s: refused for '%s' instead of '%s'", name, problem->cause, cause);
}

/* --- Claims and headers -------------------------------------------------------------------- */

static void a_token_whose_claims_are_not_good_is_refused(void **state)
{
    static const struct { const char *claims, *cause; } bad[] = {
        { "{\"sub\":\"alice\",\"exp\":1795393829}", "exp" },            /* 31 s ago */
        { "{\"sub\":\"alice\",\"exp\":1795393830}", "exp" },            /* the leeway is over */
        { "{\"sub\":\"alice\",\"exp\":0}", "exp" },
        { "{\"sub\":\"alice\",\"exp\":-1}", "exp" },
        { "{\"sub\":\"alice\"}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":null}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":\"4000000000\"}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":4000000000.5}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":4e9}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":true}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":99999999999999999999}", "not three parts" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":1795393891}", "nbf" },    /* in 31 s */
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":\"0\"}", "nbf" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":1.5}", "nbf" },
        { "{" EXP "}", "sub" }, { "{\"sub\":\"\"," EXP "}", "sub" },
        { "{\"sub\":7," EXP "}", "sub" }, { "{\"sub\":null," EXP "}", "sub" },
        { "{\"sub\":[\"alice\"]," EXP "}", "sub" }, { "{\"sub\":\"a\\nb\"," EXP "}", "sub" },
        { "{\"sub\":\"a\\u007f\"," EXP "}", "sub" },
        { "{\"sub\":\"a\\u0000b\"," EXP "}", "not three parts" },
        { "{\"sub\":\"alice\",\"sub\":\"bob\"," EXP "}", "not three parts" },
        { "{\"sub\":\"alice\"," EXP "," EXP "}", "not three parts" },
        { "{\"sub\":\"\xff\"," EXP "}", "not three parts" },
        { "[]", "not three parts" }, { "null", "not three parts" }, { "{", "not three parts" },
        { CLAIMS " x", "not three parts" },
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct actor actor = { ROLE_NONE, "untouched" };

        expect_refusal(bad[i].claims, verify_by(*state, &rules, sign(*state, HEADER, bad[i].claims),
                                                &actor), bad[i].cause);
        assert_string_equal(actor.id, "untouched");
    }
}

static void a_subject_may_have_255_bytes_and_no_more(void **state)
{
    char subject[257];
    struct actor actor;

    memset(subject, 'a', sizeof(subject));
    subject[255] = '\0';
    assert_null(verify_by(*state, &rules, sign(*state, HEADER, arena_printf(
        *state, "{\"sub\":\"%s\"," EXP "}", subject)), &actor));
    assert_string_equal(actor.id, subject);
    subject[255] = 'a';
    subject[256] = '\0';
    expect_refusal("256", verify_by(*state, &rules, sign(*state, HEADER, arena_printf(
        *state, "{\"sub\":\"%s\"," EXP "}", subject)), &actor), "sub");
}

static void a_token_with_another_header_is_refused(void **state)
{
    static const struct { const char *header, *cause; } bad[] = {
        { "{\"alg\":\"none\"}", "another algorithm" }, { "{\"alg\":\"None\"}", "another algorithm" },
        { "{\"alg\":\"hs256\"}", "another algorithm" }, { "{\"alg\":\"HS384\"}", "another algorithm" },
        { "{\"alg\":\"HS512\"}", "another algorithm" }, { "{\"alg\":\"RS256\"}", "another algorithm" },
        { "{\"alg\":\"ES256\"}", "another algorithm" }, { "{\"alg\":[\"HS256\"]}", "another algorithm" },
        { "{\"alg\":null}", "another algorithm" }, { "{\"typ\":\"JWT\"}", "another algorithm" },
        { "{}", "another algorithm" },
        { "{\"alg\":\"HS256\",\"alg\":\"none\"}", "not three parts" },
        { "{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", "type" },
        { "{\"alg\":\"HS256\",\"typ\":\"JWE\"}", "type" }, { "{\"alg\":\"HS256\",\"typ\":1}", "type" },
        { "{\"alg\":\"HS256\",\"crit\":[\"exp\"],\"exp\":1}", "critical" },
        { "{\"alg\":\"HS256\",\"crit\":[]}", "critical" },
        { "[]", "not three parts" }, { "{", "not three parts" }, { "\"HS256\"", "not three parts" },
    };
    struct actor actor;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refusal(bad[i].header, verify_by(*state, &rules, sign(*state, bad[i].header, CLAIMS),
                                                &actor), bad[i].cause);
}

static void a_header_may_name_a_key_without_effect(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"HS256\"}", "{\"typ\":\"JWT\",\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",\"kid\":\"../../../dev/null\"}",
        "{\"alg\":\"HS256\",\"kid\":\"' OR 1=1 --\",\"jku\":\"https://evil.example/\"}",
        "{\"alg\":\"HS256\",\"kid\":{\"a\":[1]}}",
    };
    struct actor actor;

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_null(verify_by(*state, &rules, sign(*state, headers[i], CLAIMS), &actor));
}

/* --- Signatures and shapes ----------------------------------------------------------------- */

static void a_signature_by_another_key_or_digest_is_refused(void **state)
{
    static const char public_key[] =
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    struct arena *arena = *state;
    struct actor actor;

    expect_refusal("another key", verify_by(arena, &rules, sign_with(arena, EVP_sha256(),
        "another secret of thirty-two bytes or more", HEADER, CLAIMS), &actor), "signature");
    expect_refusal("no key", verify_by(arena, &rules, sign_with(arena, EVP_sha256(), "", HEADER,
        CLAIMS), &actor), "signature");
    expect_refusal("a public key as secret", verify_by(arena, &rules, sign_with(arena, EVP_sha256(),
        public_key, HEADER, CLAIMS), &actor), "signature");
    expect_refusal("SHA-512", verify_by(arena, &rules, sign_with(arena, EVP_sha512(), SECRET, HEADER,
        CLAIMS), &actor), "signature");
    expect_refusal("a byte behind the signature", verify_by(arena, &rules, arena_printf(arena, "%sA",
        sign(arena, HEADER, CLAIMS)), &actor), "signature");
    expect_refusal("RS256 with the secret", verify_by(arena, &rules, sign(arena,
        "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", CLAIMS), &actor), "another algorithm");
}

static void every_flipped_character_breaks_the_token(void **state)
{
    const char *good = sign(*state, HEADER, CLAIMS);
    struct actor actor;

    for (size_t i = 0; i < strlen(good); i++) {
        char *bad = arena_strdup(*state, good);

        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        expect_refusal(bad, verify_by(*state, &rules, bad, &actor), NULL);
    }
}

static void what_has_not_three_full_parts_is_refused(void **state)
{
    struct arena *arena = *state;
    const char *good = sign(arena, HEADER, CLAIMS);
    const char *header = encode(arena, HEADER), *claims = encode(arena, CLAIMS);
    const char *none = encode(arena, "{\"alg\":\"none\"}");
    const char *const bad[] = {
        "", ".", "..", "...", "a.b.c", header, arena_printf(arena, "%s.", header),
        arena_printf(arena, "%s.%s", header, claims), arena_printf(arena, "%s.%s.", header, claims),
        arena_printf(arena, "%s..%s", header, claims), arena_printf(arena, ".%s", good),
        arena_printf(arena, "%s.", good), arena_printf(arena, "%s.x", good),
        arena_printf(arena, "%s=", good), arena_printf(arena, "%s==", good),
        arena_printf(arena, "%s ", good), arena_printf(arena, "%s x", good),
        arena_printf(arena, "%s\t", good), arena_printf(arena, "%sAA", good),
        arena_printf(arena, "\"%s\"", good), arena_printf(arena, "%s.%s.", none, claims),
        arena_printf(arena, "%s, Bearer x", good),
        arena_printf(arena, "%s+/", good),
    };
    struct actor actor;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refusal(bad[i], verify_by(arena, &rules, bad[i], &actor), "not three parts");
}

static void a_token_of_20_megabytes_is_refused_unread(void **state)
{
    enum { SIZE = 20 * 1024 * 1024 };
    char *token = malloc(SIZE + 1);
    struct ctx ctx = { .arena = *state, .now_ms = INT64_C(1000) * NOW_S };
    struct actor actor;

    memset(token, 'A', SIZE);
    memcpy(token, "Bearer ", 7);
    token[SIZE / 3] = token[SIZE / 2] = '.';
    token[SIZE] = '\0';
    expect_refusal("20 MB", token_verify(&ctx, &rules, token, &actor), "not three parts");
    assert_true(arena_footprint_bytes(*state) < 1024 * 1024);
    free(token);
}

static void a_good_token_may_fill_the_limit_and_no_more(void **state)
{
    char *padding = arena_alloc(*state, TOKEN_SIZE_MAX);
    struct actor actor;
    const char *token = NULL;

    for (int size = 2900; token == NULL || strlen(token) <= TOKEN_SIZE_MAX; size++) {
        if (token != NULL)
            assert_null(verify_by(*state, &rules, token, &actor));
        memset(padding, 'x', (size_t) size);
        token = sign(*state, HEADER, arena_printf(*state, "{\"sub\":\"alice\"," EXP ",\"x\":\"%s\"}",
                                                  padding));
    }
    expect_refusal("just too long", verify_by(*state, &rules, token, &actor), "not three parts");
}

/* --- Schemes, issuer, audience, time ------------------------------------------------------- */

static void other_schemes_are_no_token(void **state)
{
    const char *good = sign(*state, HEADER, CLAIMS);
    const char *const headers[] = { "", "Bearer", "Basic YTpi", good,
                                    arena_printf(*state, "Token %s", good),
                                    arena_printf(*state, "Bearer\t%s", good),
                                    arena_printf(*state, " Bearer %s", good) };
    struct ctx ctx = { .arena = *state, .now_ms = INT64_C(1000) * NOW_S };
    struct actor actor;

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        expect_refusal(headers[i], token_verify(&ctx, &rules, headers[i], &actor), "no token");
        assert_false(token_is_present(headers[i]));
    }
    assert_true(token_is_present("Bearer "));
    assert_null(token_verify(&ctx, &rules, arena_printf(*state, "bEARER   %s", good), &actor));
}

static void issuer_and_audience_count_when_they_are_configured(void **state)
{
    static const struct token_rules strict = {
        .key = { { SECRET, sizeof(SECRET) - 1 } }, .issuer = "shop", .audience = "payapi",
    };
    static const struct { const char *members; bool good; } cases[] = {
        { "\"iss\":\"shop\",\"aud\":\"payapi\"", true },
        { "\"iss\":\"shop\",\"aud\":[\"other\",\"payapi\"]", true },
        { "\"iss\":\"shop\",\"aud\":\"payapi2\"", false }, { "\"iss\":\"shop\",\"aud\":[]", false },
        { "\"iss\":\"shop\",\"aud\":{\"payapi\":1}", false }, { "\"iss\":\"shop\"", false },
        { "\"iss\":\"Shop\",\"aud\":\"payapi\"", false }, { "\"aud\":\"payapi\"", false },
        { "\"iss\":[\"shop\"],\"aud\":\"payapi\"", false }, { "\"iss\":\"\",\"aud\":\"payapi\"", false },
    };
    struct actor actor;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *token = sign(*state, HEADER, arena_printf(*state, "{\"sub\":\"alice\"," EXP ",%s}",
                                                              cases[i].members));
        const struct problem *problem = verify_by(*state, &strict, token, &actor);

        if ((problem == OK) != cases[i].good)
            fail_msg("%s", cases[i].members);
        assert_null(verify_by(*state, &rules, token, &actor));
    }
}

static void clocks_may_differ_by_less_than_thirty_seconds(void **state)
{
    static const char *const good[] = {
        "{\"sub\":\"alice\",\"exp\":1795393831}", "{\"sub\":\"alice\",\"exp\":9223372036854775807}",
        "{\"sub\":\"alice\"," EXP ",\"nbf\":1795393890}",
        "{\"sub\":\"alice\"," EXP ",\"nbf\":-9223372036854775808}",
    };
    struct actor actor;

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (verify_by(*state, &rules, sign(*state, HEADER, good[i]), &actor) != OK)
            fail_msg("%s", good[i]);
}

/* --- Roles --------------------------------------------------------------------------------- */

static void the_highest_known_role_counts(void **state)
{
    static const struct { const char *members; enum role role; } cases[] = {
        { "\"role\":\"user\"", ROLE_USER }, { "\"role\":\"admin\"", ROLE_ADMIN },
        { "\"roles\":[\"user\"]", ROLE_USER }, { "\"roles\":[\"guest\",\"admin\"]", ROLE_ADMIN },
        { "\"roles\":[\"user\",\"admin\",\"user\"]", ROLE_ADMIN },
        { "\"role\":\"user\",\"roles\":[\"admin\"]", ROLE_ADMIN },
        { "\"role\":\"admin\",\"roles\":[\"user\"]", ROLE_ADMIN },
        { "\"role\":\"guest\"", ROLE_NONE }, { "\"role\":\"Admin\"", ROLE_NONE },
        { "\"role\":\"admin \"", ROLE_NONE }, { "\"role\":5", ROLE_NONE },
        { "\"role\":[\"admin\"]", ROLE_NONE }, { "\"roles\":\"admin\"", ROLE_NONE },
        { "\"roles\":{\"admin\":\"admin\"}", ROLE_NONE }, { "\"roles\":[[\"admin\"]]", ROLE_NONE },
        { "\"roles\":[]", ROLE_NONE }, { "\"x\":1", ROLE_NONE },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct actor actor = { ROLE_ADMIN, "" };

        assert_null(verify_by(*state, &rules, sign(*state, HEADER, arena_printf(
            *state, "{\"sub\":\"alice\"," EXP ",%s}", cases[i].members)), &actor));
        if (actor.role != cases[i].role)
            fail_msg("%s", cases[i].members);
        assert_string_equal(actor.id, "alice");
    }
}

/* --- Minting ------------------------------------------------------------------------------- */

static void a_minted_token_is_accepted_by_the_same_rules(void **state)
{
    static const struct token_rules strict = {
        .key = { { SECRET, sizeof(SECRET) - 1 } }, .issuer = "shop", .audience = "payapi",
    };
    const struct token_wish wish = { "alice \"\xc3\xa9\"", ROLE_ADMIN, NOW_S, NOW_S + 60 };
    struct actor actor;

    assert_null(verify_by(*state, &strict, token_mint(*state, &strict, &wish), &actor));
    assert_string_equal(actor.id, "alice \"\xc3\xa9\"");
    assert_int_equal(actor.role, ROLE_ADMIN);
}

static void nothing_is_minted_for_nobody_or_nothing(void **state)
{
    const struct token_wish nobody = { "", ROLE_USER, NOW_S, NOW_S + 60 };
    const struct token_wish control = { "a\nb", ROLE_USER, NOW_S, NOW_S + 60 };
    const struct token_wish nothing = { "alice", ROLE_NONE, NOW_S, NOW_S + 60 };

    assert_null(token_mint(*state, &rules, &nobody));
    assert_null(token_mint(*state, &rules, &control));
    assert_null(token_mint(*state, &rules, &nothing));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_an_arena, free_the_arena)
    const struct CMUnitTest tests[] = {
        TEST(a_token_whose_claims_are_not_good_is_refused),
        TEST(a_subject_may_have_255_bytes_and_no_more),
        TEST(a_token_with_another_header_is_refused),
        TEST(a_header_may_name_a_key_without_effect),
        TEST(a_signature_by_another_key_or_digest_is_refused),
        TEST(every_flipped_character_breaks_the_token),
        TEST(what_has_not_three_full_parts_is_refused),
        TEST(a_token_of_20_megabytes_is_refused_unread),
        TEST(a_good_token_may_fill_the_limit_and_no_more),
        TEST(other_schemes_are_no_token),
        TEST(issuer_and_audience_count_when_they_are_configured),
        TEST(clocks_may_differ_by_less_than_thirty_seconds),
        TEST(the_highest_known_role_counts),
        TEST(a_minted_token_is_accepted_by_the_same_rules),
        TEST(nothing_is_minted_for_nobody_or_nothing),
    };

    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}
