#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

#define S1_BODY "{\"id\":\"evt_test_webhook\",\"object\":\"event\"}"
#define S1_MAC  "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
#define S1_ROLLED_MAC "c85ef793136340d142d7462318f930f7e6cea12fb974ce1466bde10f47a050b9"
#define S1_TIME INT64_C(1700000000)

static const struct provider *given_stripe_with_secret(const char *secret)
{
    const struct provider_config settings = { .secret_keys = { { FIXTURE_SECRET_KEY }, 1 },
                                              .webhook_secrets = { { secret }, 1 } };

    return given_stripe_with(settings);
}

static bool accepts_at(int64_t now_ms, const struct provider *provider, const char *header,
                       struct bytes body)
{
    struct ctx *ctx = given_a_ctx();

    ctx->now_ms = now_ms;
    return provider->verify_webhook(ctx, provider, header, body) == SIGNATURE_FITS;
}

static bool accepts(const char *header)
{
    return accepts_at((S1_TIME + 10) * 1000, given_stripe(), header, bytes_of(S1_BODY));
}

/* --- The vectors --------------------------------------------------------------------------- */

static const char *text_of(const json_t *vector, const char *member)
{
    return json_string_value(json_object_get(vector, member));
}

/* "either" is our own choice: a time beyond 300 s ahead is refused. */
static void assert_verdict(const json_t *vector)
{
    const bool wanted = strcmp(text_of(vector, "expect"), "accept") == 0;
    const struct bytes body = bytes_of(text_of(vector, "body"));
    const int64_t now_s = json_integer_value(json_object_get(vector, "now"));

    assert_int_equal(body.size, json_integer_value(json_object_get(vector, "body_bytes")));
    if (accepts_at(now_s * 1000, given_stripe_with_secret(text_of(vector, "secret")),
                   text_of(vector, "header"), body) != wanted)
        fail_msg("%s", text_of(vector, "name"));
}

static void every_vector_gets_the_verdict_of_the_official_sdk(void **state)
{
    const json_t *vectors = json_object_get(given_json("webhook-vectors.json"), "stripe");
    size_t i;
    json_t *vector;
    (void) state;

    assert_int_equal(json_array_size(vectors), 21);
    json_array_foreach(vectors, i, vector)
        assert_verdict(vector);
}

/* --- One bit ------------------------------------------------------------------------------- */

static const json_t *given_utf8_vector(void)
{
    const json_t *vectors = json_object_get(given_json("webhook-vectors.json"), "stripe");

    return json_array_get(vectors, 2);
}

/* How many of the single-bit changes of text are accepted. Changes text, and puts it back. */
static int accepted_changes(struct ctx *ctx, const struct provider *provider, char *text,
                            size_t size, const char *header, struct bytes body)
{
    int accepted = 0;

    for (size_t bit = 0; bit < size * 8; bit++) {
        text[bit / 8] ^= (char) (1 << bit % 8);
        accepted += provider->verify_webhook(ctx, provider, header, body) == SIGNATURE_FITS ? 1 : 0;
        text[bit / 8] ^= (char) (1 << bit % 8);
    }
    return accepted;
}

static void no_single_bit_of_the_body_may_change(void **state)
{
    const json_t *vector = given_utf8_vector();
    const struct provider *provider = given_stripe_with_secret(text_of(vector, "secret"));
    struct ctx *ctx = given_a_ctx();
    char *body = arena_strdup(ctx->arena, text_of(vector, "body"));
    (void) state;

    assert_int_equal(accepted_changes(ctx, provider, body, strlen(body), text_of(vector, "header"),
                                      bytes_of(body)), 0);
    assert_int_equal(provider->verify_webhook(ctx, provider, text_of(vector, "header"), bytes_of(body)),
                     SIGNATURE_FITS);
}

static void no_single_bit_of_the_signature_or_the_time_may_change(void **state)
{
    const json_t *vector = given_utf8_vector();
    const struct provider *provider = given_stripe_with_secret(text_of(vector, "secret"));
    struct ctx *ctx = given_a_ctx();
    char *header = arena_strdup(ctx->arena, text_of(vector, "header"));
    (void) state;

    assert_int_equal(accepted_changes(ctx, provider, header, strlen(header), header,
                                      bytes_of(text_of(vector, "body"))), 0);
}

static void no_cut_or_longer_body_fits(void **state)
{
    const struct provider *provider = given_stripe();
    const char *header = "t=1700000000,v1=" S1_MAC;
    (void) state;

    for (size_t size = 0; size < strlen(S1_BODY); size++)
        assert_false(accepts_at(S1_TIME * 1000, provider, header,
                                (struct bytes) { S1_BODY, size }));
    assert_false(accepts_at(S1_TIME * 1000, provider, header,
                            (struct bytes) { S1_BODY, sizeof(S1_BODY) }));
}

/* --- Time ---------------------------------------------------------------------------------- */

static void three_hundred_seconds_pass_either_way_and_one_more_does_not(void **state)
{
    const struct provider *provider = given_stripe();
    const char *header = "t=1700000000,v1=" S1_MAC;
    const struct bytes body = bytes_of(S1_BODY);
    (void) state;

    assert_true(accepts_at((S1_TIME + 300) * 1000, provider, header, body));
    assert_false(accepts_at((S1_TIME + 301) * 1000, provider, header, body));
    assert_true(accepts_at((S1_TIME - 300) * 1000, provider, header, body));
    assert_false(accepts_at((S1_TIME - 301) * 1000, provider, header, body));
}

