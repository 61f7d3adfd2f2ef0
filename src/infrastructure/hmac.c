#include "infrastructure/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

static EVP_MAC_CTX *context_new(char *digest)
{
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_END
    };
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(algorithm);

    if (context == NULL || EVP_MAC_CTX_set_params(context, parameters) != 1)
        abort();                            /* out of memory */
    EVP_MAC_free(algorithm);
    return context;
}

static EVP_MAC_CTX *context_of(enum hmac_hash hash)
{
    static char digests[][sizeof("SHA256")] = { "SHA256", "SHA512" };
    static EVP_MAC_CTX *contexts[2];

    if (contexts[hash] == NULL)
        contexts[hash] = context_new(digests[hash]);
    return contexts[hash];
}

size_t hmac(enum hmac_hash hash, struct bytes key, struct bytes text,
            unsigned char mac_out[static HMAC_BYTES_MAX])
{
    EVP_MAC_CTX *context = context_of(hash);
    size_t size;

    if (EVP_MAC_init(context, (const unsigned char *) key.data, key.size, NULL) != 1
        || EVP_MAC_update(context, (const unsigned char *) text.data, text.size) != 1
        || EVP_MAC_final(context, mac_out, &size, HMAC_BYTES_MAX) != 1)
        abort();                            /* out of memory */
    return size;
}
