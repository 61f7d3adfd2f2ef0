#include "sandbox/http/provider_paths.h"

#include "check.h"

#include <string.h>

static void a_path_belongs_to_one_provider_or_to_nobody(void **state)
{
    static const struct { const char *path, *provider; } expected[] = {
        { "/v1/checkout/sessions", "stripe" }, { "/pay/cs_1", "stripe" },
        { "/v2/core/events", "stripe" },
        { "/transaction", "paystack" },        { "/transaction/verify/r.1", "paystack" },
        { "/refund", "paystack" },             { "/refund/1", "paystack" },
        { "/dispute/1/resolve", "paystack" },  { "/balance", "paystack" },
        { "/checkout/abc", "paystack" },       { "/transactions", NULL },
        { "/v12/x", NULL },                    { "/", NULL },
        { "", NULL },                          { "v1/x", NULL },
    };

    (void) state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const char *provider = provider_of_path(expected[i].path);

        assert_int_equal(provider == NULL, expected[i].provider == NULL);
        if (provider != NULL)
            assert_string_equal(provider, expected[i].provider);
    }
}

static void there_are_two_providers(void **state)
{
    (void) state;

    assert_true(provider_is_known("stripe"));
    assert_true(provider_is_known("paystack"));
    assert_false(provider_is_known("Paystack"));
    assert_false(provider_is_known(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_belongs_to_one_provider_or_to_nobody),
        cmocka_unit_test(there_are_two_providers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
