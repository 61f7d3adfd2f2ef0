/* Proofs of what we made: of this payment, with one of our keys, and with no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/authorship_keys.h"

#define OLD_KEY "an old key of thirty-two bytes.."
#define NEW_KEY "a new key of thirty-two bytes..."

static struct arena *arena;
static char proof[AUTHORSHIP_PROOF_MAX];

static int set_up(void **state)
{
    (void) state;
    arena = arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

static const struct authorship *with_keys(const char *first, const char *second)
{
    struct config_list keys = { .items = { first, second }, .count = second != NULL ? 2 : 1 };

    return authorship_new(arena, &keys);
}

static struct payment some_payment(void)
{
    return (struct payment) { .id = { "pay_01KE0000000000000000000001" }, .order_id = { "abc-123" },
                              .amount = { 9999, "USD" }, .provider = "stripe" };
}

/* printf 'payapi-1|stripe|pay_01KE0000000000000000000001|abc-123|9999|USD' | openssl dgst -sha256 -hmac KEY */
static void a_proof_is_what_the_header_says(void **state)
{
    const struct payment payment = some_payment();
    (void) state;

    authorship_prove(with_keys(OLD_KEY, NULL), &payment, proof);
    assert_string_equal(proof, "9e8f7601.fb47195345bdb69366519255877370f0");
}

static void only_a_key_of_ours_proves(void **state)
{
    const struct payment payment = some_payment();
    (void) state;

    authorship_prove(with_keys(OLD_KEY, NULL), &payment, proof);
    assert_true(authorship_is_ours(with_keys(OLD_KEY, NULL), &payment, proof));
    assert_true(authorship_is_ours(with_keys(NEW_KEY, OLD_KEY), &payment, proof));      /* rotated */
    assert_false(authorship_is_ours(with_keys(NEW_KEY, NULL), &payment, proof));
    assert_false(authorship_names_our_key(with_keys(NEW_KEY, NULL), proof));
    authorship_prove(with_keys(NEW_KEY, OLD_KEY), &payment, proof);
    assert_true(authorship_is_ours(with_keys(NEW_KEY, NULL), &payment, proof));
}

static void a_proof_is_of_one_payment(void **state)
{
    const struct authorship *ours = with_keys(OLD_KEY, NULL);
    const struct payment payment = some_payment();
    struct payment others[5];
    (void) state;

    for (int i = 0; i < 5; i++)
        others[i] = payment;
    others[0].id.text[8] = 'X';
    strcpy(others[1].order_id.text, "abc-124");
    others[2].amount.minor++;
    strcpy(others[3].amount.currency, "EUR");
    strcpy(others[4].provider, "paystack");
    authorship_prove(ours, &payment, proof);
    for (int i = 0; i < 5; i++) {
        assert_false(authorship_is_ours(ours, &others[i], proof));
        assert_true(authorship_names_our_key(ours, proof));
    }
}

static void any_other_text_proves_nothing(void **state)
{
    const struct authorship *ours = with_keys(OLD_KEY, NULL);
    const struct payment payment = some_payment();
    char changed[AUTHORSHIP_PROOF_MAX + 1];
    (void) state;

    authorship_prove(ours, &payment, proof);
    assert_false(authorship_is_ours(ours, &payment, ""));
    assert_false(authorship_is_ours(ours, &payment, "."));
    for (size_t size = 0; size < strlen(proof); size++) {
        snprintf(changed, sizeof(changed), "%.*s", (int) size, proof);
        assert_false(authorship_is_ours(ours, &payment, changed));
        snprintf(changed, sizeof(changed), "%s", proof);
        changed[size] ^= 1;
        assert_false(authorship_is_ours(ours, &payment, changed));
    }
    snprintf(changed, sizeof(changed), "%s0", proof);
    assert_false(authorship_is_ours(ours, &payment, changed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_proof_is_what_the_header_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_a_key_of_ours_proves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_proof_is_of_one_payment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(any_other_text_proves_nothing, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
