/*
 * x-paystack-signature: a first line with the header, then the body. Where the header is @ alone, the
 * right signature over this body is put in; nothing else may pass.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/text.h"
#include "paystack_account.h"

static void append_signature(struct text *text, struct bytes body)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    HMAC(EVP_sha512(), FUZZ_PAYSTACK_KEY, sizeof(FUZZ_PAYSTACK_KEY) - 1,
         (const unsigned char *) body.data, body.size, mac, &size);
    for (unsigned i = 0; i < size; i++)
        text_printf(text, "%02x", mac[i]);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const struct provider *paystack = fuzz_paystack();
    struct ctx ctx = fuzz_paystack_ctx(arena);
    const char *line = fuzz_line(arena, &input);
    struct text header = text_new(arena);
    bool passes;

    for (const char *c = line; *c != '\0'; c++)
        if (*c == '@' && header.size < 4096)
            append_signature(&header, input);
        else
            text_append_char(&header, *c);
    passes = paystack->verify_webhook(&ctx, paystack, text_bytes(&header).data, input)
          == SIGNATURE_FITS;
    assert(passes == (strcmp(line, "@") == 0));
}
