/*
 * Tokens, the good and the bad, with every algorithm. Bad ones are signed with the right key wherever
 * the signature is not the point, so that only the one check can refuse them.
 */
#include "infrastructure/auth/token.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/auth/base64url.h"
#include "signer.h"

#define NOW_S  1795393860
#define HEADER "{\"alg\":\"$\",\"typ\":\"JWT\"}"           /* $: the algorithm of this run */
#define EXP    "\"exp\":1795394460"
#define CLAIMS "{\"sub\":\"alice\",\"role\":\"user\"," EXP "}"

static struct {
    struct arena        *arena;
    enum token_algorithm algorithm;
    struct token_rules   rules;
    int                  refused;               /* of all runs, for the last line */
} given;

static int given_an_issuer(void **state)
{
    given.arena = arena_new();
    given.algorithm = *(const enum token_algorithm *) *state;
    given.rules = (struct token_rules) { signer_key(given.arena, given.algorithm), "", "", 0,
                                         token_memory_new(given.arena) };
    return 0;
}

static int free_the_arena(void **state)
{
    (void) state;
    arena_free(given.arena);
    return 0;
}

static const char *encode(const char *text)
{
    return base64url_encode(given.arena, bytes_of(text));
}

/* The text with the algorithm's name for its $. */
static const char *named(const char *text)
{
    size_t size = strcspn(text, "$");

    if (text[size] == '\0')
        return text;
    return arena_printf(given.arena, "%.*s%s%s", (int) size, text, token_algorithm_name(given.algorithm),
                        named(text + size + 1));
}

static const char *sign(const char *header, const char *claims)
{
    return signer_token(given.arena, given.algorithm, named(header), claims);
}

static const struct problem *verify_at(int64_t now_s, const struct token_rules *by, const char *token,
                                       struct actor *actor_out)
{
    struct ctx ctx = { .arena = given.arena, .now_ms = INT64_C(1000) * now_s + 123 };

    return token_verify(&ctx, by, arena_printf(given.arena, "Bearer %s", token), actor_out);
}

/* Twice: whether or not it is known by then, the same comes out. */
static const struct problem *verify_by(const struct token_rules *by, const char *token,
                                       struct actor *actor_out)
{
    struct actor again = { ROLE_NONE, "", ACTOR_CALLER };
    const struct problem *problem = verify_at(NOW_S, by, token, actor_out);
    const struct problem *repeated = verify_at(NOW_S, by, token, &again);

    assert_true((problem == OK) == (repeated == OK));
    if (problem != OK)
        assert_string_equal(problem->cause, repeated->cause);
    else
        assert_string_equal(actor_out->id, again.id);
    assert_true(problem != OK || actor_out->role == again.role);
    return problem;
}

static void expect_refusal(const char *name, const struct problem *problem, const char *cause)
{
    if (problem == OK || problem->type != PROBLEM_UNAUTHORIZED)
        fail_msg("%s: was not refused", name);
    if (cause != NULL && strstr(problem->cause, cause) == NULL)
        fail_msg("%s: refused for '%s' instead of '%s'", name, problem->cause, cause);
    given.refused++;
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
        { "{\"sub\":\"alice\",\"exp\":1795393829.999}", "exp" },
        { "{\"sub\":\"alice\",\"exp\":1.795393829e9}", "exp" },
        { "{\"sub\":\"alice\",\"exp\":-4000000000.5}", "exp" },
        { "{\"sub\":\"alice\",\"exp\":4000000000e-5}", "exp" },
        { "{\"sub\":\"alice\",\"exp\":\"4000000000.5\"}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":[4000000000]}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":4e99}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":4000000000.}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":.5e10}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":+4000000000}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":04000000000}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":4000000000,5}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":Infinity}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":NaN}", "not three parts" },
        { "{\"sub\":\"alice\",\"exp\":true}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":99999999999999999999}", "exp is missing" },
        { "{\"sub\":\"alice\",\"exp\":9223372036854775808}", "exp is missing" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":1795393891}", "nbf" },    /* in 31 s */
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":\"0\"}", "nbf" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":1795393891.5}", "nbf" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":1e99}", "nbf" },
        { "{\"sub\":\"alice\"," EXP ",\"nbf\":null}", "nbf" },
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

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct actor actor = { ROLE_NONE, "untouched", ACTOR_CALLER };

        expect_refusal(bad[i].claims, verify_by(&given.rules, sign(HEADER, bad[i].claims),
                                                &actor), bad[i].cause);
        assert_string_equal(actor.id, "untouched");
    }
}

