/* Checks whether a public key is suitable, and finds the one that a token names. */
#include "infrastructure/auth/public_keys.h"

#include <openssl/err.h>
#include <string.h>

/* --- Is a key fit? ------------------------------------------------------------------------- */

static bool is_on_p256(const EVP_PKEY *pkey)
{
    char group[32] = "";

    return EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static const char *fault_of_kind(const EVP_PKEY *pkey, enum token_algorithm algorithm)
{
    const int kind = EVP_PKEY_get_base_id(pkey);

    switch (algorithm) {
    case TOKEN_HS256:
        return "is a public key, and HS256 takes none";
    case TOKEN_RS256:
        if (kind != EVP_PKEY_RSA)
            return "is not an RSA key, which RS256 needs";
        if (EVP_PKEY_get_bits(pkey) < RSA_BITS_MIN || EVP_PKEY_get_bits(pkey) > RSA_BITS_MAX)
            return "is an RSA key of fewer than 2048 or more than 8192 bits";
        return NULL;
    case TOKEN_ES256:
        return kind == EVP_PKEY_EC && is_on_p256(pkey) ? NULL
                                                       : "is not a key on P-256, which ES256 needs";
    case TOKEN_EDDSA:
        return kind == EVP_PKEY_ED25519 ? NULL : "is not an Ed25519 key, which EdDSA needs";
    }
    return "is for no algorithm";
}

/* What OpenSSL can check: points on the curve, moduli and exponents that make sense. */
static bool is_sound(const EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, (EVP_PKEY *) pkey, NULL);
    bool sound = context != NULL && EVP_PKEY_public_check(context) == 1;

    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return sound;
}

const char *public_key_fault(const EVP_PKEY *pkey, enum token_algorithm algorithm)
{
    const char *fault = fault_of_kind(pkey, algorithm);

    if (fault == NULL && !is_sound(pkey))
        fault = "is not valid: its numbers do not make a key";
    return fault;
}

/* --- Which key ----------------------------------------------------------------------------- */

const struct public_key *public_keys_find(const struct public_keys *keys, const char *kid)
{
    if (keys->count == 1 && (kid == NULL || keys->items[0].kid == NULL))
        return &keys->items[0];
    for (int i = 0; kid != NULL && i < keys->count; i++)
        if (strcmp(keys->items[i].kid, kid) == 0)
            return &keys->items[i];
    return NULL;
}
