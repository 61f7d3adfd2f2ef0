#include "sandbox/paystack/paystack_signature.h"

#include "check.h"

#include <string.h>

/* P1 and P2 of docs/facts.md, 10. */
static const char secret[] = "sk_test_0123456789abcdef0123456789abcdef01234567";

static const struct {
    size_t      body_bytes;
    const char *body;
    const char *hex;
} vectors[] = {
    { 123,
      "{\"event\":\"charge.success\",\"data\":{\"id\":302961,\"status\":\"success\","
      "\"reference\":\"ord-7f3a.1\",\"amount\":10000,\"currency\":\"NGN\"}}",
      "0e1e7e34dee8e588902c0768f7bf0034f7fe19315476cd6cb5436461efddc7768ec2699d3e82bbc6c6be6c2d514f"
      "15d8d19835777ba3e02106f09f7fe1e76b15" },
    { 191,
      "{\"event\":\"refund.processed\",\"data\":{\"status\":\"processed\","
      "\"transaction_reference\":\"ord-7f3a.1\",\"refund_reference\":null,\"amount\":\"5000\","
      "\"currency\":\"XOF\",\"customer\":{\"first_name\":\"Ad\303\251b\303\241y\303\262\"}}}",
      "51bfa02ec2f99f413002807d5f17c1049b29c0a7d782d4bac5ee21d0b1a1156df6b3b1dce9c419ed7b53d2814c39"
      "9ebc9e05f8f925c2e047f659dbc5f83920b8" },
};

static void signatures_are_those_of_paystack(void **state)
{
    (void) state;

    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct strbuf header = { 0 };

        assert_int_equal(strlen(vectors[i].body), vectors[i].body_bytes);
        paystack_signature_add(&header, secret, vectors[i].body, vectors[i].body_bytes);
        assert_string_equal(header.bytes, vectors[i].hex);
        strbuf_free(&header);
    }
}

static void only_a_plain_200_is_received(void **state)
{
    (void) state;

    assert_int_equal(paystack_webhook_dialect.received_max, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_paystack),
        cmocka_unit_test(only_a_plain_200_is_received),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