static void a_subject_may_have_255_bytes_and_no_more(void **state)
{
    char subject[257];
    struct actor actor;

    (void) state;
    memset(subject, 'a', sizeof(subject));
    subject[255] = '\0';
    assert_null(verify_by(&given.rules, sign(HEADER, arena_printf(
        given.arena, "{\"sub\":\"%s\"," EXP "}", subject)), &actor));
    assert_string_equal(actor.id, subject);
    subject[255] = 'a';
    subject[256] = '\0';
    expect_refusal("256", verify_by(&given.rules, sign(HEADER, arena_printf(
        given.arena, "{\"sub\":\"%s\"," EXP "}", subject)), &actor), "sub");
}

static void a_token_with_another_header_is_refused(void **state)
{
    static const struct { const char *header, *cause; } bad[] = {
        { "{\"alg\":\"none\"}", "another algorithm" }, { "{\"alg\":\"None\"}", "another algorithm" },
        { "{\"alg\":\"NONE\"}", "another algorithm" }, { "{\"alg\":\"\"}", "another algorithm" },
        { "{\"alg\":\"hs256\"}", "another algorithm" }, { "{\"alg\":\"HS384\"}", "another algorithm" },
        { "{\"alg\":\"HS512\"}", "another algorithm" }, { "{\"alg\":\"RS512\"}", "another algorithm" },
        { "{\"alg\":\"PS256\"}", "another algorithm" }, { "{\"alg\":\"ES384\"}", "another algorithm" },
        { "{\"alg\":\"es256\"}", "another algorithm" }, { "{\"alg\":\"eddsa\"}", "another algorithm" },
        { "{\"alg\":\"Ed25519\"}", "another algorithm" }, { "{\"alg\":\"$ \"}", "another algorithm" },
        { "{\"alg\":[\"$\"]}", "another algorithm" }, { "{\"alg\":{\"$\":\"$\"}}", "another algorithm" },
        { "{\"alg\":null}", "another algorithm" }, { "{\"typ\":\"JWT\"}", "another algorithm" },
        { "{\"Alg\":\"$\"}", "another algorithm" }, { "{}", "another algorithm" },
        { "{\"alg\":\"$\",\"alg\":\"none\"}", "not three parts" },
        { "{\"alg\":\"none\",\"alg\":\"$\"}", "not three parts" },
        { "{\"alg\":\"$\",\"al\\u0067\":\"$\"}", "not three parts" },
        { "{\"alg\":\"$\",\"typ\":\"JWE\"}", "type" }, { "{\"alg\":\"$\",\"typ\":1}", "type" },
        { "{\"alg\":\"$\",\"typ\":null}", "type" }, { "{\"alg\":\"$\",\"typ\":\"\"}", "type" },
        { "{\"alg\":\"$\",\"typ\":\"dpop+jwt\"}", "type" },
        { "{\"alg\":\"$\",\"crit\":[\"exp\"],\"exp\":1}", "critical" },
        { "{\"alg\":\"$\",\"crit\":[\"b64\"],\"b64\":false}", "critical" },
        { "{\"alg\":\"$\",\"crit\":[]}", "critical" }, { "{\"alg\":\"$\",\"crit\":null}", "critical" },
        { "[]", "not three parts" }, { "{", "not three parts" }, { "\"$\"", "not three parts" },
        { "{\"alg\":\"$\"} x", "not three parts" }, { "\xef\xbb\xbf{\"alg\":\"$\"}", "not three parts" },
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refusal(bad[i].header, verify_by(&given.rules, sign(bad[i].header, CLAIMS), &actor),
                       bad[i].cause);
}

/* Each algorithm's own tokens, rightly signed, under the rules of each other. */
static void the_configured_algorithm_is_the_only_one(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"HS256\"}", "{\"alg\":\"RS256\"}", "{\"alg\":\"ES256\"}", "{\"alg\":\"EdDSA\"}",
    };
    struct actor actor;

    (void) state;
    for (enum token_algorithm other = TOKEN_HS256; other <= TOKEN_EDDSA; other++) {
        const char *token = signer_token(given.arena, other, headers[other], CLAIMS);

        if (other == given.algorithm)
            assert_null(verify_by(&given.rules, token, &actor));
        else
            expect_refusal(headers[other], verify_by(&given.rules, token, &actor), "another algorithm");
    }
}

