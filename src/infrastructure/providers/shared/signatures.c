#include "infrastructure/providers/shared/signatures.h"

#include <openssl/crypto.h>

void signature_print_mac(enum hmac_hash hash, const char *key, struct bytes text, char *hex_out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[HMAC_BYTES_MAX];
    size_t mac_size = hmac(hash, bytes_of(key), text, mac);

    for (size_t i = 0; i < mac_size; i++) {
        hex_out[2 * i] = digits[mac[i] >> 4];
        hex_out[2 * i + 1] = digits[mac[i] & 0xf];
    }
    hex_out[2 * mac_size] = '\0';
    OPENSSL_cleanse(mac, sizeof(mac));
}
