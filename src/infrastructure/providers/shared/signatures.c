#include "infrastructure/providers/shared/signatures.h"

#include <assert.h>
#include <openssl/hmac.h>

void signature_print_mac(const EVP_MD *digest, const char *key, struct bytes text, char *hex_out)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int mac_size = 0;
    const unsigned char *made = HMAC(digest, key, (int) strlen(key),
                                     (const unsigned char *) text.data, text.size, mac, &mac_size);

    assert(made != NULL);
    for (unsigned int i = 0; i < mac_size; i++) {
        hex_out[2 * i] = digits[mac[i] >> 4];
        hex_out[2 * i + 1] = digits[mac[i] & 0xf];
    }
    hex_out[2 * mac_size] = '\0';
}

const struct problem *signature_refused(struct ctx *ctx, const char *cause)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_WEBHOOK_SIGNATURE_INVALID,
                                          "The signature does not fit this body, now.");

    return problem_because(ctx->arena, problem, "%s", cause);
}
