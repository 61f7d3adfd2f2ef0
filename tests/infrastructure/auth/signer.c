#include "signer.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/auth/key_file.h"

/* --- Keys ---------------------------------------------------------------------------------- */

static EVP_PKEY *make_pair(enum token_algorithm algorithm)
{
    switch (algorithm) {
    case TOKEN_RS256: return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048);
    case TOKEN_ES256: return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    case TOKEN_EDDSA: return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case TOKEN_HS256: return NULL;
    }
    return NULL;
}

static EVP_PKEY *pairs[2][TOKEN_EDDSA + 1];

static void free_pairs(void)
{
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0][0]); i++)
        EVP_PKEY_free((&pairs[0][0])[i]);
}

static EVP_PKEY *pair_of(int whose, enum token_algorithm algorithm)
{
    static bool registered;

    if (!registered)
        registered = atexit(free_pairs) == 0;
    if (pairs[whose][algorithm] == NULL)
        pairs[whose][algorithm] = make_pair(algorithm);
    return pairs[whose][algorithm];
}

EVP_PKEY *signer_pair(enum token_algorithm algorithm)
{
    return pair_of(0, algorithm);
}

EVP_PKEY *signer_foreign_pair(enum token_algorithm algorithm)
{
    return pair_of(1, algorithm);
}

struct token_key signer_key(struct arena *arena, enum token_algorithm algorithm)
{
    struct public_keys *keys = arena_alloc(arena, sizeof(*keys));
    struct token_key key = { .algorithm = algorithm };
    const char *complaint;
    bool read;

    if (algorithm == TOKEN_HS256) {
        key.hs256_secret = bytes_of(SIGNER_SECRET);
        return key;
    }
    read = key_file_read(arena, algorithm, bytes_of(signer_pem(arena, signer_pair(algorithm))), keys,
                            &complaint);
    assert(read);
    key.public_keys = keys;
    return key;
}

const char *signer_pem(struct arena *arena, EVP_PKEY *pair)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    const char *pem;
    long size;

    PEM_write_bio_PUBKEY(bio, pair);
    size = BIO_get_mem_data(bio, &data);
    pem = arena_bytes_dup(arena, (struct bytes) { data, (size_t) size });
    BIO_free(bio);
    return pem;
}

static const char *number_member(struct arena *arena, EVP_PKEY *pair, const char *name)
{
    BIGNUM *number = NULL;
    char *data;
    size_t size;

    EVP_PKEY_get_bn_param(pair, name, &number);
    size = (size_t) BN_num_bytes(number);
    data = arena_alloc(arena, size + 1);
    BN_bn2bin(number, (unsigned char *) data);
    BN_free(number);
    return base64url_encode(arena, (struct bytes) { data, size });
}

const char *signer_jwk(struct arena *arena, EVP_PKEY *pair, const char *more)
{
    unsigned char point[65];
    size_t size = 0;

    if (EVP_PKEY_get_base_id(pair) == EVP_PKEY_RSA)
        return arena_printf(arena, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}",
                            number_member(arena, pair, OSSL_PKEY_PARAM_RSA_N),
                            number_member(arena, pair, OSSL_PKEY_PARAM_RSA_E), more);
    EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &size);
    if (EVP_PKEY_get_base_id(pair) == EVP_PKEY_ED25519)
        return arena_printf(arena, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"%s}",
                            base64url_encode(arena, (struct bytes) { (char *) point, 32 }), more);
    assert(size == 65 && point[0] == 4);
    return arena_printf(arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"%s}",
                        base64url_encode(arena, (struct bytes) { (char *) point + 1, 32 }),
                        base64url_encode(arena, (struct bytes) { (char *) point + 33, 32 }), more);
}

/* --- Signatures ---------------------------------------------------------------------------- */

struct bytes signer_hmac(struct arena *arena, const EVP_MD *digest, struct bytes key,
                         const char *content)
{
    unsigned char *mac = arena_alloc(arena, EVP_MAX_MD_SIZE);
    unsigned int size = 0;

    HMAC(digest, key.data, (int) key.size, (const unsigned char *) content, strlen(content), mac, &size);
    return (struct bytes) { (char *) mac, size };
}

struct bytes signer_digest_sign(struct arena *arena, const EVP_MD *digest, EVP_PKEY *pair,
                                const char *content)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    unsigned char *signature = arena_alloc(arena, 1024);
    size_t size = 1024;
    int done = EVP_DigestSignInit(context, NULL, digest, NULL, pair) == 1 &&
               EVP_DigestSign(context, signature, &size, (const unsigned char *) content,
                              strlen(content)) == 1;

    assert(done);
    EVP_MD_CTX_free(context);
    return (struct bytes) { (char *) signature, size };
}

struct bytes signer_raw_pair(struct arena *arena, struct bytes der)
{
    const unsigned char *next = (const unsigned char *) der.data;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &next, (long) der.size);
    unsigned char *raw = arena_alloc(arena, 64);

    BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32);
    ECDSA_SIG_free(pair);
    return (struct bytes) { (char *) raw, 64 };
}

struct bytes signer_sign(struct arena *arena, enum token_algorithm algorithm, EVP_PKEY *pair,
                         const char *content)
{
    switch (algorithm) {
    case TOKEN_HS256:
        return signer_hmac(arena, EVP_sha256(), bytes_of(SIGNER_SECRET), content);
    case TOKEN_RS256:
        return signer_digest_sign(arena, EVP_sha256(), pair, content);
    case TOKEN_ES256:
        return signer_raw_pair(arena, signer_digest_sign(arena, EVP_sha256(), pair, content));
    case TOKEN_EDDSA:
        return signer_digest_sign(arena, NULL, pair, content);
    }
    abort();
}

/* --- Tokens -------------------------------------------------------------------------------- */

const char *signer_content(struct arena *arena, const char *header, const char *claims)
{
    return arena_printf(arena, "%s.%s", base64url_encode(arena, bytes_of(header)),
                        base64url_encode(arena, bytes_of(claims)));
}

const char *signer_join(struct arena *arena, const char *content, struct bytes signature)
{
    return arena_printf(arena, "%s.%s", content, base64url_encode(arena, signature));
}

const char *signer_token(struct arena *arena, enum token_algorithm algorithm, const char *header,
                         const char *claims)
{
    const char *content = signer_content(arena, header, claims);

    return signer_join(arena, content, signer_sign(arena, algorithm, signer_pair(algorithm), content));
}
