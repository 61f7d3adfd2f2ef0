/* Checks a token's signature with OpenSSL. */
#include "infrastructure/auth/token_signature.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "infrastructure/auth/public_keys.h"
#include "infrastructure/hmac.h"

#define ES256_NUMBER_BYTES 32

/* --- HS256 --------------------------------------------------------------------------------- */

/* RFC 7518 section 3.2. */
static bool fits_secret(struct bytes secret, const struct signed_token *token)
{
    unsigned char mac[HMAC_BYTES_MAX];
    size_t mac_size;
    bool fits;

    assert(secret.size >= JWT_SECRET_BYTES_MIN);        /* anybody can sign with an empty key */
    mac_size = hmac(HASH_SHA256, secret, token->content, mac);
    fits = token->signature.size == mac_size
           && CRYPTO_memcmp(token->signature.data, mac, mac_size) == 0;
    OPENSSL_cleanse(mac, sizeof(mac));                  /* a valid signature of what was sent */
    return fits;
}

/* --- Public keys --------------------------------------------------------------------------- */

static void release_pair(void *pair)
{
    ECDSA_SIG_free(pair);
}

static void release_der(void *der)
{
    OPENSSL_free(der);
}

static BIGNUM *read_number(const char *data)
{
    return BN_bin2bn((const unsigned char *) data, ES256_NUMBER_BYTES, NULL);
}

/* A JWT has the two numbers side by side (RFC 7518 section 3.4); OpenSSL needs them in DER. */
static bool es256_to_der(struct arena *arena, struct bytes raw, struct bytes *der_out)
{
    ECDSA_SIG *pair = arena_adopt(arena, ECDSA_SIG_new(), release_pair);
    unsigned char *der = NULL;
    int size;

    if (raw.size != 2 * ES256_NUMBER_BYTES)
        return false;
    if (pair == NULL
        || ECDSA_SIG_set0(pair, read_number(raw.data), read_number(raw.data + ES256_NUMBER_BYTES))
               != 1)
        abort();                                        /* out of memory */
    size = i2d_ECDSA_SIG(pair, &der);
    *der_out = (struct bytes) { arena_adopt(arena, der, release_der),
                                size > 0 ? (size_t) size : 0 };
    return size > 0;
}

static const EVP_MD *digest_of(enum token_algorithm algorithm)
{
    return algorithm == TOKEN_EDDSA ? NULL : EVP_sha256();      /* Ed25519 brings its own */
}

static bool verifies(EVP_PKEY *pkey, const EVP_MD *digest, struct bytes content,
                     struct bytes signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL &&
        EVP_DigestVerifyInit(context, NULL, digest, NULL, pkey) == 1 &&
        EVP_DigestVerify(context, (const unsigned char *) signature.data, signature.size,
                         (const unsigned char *) content.data, content.size) == 1;

    EVP_MD_CTX_free(context);
    ERR_clear_error();                          /* leave no error in OpenSSL's queue */
    return good;
}

static bool fits_public_key(struct arena *arena, enum token_algorithm algorithm, EVP_PKEY *pkey,
                            const struct signed_token *token)
{
    struct bytes signature = token->signature;

    if (algorithm == TOKEN_ES256 && !es256_to_der(arena, token->signature, &signature))
        return false;
    return verifies(pkey, digest_of(algorithm), token->content, signature);
}

/* --- All together -------------------------------------------------------------------------- */

const char *token_signature_fault(struct arena *arena, const struct token_key *key,
                                  const struct signed_token *token)
{
    const struct public_key *public_key;

    if (key->algorithm == TOKEN_HS256)
        return fits_secret(key->hs256_secret, token) ? NULL : "the signature does not fit";
    public_key = public_keys_find(key->public_keys, token->kid);
    if (public_key == NULL)
        return "no key has its kid";
    return fits_public_key(arena, key->algorithm, public_key->pkey, token)
        ? NULL : "the signature does not fit";
}
