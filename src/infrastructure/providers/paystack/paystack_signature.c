/*
 * Checks the signature of Paystack's webhooks: 128 lower-case hex digits, HMAC-SHA512 over the raw
 * body with the secret API key. It contains no time, so an old event stays valid for ever; the
 * inbox applies the same bytes only once. While a key is being replaced, any of our keys may have
 * signed.
 * Source: paystack.com/docs/payments/webhooks; vectors in webhook-vectors.json.
 */
#include <openssl/crypto.h>

#include "infrastructure/hmac.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

#define MAC_HEX_SIZE 128

enum signature_verdict paystack_verify_webhook(struct ctx *ctx, const struct provider *provider,
                                               const char *signature_header, struct bytes raw_body)
{
    const struct paystack_account *account = provider->account;
    const struct bytes given = bytes_of(signature_header);
    char expected_hex[MAC_HEX_SIZE + 1];
    bool fits = false;

    (void) ctx;
    if (given.size != MAC_HEX_SIZE)
        return given.size == 0 ? SIGNATURE_ABSENT : SIGNATURE_MALFORMED;
    for (int i = 0; i < CONFIG_LIST_MAX && account->secret_keys[i] != NULL; i++) {
        hmac_print(HASH_SHA512, bytes_of(account->secret_keys[i]), raw_body, expected_hex);
        fits = fits || CRYPTO_memcmp(given.data, expected_hex, MAC_HEX_SIZE) == 0;
    }
    OPENSSL_cleanse(expected_hex, sizeof(expected_hex));
    return fits ? SIGNATURE_FITS : SIGNATURE_WRONG;
}