static void a_time_that_is_no_plain_number_is_refused(void **state)
{
    static const char *const times[] = {
        "", "abc", "-1700000000", "+1700000000", " 1700000000", "1700000000 ", "1.7e9",
        "0x6553f100", "17000000000000000000000000000", "9999999999999",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        assert_false(accepts(given_text("t=%s,v1=" S1_MAC, times[i]).data));
}

static void a_second_time_is_refused(void **state)
{
    (void) state;

    assert_false(accepts("t=1700000000,t=1700000000,v1=" S1_MAC));
    assert_false(accepts("t=1,v1=" S1_MAC ",t=1700000000"));
}

/* --- The header ---------------------------------------------------------------------------- */

static void blanks_and_other_writings_are_refused(void **state)
{
    static const char *const headers[] = {
        "", ",", ",,,,", "t", "=", "t=1700000000", "v1=" S1_MAC,
        "t=1700000000, v1=" S1_MAC, " t=1700000000,v1=" S1_MAC, "t=1700000000;v1=" S1_MAC,
        "t=1700000000,v1=" S1_MAC "0", "t=1700000000,v1= " S1_MAC, "t=1700000000,v1=",
        "T=1700000000,V1=" S1_MAC, "t=1700000000,v1:" S1_MAC, "t=1700000000,v10=" S1_MAC,
        "t=1700000000,v0=" S1_MAC, "t=1700000000,v2=" S1_MAC, "t=1700000000,v1=\"" S1_MAC "\"",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        assert_false(accepts(headers[i]));
    assert_true(accepts("t=1700000000,v1=" S1_MAC));
    assert_true(accepts("t=1700000000,,v1=" S1_MAC ","));
}

static void a_missing_header_is_refused(void **state)
{
    (void) state;

    assert_false(accepts(NULL));
}

static void a_long_header_is_read_to_its_end(void **state)
{
    struct ctx *ctx = given_a_ctx();
    char *padding = arena_alloc(ctx->arena, 65536);
    (void) state;

    memset(padding, ',', 65535);
    assert_true(accepts(given_text("t=1700000000%s,v1=" S1_MAC, padding).data));
}

/* --- Secrets ------------------------------------------------------------------------------- */

static void any_of_three_secrets_may_have_signed(void **state)
{
    const struct provider_config settings = {
        .secret_keys = { { FIXTURE_SECRET_KEY }, 1 },
        .webhook_secrets = { { "whsec_newest", "whsec_6YkqLwU0xN3bT9pV1sZ7cQ",
                               "whsec_test_secret" }, 3 },
    };
    const struct provider *provider = given_stripe_with(settings);
    const struct bytes body = bytes_of(S1_BODY);
    (void) state;

    assert_true(accepts_at(S1_TIME * 1000, provider, "t=1700000000,v1=" S1_MAC, body));
    assert_true(accepts_at(S1_TIME * 1000, provider, "t=1700000000,v1=" S1_ROLLED_MAC, body));
    assert_false(accepts_at(S1_TIME * 1000, given_stripe(), "t=1700000000,v1=" S1_ROLLED_MAC,
                            body));
}

static void the_secret_key_of_the_api_is_no_webhook_secret(void **state)
{
    const struct provider_config settings = { .secret_keys = { { "sk_test_0123456789abcdef" }, 1 },
                                              .webhook_secrets = { { "whsec_test_secret" }, 1 } };
    /* HMAC-SHA256 of S1, made with that key by openssl dgst. */
    const char *header = "t=1700000000,v1="
                         "0b6d67ac56bd7ae079f514643d4caab0adf49eb5cb5b1697133d420751c4e0f3";
    (void) state;

    assert_false(accepts_at(S1_TIME * 1000, given_stripe_with(settings), header,
                            bytes_of(S1_BODY)));
}

static void each_refusal_has_its_cause(void **state)
{
    static const struct { const char *header; enum signature_verdict verdict; } cases[] = {
        { "",                         SIGNATURE_ABSENT },
        { "v1=" S1_MAC,               SIGNATURE_MALFORMED },
        { "t=1,v1=" S1_MAC,           SIGNATURE_STALE },
        { "t=1767225610,v1=" S1_MAC,  SIGNATURE_WRONG },
    };
    const struct provider *provider = given_stripe();
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(provider->verify_webhook(given_a_ctx(), provider, cases[i].header,
                                                  bytes_of(S1_BODY)), cases[i].verdict);
}

#define CASE(name) cmocka_unit_test_setup(name, fixture_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_vector_gets_the_verdict_of_the_official_sdk),
        CASE(no_single_bit_of_the_body_may_change),
        CASE(no_single_bit_of_the_signature_or_the_time_may_change),
        CASE(no_cut_or_longer_body_fits),
        CASE(three_hundred_seconds_pass_either_way_and_one_more_does_not),
        CASE(a_time_that_is_no_plain_number_is_refused),
        CASE(a_second_time_is_refused),
        CASE(blanks_and_other_writings_are_refused),
        CASE(a_missing_header_is_refused),
        CASE(a_long_header_is_read_to_its_end),
        CASE(any_of_three_secrets_may_have_signed),
        CASE(the_secret_key_of_the_api_is_no_webhook_secret),
        CASE(each_refusal_has_its_cause),
    };

    return cmocka_run_group_tests_name("stripe_signature", tests, fixture_set_up,
                                       fixture_tear_down);
}
