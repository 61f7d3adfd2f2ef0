#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/providers/adapters.h"

#define WHOLE { .secret_keys = { { "sk_test_1" }, 1 }, .webhook_secrets = { { "whsec_1" }, 1 }, \
                .base_url = "https://api.stripe.com", .api_version = "2026-10-28.endive" }

/* NULL when the settings are taken. */
static const char *complaint_about(const struct provider_config *settings)
{
    const char *complaint = "not written";
    struct provider *provider = stripe_new(settings, &complaint);

    if (provider == NULL)
        assert_ptr_equal(strstr(complaint, "STRIPE_"), complaint);     /* names the setting */
    else
        assert_null(complaint);
    stripe_free(provider);
    return complaint;
}

static void whole_settings_are_taken(void **state)
{
    const struct provider_config settings = WHOLE;
    (void) state;

    assert_null(complaint_about(&settings));
}

static bool livemode_of(const char *secret_key)
{
    struct provider_config settings = WHOLE;
    const char *complaint;
    struct provider *provider;
    bool livemode;

    settings.secret_keys.items[0] = secret_key;
    provider = stripe_new(&settings, &complaint);
    assert_non_null(provider);
    assert_string_equal(provider->name, "stripe");
    livemode = provider->livemode;
    stripe_free(provider);
    return livemode;
}

static void the_key_says_the_mode(void **state)
{
    (void) state;

    assert_true(livemode_of("sk_live_1"));
    assert_true(livemode_of("rk_live_1"));
    assert_false(livemode_of("sk_test_1"));
    assert_false(livemode_of("rk_test_1"));
}

static void what_is_no_secret_key_is_refused(void **state)
{
    static const char *const keys[] = {
        NULL, "", "sk_", "pk_test_1", "pk_live_1", "SK_TEST_1", "whsec_1", " sk_test_1",
        "sk_test_1 ", "sk_test_1\r\nX-Evil: 1", "sk_test_\xc3\xa9",
    };
    struct provider_config settings = WHOLE;
    (void) state;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        settings.secret_keys.items[0] = keys[i];
        assert_non_null(complaint_about(&settings));
    }
}

/* With an empty secret anybody could sign. Who takes no webhooks has none. */
static void a_webhook_secret_must_not_be_empty(void **state)
{
    struct provider_config settings = WHOLE;
    (void) state;

    settings.webhook_secrets.items[0] = "";
    assert_non_null(complaint_about(&settings));
    settings.webhook_secrets.items[0] = "whsec_1";
    settings.webhook_secrets.count = 2;
    settings.webhook_secrets.items[1] = " whsec_2";
    assert_non_null(complaint_about(&settings));
}

static void three_webhook_secrets_are_taken_and_four_refused(void **state)
{
    struct provider_config settings = WHOLE;
    (void) state;

    settings.webhook_secrets = (struct config_list) { { "whsec_1", "whsec_2", "whsec_3" }, 3 };
    assert_null(complaint_about(&settings));
    settings.webhook_secrets.count = 4;
    assert_non_null(complaint_about(&settings));
}

static void a_version_that_could_end_a_header_is_refused(void **state)
{
    struct provider_config settings = WHOLE;
    (void) state;

    settings.api_version = "2026-10-28.endive";
    assert_null(complaint_about(&settings));
    settings.api_version = "";
    assert_non_null(complaint_about(&settings));
    settings.api_version = "2026\nX: 1";
    assert_non_null(complaint_about(&settings));
}

static void plain_http_is_for_the_loopback(void **state)
{
    struct provider_config settings = WHOLE;
    (void) state;

    settings.base_url = "http://127.0.0.1:12111";
    assert_null(complaint_about(&settings));
    settings.base_url = "http://api.stripe.com";
    assert_non_null(strstr(complaint_about(&settings), "https"));
}

static void a_complaint_does_not_repeat_the_secret(void **state)
{
    struct provider_config settings = WHOLE;
    (void) state;

    settings.secret_keys.items[0] = "canary";
    assert_null(strstr(complaint_about(&settings), "canary"));
    settings.secret_keys.items[0] = "sk_test_canary\n";
    assert_null(strstr(complaint_about(&settings), "canary"));
    settings.secret_keys.items[0] = "sk_test_1";
    settings.webhook_secrets.items[0] = "can ary";
    assert_null(strstr(complaint_about(&settings), "can ary"));
}

static void nothing_is_freed_without_complaint(void **state)
{
    (void) state;

    stripe_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_settings_are_taken),
        cmocka_unit_test(the_key_says_the_mode),
        cmocka_unit_test(what_is_no_secret_key_is_refused),
        cmocka_unit_test(a_webhook_secret_must_not_be_empty),
        cmocka_unit_test(three_webhook_secrets_are_taken_and_four_refused),
        cmocka_unit_test(a_version_that_could_end_a_header_is_refused),
        cmocka_unit_test(plain_http_is_for_the_loopback),
        cmocka_unit_test(a_complaint_does_not_repeat_the_secret),
        cmocka_unit_test(nothing_is_freed_without_complaint),
    };

    return cmocka_run_group_tests_name("stripe_settings", tests, NULL, NULL);
}
