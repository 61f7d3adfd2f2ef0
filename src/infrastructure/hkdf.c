#include "hkdf.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdlib.h>

/* OpenSSL takes parameters that are not const; it only reads these. */
static void *input(const void *bytes)
{
    return (void *) (uintptr_t) bytes;
}

void hkdf(struct bytes secret, const char *info, unsigned char key_out[static HKDF_KEY_BYTES])
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, input("SHA256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, input(secret.data), secret.size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, input(info), strlen(info)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;

    if (ctx == NULL || EVP_KDF_derive(ctx, key_out, HKDF_KEY_BYTES, params) != 1)
        abort();
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}