/* RFC 9068; libjwt knows it in some versions only, so that HS256 never takes it. */
static void an_access_token_may_say_so_unless_it_is_of_HS256(void **state)
{
    const char *token = sign("{\"alg\":\"$\",\"typ\":\"at+jwt\"}", CLAIMS);
    struct actor actor;

    (void) state;
    if (given.algorithm == TOKEN_HS256)
        expect_refusal("at+jwt", verify_by(&given.rules, token, &actor), "type");
    else
        assert_null(verify_by(&given.rules, token, &actor));
}

static void a_header_may_name_a_key_without_effect(void **state)
{
    static const char *const headers[] = {
        "{\"alg\":\"$\"}", "{\"typ\":\"JWT\",\"alg\":\"$\"}",
        "{\"alg\":\"$\",\"kid\":\"../../../dev/null\"}",
        "{\"alg\":\"$\",\"kid\":\"' OR 1=1 --\",\"jku\":\"https://evil.example/\"}",
        "{\"alg\":\"$\",\"kid\":\"\",\"x5u\":\"file:///etc/passwd\"}",
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_null(verify_by(&given.rules, sign(headers[i], CLAIMS), &actor));
}

/* --- Shapes -------------------------------------------------------------------------------- */

static void every_flipped_character_breaks_the_token(void **state)
{
    const char *good = sign(HEADER, CLAIMS);
    struct actor actor;

    (void) state;
    assert_null(verify_by(&given.rules, good, &actor));
    for (size_t i = 0; i < strlen(good); i++) {
        char *bad = arena_strdup(given.arena, good);

        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        expect_refusal(bad, verify_by(&given.rules, bad, &actor), NULL);
    }
}

static void a_token_may_have_a_longest_life(void **state)
{
    static const struct { const char *times; bool good; } cases[] = {
        { "\"iat\":1795393860,\"exp\":1795397460", true },              /* an hour from now */
        { "\"iat\":1795390861,\"exp\":1795394461", true },
        { "\"iat\":1795393860,\"exp\":1795397461", false },
        { "\"exp\":1795394460", false },                              /* since when? */
        { "\"iat\":\"1795393860\",\"exp\":1795394460", false },
        { "\"iat\":1800000000,\"exp\":1800003600", false },            /* made in the future */
        { "\"iat\":-9000000000000000000,\"exp\":9000000000000000000", false },
        { "\"iat\":9000000000000000000,\"exp\":9000000000000000001", false },
    };
    struct actor actor;
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *token = sign(HEADER, arena_printf(given.arena, "{\"sub\":\"alice\",%s}", cases[i].times));

        given.rules.lifetime_max_s = 3600;
        if ((verify_by(&given.rules, token, &actor) == OK) != cases[i].good)
            fail_msg("%s", cases[i].times);
    }
    given.rules.lifetime_max_s = 0;
    assert_null(verify_by(&given.rules, sign(HEADER, CLAIMS), &actor));
}

