#include "infrastructure/hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

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

/*
 * Keeps its last key: most programs have only one, and setting a key up takes as long as two blocks
 * of text.
 */
struct maker {
    char          digest[sizeof("SHA256")];
    EVP_MAC_CTX  *context;
    unsigned char key[128];
    size_t        key_size;             /* 0: none */
};

static bool has_key(const struct maker *maker, struct bytes key)
{
    return key.size > 0 && maker->key_size == key.size
           && memcmp(maker->key, key.data, key.size) == 0;
}

static bool take_key(struct maker *maker, struct bytes key)
{
    maker->key_size = key.size <= sizeof(maker->key) ? key.size : 0;
    memcpy(maker->key, key.data, maker->key_size);
    return EVP_MAC_init(maker->context, (const unsigned char *) key.data, key.size, NULL) == 1;
}

static bool begin(struct maker *maker, struct bytes key)
{
    if (maker->context == NULL)
        maker->context = context_new(maker->digest);
    if (has_key(maker, key))
        return EVP_MAC_init(maker->context, NULL, 0, NULL) == 1;
    return take_key(maker, key);
}

size_t hmac(enum hmac_hash hash, struct bytes key, struct bytes text,
            unsigned char mac_out[static HMAC_BYTES_MAX])
{
    static struct maker makers[] = { { .digest = "SHA256" }, { .digest = "SHA512" } };
    struct maker *maker = &makers[hash];
    size_t size;

    if (!begin(maker, key)
        || EVP_MAC_update(maker->context, (const unsigned char *) text.data, text.size) != 1
        || EVP_MAC_final(maker->context, mac_out, &size, HMAC_BYTES_MAX) != 1)
        abort();                            /* out of memory */
    return size;
}

void hmac_print(enum hmac_hash hash, struct bytes key, struct bytes text, char *hex_out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[HMAC_BYTES_MAX];
    size_t mac_size = hmac(hash, key, text, mac);

    for (size_t i = 0; i < mac_size; i++) {
        hex_out[2 * i] = digits[mac[i] >> 4];
        hex_out[2 * i + 1] = digits[mac[i] & 0xf];
    }
    hex_out[2 * mac_size] = '\0';
    OPENSSL_cleanse(mac, sizeof(mac));
}
