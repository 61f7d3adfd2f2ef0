/*
 * Checks the signature of Stripe's webhooks: "t=1700000000,v1=<64 hex>[,v1=...][,v0=...]", items in
 * any order, no blanks. The signed text is t as it is written there, a dot, and the raw body; the
 * code is HMAC-SHA256 with the whole secret, including its prefix. While a secret is being rolled
 * there are several v1: one that matches any of our secrets is enough. Other schemes are ignored;
 * v0 is made for tests and proves nothing. Stricter than the SDK: a t from the future and a second
 * t are refused.
 * Source: docs.stripe.com/webhooks/signature; verdicts of the official SDK (webhook-vectors.json).
 */
#include <openssl/crypto.h>
#include <stdlib.h>

#include "base/text.h"
#include "infrastructure/hmac.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define TOLERANCE_S     300             /* either way; exactly 300 passes */
#define TIME_DIGITS_MAX 12
#define MAC_HEX_SIZE    64

static bool read_time(struct bytes header, struct bytes *digits_out);
static bool is_recent(struct bytes digits, int64_t now_ms);
static bool fits_any_secret(const struct stripe_account *account, struct bytes header,
                            struct bytes text);
static struct bytes signed_text(struct ctx *ctx, struct bytes digits, struct bytes raw_body);

enum signature_verdict stripe_verify_webhook(struct ctx *ctx, const struct provider *provider,
                                             const char *signature_header, struct bytes raw_body)
{
    const struct bytes header = bytes_of(signature_header);
    struct bytes digits;

    if (header.size == 0)
        return SIGNATURE_ABSENT;
    if (!read_time(header, &digits))
        return SIGNATURE_MALFORMED;
    if (!is_recent(digits, ctx->now_ms))
        return SIGNATURE_STALE;
    if (!fits_any_secret(provider->account, header, signed_text(ctx, digits, raw_body)))
        return SIGNATURE_WRONG;
    return SIGNATURE_FITS;
}

/* --- The header ---------------------------------------------------------------------------- */

static struct bytes next_item(struct bytes *rest)
{
    const char *comma = memchr(rest->data, ',', rest->size);
    struct bytes item = { rest->data, comma != NULL ? (size_t) (comma - rest->data) : rest->size };
    size_t taken = item.size + (comma != NULL ? 1 : 0);

    *rest = (struct bytes) { rest->data + taken, rest->size - taken };
    return item;
}

/* True, with the value, when the item is "name=value" with that name. */
static bool item_value(struct bytes item, const char *name, struct bytes *value_out)
{
    size_t length = strlen(name);

    if (item.size <= length || memcmp(item.data, name, length) != 0 || item.data[length] != '=')
        return false;
    *value_out = (struct bytes) { item.data + length + 1, item.size - length - 1 };
    return true;
}

static bool read_time(struct bytes header, struct bytes *digits_out)
{
    int count = 0;

    while (header.size > 0)
        count += item_value(next_item(&header), "t", digits_out) ? 1 : 0;
    return count == 1;
}

static bool is_recent(struct bytes digits, int64_t now_ms)
{
    int64_t seconds = 0;

    if (digits.size == 0 || digits.size > TIME_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        seconds = seconds * 10 + (digits.data[i] - '0');
    }
    return llabs(now_ms / 1000 - seconds) <= TOLERANCE_S;
}

/* --- The code ------------------------------------------------------------------------------ */

static struct bytes signed_text(struct ctx *ctx, struct bytes digits, struct bytes raw_body)
{
    struct text text = text_new(ctx->arena);

    text_append_bytes(&text, digits);
    text_append_char(&text, '.');
    text_append_bytes(&text, raw_body);
    return text_bytes(&text);
}

static bool has_signature(struct bytes header, const char *expected_hex)
{
    struct bytes given;

    while (header.size > 0)
        if (item_value(next_item(&header), "v1", &given) && given.size == MAC_HEX_SIZE &&
            CRYPTO_memcmp(given.data, expected_hex, MAC_HEX_SIZE) == 0)
            return true;
    return false;
}

static bool fits_any_secret(const struct stripe_account *account, struct bytes header,
                            struct bytes text)
{
    char expected_hex[MAC_HEX_SIZE + 1];
    bool fits = false;

    for (int i = 0; i < CONFIG_LIST_MAX && account->webhook_secrets[i] != NULL; i++) {
        hmac_print(HASH_SHA256, bytes_of(account->webhook_secrets[i]), text, expected_hex);
        fits = fits || has_signature(header, expected_hex);
    }
    OPENSSL_cleanse(expected_hex, sizeof(expected_hex));
    return fits;
}