static void what_has_not_three_full_parts_is_refused(void **state)
{
    struct arena *arena = given.arena;
    const char *good = sign(HEADER, CLAIMS);
    const char *header = encode(named(HEADER)), *claims = encode(CLAIMS);
    const char *none = encode("{\"alg\":\"none\"}");
    const char *const bad[] = {
        "", ".", "..", "...", "a.b.c", header, arena_printf(arena, "%s.", header),
        arena_printf(arena, "%s.%s", header, claims), arena_printf(arena, "%s.%s.", header, claims),
        arena_printf(arena, "%s..%s", header, claims), arena_printf(arena, ".%s", good),
        arena_printf(arena, "%s.", good), arena_printf(arena, "%s.x", good),
        arena_printf(arena, "%s=", good), arena_printf(arena, "%s==", good),
        arena_printf(arena, "%s ", good), arena_printf(arena, "%s x", good),
        arena_printf(arena, "%s\t", good), arena_printf(arena, "%s\n", good),
        arena_printf(arena, "\"%s\"", good), arena_printf(arena, "%s.%s.", none, claims),
        arena_printf(arena, "%s, Bearer x", good),
        arena_printf(arena, "%s+/", good),
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        expect_refusal(bad[i], verify_by(&given.rules, bad[i], &actor), "not three parts");
}

static void a_token_of_20_megabytes_is_refused_unread(void **state)
{
    enum { SIZE = 20 * 1024 * 1024 };
    char *token = malloc(SIZE + 1);
    struct ctx ctx = { .arena = given.arena, .now_ms = INT64_C(1000) * NOW_S };
    struct actor actor;

    (void) state;
    memset(token, 'A', SIZE);
    memcpy(token, "Bearer ", 7);
    token[SIZE / 3] = token[SIZE / 2] = '.';
    token[SIZE] = '\0';
    expect_refusal("20 MB", token_verify(&ctx, &given.rules, token, &actor), "longer");
    assert_true(arena_footprint_bytes(given.arena) < 1024 * 1024);
    free(token);
}

static void a_good_token_may_fill_the_limit_and_no_more(void **state)
{
    char *padding = arena_alloc(given.arena, TOKEN_SIZE_MAX);
    struct actor actor;
    const char *token = NULL;

    (void) state;
    for (int size = 2600; token == NULL || strlen(token) <= TOKEN_SIZE_MAX; size++) {
        if (token != NULL)
            assert_null(verify_by(&given.rules, token, &actor));
        memset(padding, 'x', (size_t) size);
        token = sign(HEADER, arena_printf(given.arena, "{\"sub\":\"alice\"," EXP ",\"x\":\"%s\"}",
                                          padding));
    }
    expect_refusal("just too long", verify_by(&given.rules, token, &actor), "longer");
}

/* --- Schemes, issuer, audience, time ------------------------------------------------------- */

static void other_schemes_are_no_token(void **state)
{
    const char *good = sign(HEADER, CLAIMS);
    const char *const headers[] = { "", "Bearer", "Basic YTpi", good,
                                    arena_printf(given.arena, "Token %s", good),
                                    arena_printf(given.arena, "Bearer\t%s", good),
                                    arena_printf(given.arena, " Bearer %s", good) };
    struct ctx ctx = { .arena = given.arena, .now_ms = INT64_C(1000) * NOW_S };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        expect_refusal(headers[i], token_verify(&ctx, &given.rules, headers[i], &actor), "no token");
        assert_false(token_is_present(headers[i]));
    }
    assert_true(token_is_present("Bearer "));
    assert_null(token_verify(&ctx, &given.rules, arena_printf(given.arena, "bEARER   %s", good), &actor));
}

