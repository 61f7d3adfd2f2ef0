/* Signs a webhook with HMAC-SHA256 of its time and body. */
#include "stripe_signature.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/sandbox_clock.h"

void stripe_signature_add(struct strbuf *header, const char *secret, int64_t at_s, const char *body,
                          size_t body_bytes)
{
    struct strbuf   signed_text = { 0 };
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned      mac_bytes = 0;

    strbuf_addf(&signed_text, "%" PRId64 ".", at_s);
    strbuf_add_bytes(&signed_text, body, body_bytes);
    if (HMAC(EVP_sha256(), secret, (int) strlen(secret), (unsigned char *) signed_text.bytes,
             signed_text.length_bytes, mac, &mac_bytes) == NULL)
        abort();                                        /* HMAC-SHA256 is always there */
    strbuf_addf(header, "t=%" PRId64 ",v1=", at_s);
    for (unsigned i = 0; i < mac_bytes; i++)
        strbuf_addf(header, "%02x", mac[i]);
    strbuf_free(&signed_text);
}

static void sign(const char *secret, const char *body, size_t body_bytes, struct strbuf *header_out)
{
    strbuf_add(header_out, "Stripe-Signature: ");
    stripe_signature_add(header_out, secret, sandbox_clock_wall_s(), body, body_bytes);
}

const struct webhook_dialect stripe_webhook_dialect = { "stripe", sign, 299 };
