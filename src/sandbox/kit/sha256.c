/* SHA-256 by OpenSSL, as hex. */
#include "sha256.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

void sha256_hex(const void *bytes, size_t count, char hex_out[SHA256_HEX_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned      digest_bytes = 0;

    if (EVP_Digest(bytes, count, digest, &digest_bytes, EVP_sha256(), NULL) != 1)
        abort();                                        /* SHA-256 is always there */
    for (unsigned i = 0; i < digest_bytes; i++)
        snprintf(hex_out + 2 * i, 3, "%02x", digest[i]);
}