static void issuer_and_audience_count_when_they_are_configured(void **state)
{
    const struct token_rules strict = { given.rules.key, "shop", "payapi", 0, token_memory_new(given.arena) };
    static const struct { const char *members; bool good; } cases[] = {
        { "\"iss\":\"shop\",\"aud\":\"payapi\"", true },
        { "\"iss\":\"shop\",\"aud\":[\"other\",\"payapi\"]", true },
        { "\"iss\":\"shop\",\"aud\":\"payapi2\"", false }, { "\"iss\":\"shop\",\"aud\":[]", false },
        { "\"iss\":\"shop\",\"aud\":{\"payapi\":1}", false }, { "\"iss\":\"shop\"", false },
        { "\"iss\":\"Shop\",\"aud\":\"payapi\"", false }, { "\"aud\":\"payapi\"", false },
        { "\"iss\":[\"shop\"],\"aud\":\"payapi\"", false }, { "\"iss\":\"\",\"aud\":\"payapi\"", false },
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *token = sign(HEADER, arena_printf(given.arena, "{\"sub\":\"alice\"," EXP ",%s}",
                                                      cases[i].members));
        const struct problem *problem = verify_by(&strict, token, &actor);

        if ((problem == OK) != cases[i].good)
            fail_msg("%s", cases[i].members);
        assert_null(verify_by(&given.rules, token, &actor));
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

    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (verify_by(&given.rules, sign(HEADER, good[i]), &actor) != OK)
            fail_msg("%s", good[i]);
}

/* RFC 7519 section 2; the first three are as an issuer wrote them, later than our clock. */
static void times_may_have_fractions_and_exponents(void **state)
{
    static const char *const good[] = {
        "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1999999999.5}",
        "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1999999999,\"nbf\":1700000000.25}",
        "{\"sub\":\"alice\",\"role\":\"user\",\"exp\":1900000000.0}",
        "{\"sub\":\"alice\",\"exp\":4e9}", "{\"sub\":\"alice\",\"exp\":1.9E+9}",
        "{\"sub\":\"alice\",\"exp\":19000000000000e-4,\"nbf\":17.0e8,\"iat\":1700000000.25}",
        "{\"sub\":\"alice\",\"exp\":1795393831.0,\"nbf\":1795393890.999,\"iat\":1e400}",
        "{\"sub\":\"alice\"," EXP ",\"auth_time\":1700000000.25,\"nbf\":-0.5}",
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (verify_by(&given.rules, sign(HEADER, good[i]), &actor) != OK)
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
        { "\"role\":\"shop\"", ROLE_SHOP }, { "\"roles\":[\"shop\",\"user\"]", ROLE_SHOP },
        { "\"role\":\"Shop\"", ROLE_NONE }, { "\"roles\":[\"shop\",\"admin\"]", ROLE_ADMIN },
        { "\"role\":\"guest\"", ROLE_NONE }, { "\"role\":\"Admin\"", ROLE_NONE },
        { "\"role\":\"admin \"", ROLE_NONE }, { "\"role\":5", ROLE_NONE },
        { "\"role\":[\"admin\"]", ROLE_NONE }, { "\"roles\":\"admin\"", ROLE_NONE },
        { "\"roles\":{\"admin\":\"admin\"}", ROLE_NONE }, { "\"roles\":[[\"admin\"]]", ROLE_NONE },
        { "\"roles\":[]", ROLE_NONE }, { "\"x\":1", ROLE_NONE },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct actor actor = { ROLE_ADMIN, "", ACTOR_CALLER };

        assert_null(verify_by(&given.rules, sign(HEADER, arena_printf(
            given.arena, "{\"sub\":\"alice\"," EXP ",%s}", cases[i].members)), &actor));
        if (actor.role != cases[i].role)
            fail_msg("%s", cases[i].members);
        assert_string_equal(actor.id, "alice");
    }
}

/* --- Tokens that are known ----------------------------------------------------------------- */

static bool is_known(const char *token)
{
    const struct bytes text = bytes_of(token);
    struct known_token known;

    return token_memory_find(given.rules.memory, digest_of(&text, 1), &known);
}

static void a_known_token_begins_and_ends_all_the_same(void **state)
{
    const char *token = sign(HEADER, "{\"sub\":\"alice\",\"nbf\":1795393860," EXP "}");
    static const struct { int64_t now_s; const char *fault; } moments[] = {
        { NOW_S, NULL }, { NOW_S - 30, NULL }, { NOW_S - 31, "nbf" }, { NOW_S + 629, NULL },
        { NOW_S + 630, "exp" }, { NOW_S + 100000, "exp" }, { 0, "nbf" }, { NOW_S, NULL },
    };
    struct actor actor;

    (void) state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
        const struct problem *problem = verify_at(moments[i].now_s, &given.rules, token, &actor);

        if (moments[i].fault == NULL)
            assert_null(problem);
        else
            expect_refusal("at another time", problem, moments[i].fault);
        assert_true(is_known(token));
    }
}

/* First seen when it is no good, it is good later. */
static void a_token_from_tomorrow_is_good_tomorrow(void **state)
{
    const char *token = sign(HEADER, "{\"sub\":\"alice\",\"nbf\":1795394000," EXP "}");
    struct actor actor;

    (void) state;
    expect_refusal("too early", verify_at(NOW_S, &given.rules, token, &actor), "nbf");
    assert_null(verify_at(NOW_S + 140, &given.rules, token, &actor));
}

