/*
 * Stripe-Signature: a first line with the header, then the body. Where the header has an @, the right
 * signature over this body at FUZZ_NOW_MS is put in; without one nothing may pass.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "stripe_account.h"

static void append_signature(struct text *text, struct bytes body)
{
    struct text content = text_new(text->arena);
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    text_printf(&content, "%lld.", (long long) FUZZ_NOW_MS / 1000);
    text_append_bytes(&content, body);
    HMAC(EVP_sha256(), FUZZ_WEBHOOK_SECRET, sizeof(FUZZ_WEBHOOK_SECRET) - 1,
         (const unsigned char *) content.data, content.size, mac, &size);
    for (unsigned i = 0; i < size; i++)
        text_printf(text, "%02x", mac[i]);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const struct provider *stripe = fuzz_stripe();
    struct ctx ctx = { .arena = arena, .now_ms = FUZZ_NOW_MS };
    const char *line = fuzz_line(arena, &input);
    struct text header = text_new(arena);

    for (const char *c = line; *c != '\0'; c++)
        if (*c == '@' && header.size < 4096)
            append_signature(&header, input);
        else
            text_append_char(&header, *c);
    if (stripe->verify_webhook(&ctx, stripe, text_bytes(&header).data, input) == SIGNATURE_FITS)
        assert(strchr(line, '@') != NULL && strstr(line, "1767225610") != NULL);
}
