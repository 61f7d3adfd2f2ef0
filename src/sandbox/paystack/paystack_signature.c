/* Signs a webhook with HMAC-SHA512 of its body. */
#include "paystack_signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

void paystack_signature_add(struct strbuf *header, const char *secret, const char *body,
                            size_t body_bytes)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned      mac_bytes = 0;

    if (HMAC(EVP_sha512(), secret, (int) strlen(secret), (const unsigned char *) body, body_bytes,
             mac, &mac_bytes) == NULL)
        abort();                                        /* HMAC-SHA512 is always there */
    for (unsigned i = 0; i < mac_bytes; i++)
        strbuf_addf(header, "%02x", mac[i]);
}

static void sign(const char *secret, const char *body, size_t body_bytes, struct strbuf *header_out)
{
    strbuf_add(header_out, "x-paystack-signature: ");
    paystack_signature_add(header_out, secret, body, body_bytes);
}

const struct webhook_dialect paystack_webhook_dialect = { "paystack", sign, 200 };
