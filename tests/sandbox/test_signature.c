#include "sandbox/stripe/stripe_signature.h"

#include "check.h"

#include <string.h>

/* S1-S4 of docs/facts.md, 10: each confirmed with Stripe's own SDK. */
static const struct {
    const char *secret;
    int64_t     at_s;
    size_t      body_bytes;
    const char *body;
    const char *v1;
} vectors[] = {
    { "whsec_test_secret", 1700000000, 42,
      "{\"id\":\"evt_test_webhook\",\"object\":\"event\"}",
      "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990" },
    { "whsec_test_secret", 1700000000, 51,
      "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}",
      "4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150" },
    { "whsec_6YkqLwU0xN3bT9pV1sZ7cQ", 1767225600, 132,
      "{\"id\":\"evt_u8\",\"object\":\"event\",\"type\":\"payment_intent.succ"
      "eeded\",\"data\":{\"object\":{\"description\":\"Caf\303\251 \342\230"
      "\225 \305\201\303\263d\305\272 \346\235\261\344\272\254 \360\237\230"
      "\200\"}}}",
      "48d8d3f23717d8a1ce661b970b97a67a4e79b216e5ea4fc1c20ad0421ed29193" },
    { "whsec_6YkqLwU0xN3bT9pV1sZ7cQ", 1767225600, 93,
      "{\"id\":\"evt_esc\",\"object\":\"event\",\"data\":{\"object\":{\"descr"
      "iption\":\"Caf\\u00e9 \\\"x\\\" \\/ 100%\"}}}",
      "d08ea64919faf9c46aba288b70f258fd9d1d17898b925b520e285071591637f2" },
};

static void signatures_are_those_of_stripe(void **state)
{
    (void) state;

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct strbuf header = { 0 }, expected = { 0 };

        assert_int_equal(strlen(vectors[i].body), vectors[i].body_bytes);
        stripe_signature_add(&header, vectors[i].secret, vectors[i].at_s, vectors[i].body,
                             vectors[i].body_bytes);
        strbuf_addf(&expected, "t=%lld,v1=%s", (long long) vectors[i].at_s, vectors[i].v1);
        assert_string_equal(header.bytes, expected.bytes);
        strbuf_free(&header);
        strbuf_free(&expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_stripe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