static void each_of_many_tokens_is_of_its_owner(void **state)
{
    const char *tokens[TOKEN_MEMORY_SLOTS + 100];
    const int count = sizeof(tokens) / sizeof(tokens[0]);
    struct actor actor;

    (void) state;
    for (int i = 0; i < count; i++)
        tokens[i] = sign(HEADER, arena_printf(given.arena, "{\"sub\":\"user %d\",\"role\":\"%s\"," EXP "}", i,
                                              i % 2 == 0 ? "user" : "admin"));
    for (int i = 0; i < 2 * count; i++) {
        assert_null(verify_by(&given.rules, tokens[i % count], &actor));
        assert_string_equal(actor.id, arena_printf(given.arena, "user %d", i % count));
        assert_int_equal(actor.role, i % count % 2 == 0 ? ROLE_USER : ROLE_ADMIN);
    }
}

static void a_token_is_known_by_all_of_its_digest(void **state)
{
    struct token_memory *memory = given.rules.memory;
    const struct known_token known = { ROLE_ADMIN, 1, 2, "alice" };
    struct digest digest = { { 7 } };
    struct known_token found;

    (void) state;
    assert_false(token_memory_find(memory, (struct digest) { { 0 } }, &found));
    token_memory_keep(memory, digest, &known);
    assert_true(token_memory_find(memory, digest, &found));
    assert_string_equal(found.subject, "alice");
    for (int i = 0; i < DIGEST_BYTES; i++) {
        digest.bytes[i] ^= 1;
        assert_false(token_memory_find(memory, digest, &found));
        digest.bytes[i] ^= 1;
    }
}

/* --- Minting ------------------------------------------------------------------------------- */

static void a_minted_token_is_accepted_by_the_same_rules(void **state)
{
    const struct token_rules strict = { given.rules.key, "shop", "payapi", 0, token_memory_new(given.arena) };
    const struct token_wish wish = { "alice \"\xc3\xa9\"", ROLE_ADMIN, NOW_S, NOW_S + 60 };
    struct actor actor;

    (void) state;
    assert_null(verify_by(&strict, token_mint(given.arena, &strict, &wish), &actor));
    assert_string_equal(actor.id, "alice \"\xc3\xa9\"");
    assert_int_equal(actor.role, ROLE_ADMIN);
}

static void nothing_is_minted_for_nobody_or_nothing(void **state)
{
    const struct token_wish nobody = { "", ROLE_USER, NOW_S, NOW_S + 60 };
    const struct token_wish control = { "a\nb", ROLE_USER, NOW_S, NOW_S + 60 };
    const struct token_wish nothing = { "alice", ROLE_NONE, NOW_S, NOW_S + 60 };

    (void) state;
    assert_null(token_mint(given.arena, &given.rules, &nobody));
    assert_null(token_mint(given.arena, &given.rules, &control));
    assert_null(token_mint(given.arena, &given.rules, &nothing));
}

/* --- Every test with every algorithm -------------------------------------------------------- */

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
#define EACH(test) WITH(HS256, test), WITH(RS256, test), WITH(ES256, test), WITH(EDDSA, test)
    const struct CMUnitTest tests[] = {
        EACH(a_token_whose_claims_are_not_good_is_refused),
        EACH(a_subject_may_have_255_bytes_and_no_more),
        EACH(a_token_with_another_header_is_refused),
        EACH(the_configured_algorithm_is_the_only_one),
        EACH(an_access_token_may_say_so_unless_it_is_of_HS256),
        EACH(a_header_may_name_a_key_without_effect),
        EACH(every_flipped_character_breaks_the_token),
        EACH(a_token_may_have_a_longest_life),
        EACH(what_has_not_three_full_parts_is_refused),
        EACH(a_token_of_20_megabytes_is_refused_unread),
        EACH(a_good_token_may_fill_the_limit_and_no_more),
        EACH(other_schemes_are_no_token),
        EACH(issuer_and_audience_count_when_they_are_configured),
        EACH(clocks_may_differ_by_less_than_thirty_seconds),
        EACH(times_may_have_fractions_and_exponents),
        EACH(the_highest_known_role_counts),
        EACH(a_known_token_begins_and_ends_all_the_same),
        EACH(a_token_from_tomorrow_is_good_tomorrow),
        EACH(each_of_many_tokens_is_of_its_owner),
        WITH(HS256, a_token_is_known_by_all_of_its_digest),
        WITH(HS256, a_minted_token_is_accepted_by_the_same_rules),
        WITH(HS256, nothing_is_minted_for_nobody_or_nothing),
    };

    return cmocka_run_group_tests_name("token", tests, NULL, tell_how_many);
}
