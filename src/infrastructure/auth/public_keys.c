#include "infrastructure/auth/public_keys.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "infrastructure/auth/jwks.h"

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
            return "is no RSA key, which RS256 needs";
        if (EVP_PKEY_get_bits(pkey) < RSA_BITS_MIN || EVP_PKEY_get_bits(pkey) > RSA_BITS_MAX)
            return "is an RSA key of fewer than 2048 or more than 8192 bits";
        return NULL;
    case TOKEN_ES256:
        return kind == EVP_PKEY_EC && is_on_p256(pkey) ? NULL
                                                       : "is no key on P-256, which ES256 needs";
    case TOKEN_EDDSA:
        return kind == EVP_PKEY_ED25519 ? NULL : "is no Ed25519 key, which EdDSA needs";
    }
    return "is for no algorithm";
}

/* What OpenSSL knows to check: points on the curve, moduli and exponents that make sense. */
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
        fault = "is not sound: its numbers make no key";
    return fault;
}

/* --- PEM ----------------------------------------------------------------------------------- */

static void release_key(void *pkey)
{
    EVP_PKEY_free(pkey);
}

static void release_bio(void *bio)
{
    BIO_free(bio);
}

/* No passphrase: nobody is there to ask for one. */
static int no_passphrase(char *buffer, int size, int writing, void *nothing)
{
    (void) buffer;
    (void) size;
    (void) writing;
    (void) nothing;
    return 0;
}

static EVP_PKEY *next_in_pem(struct arena *arena, BIO *bio)
{
    EVP_PKEY *pkey = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);

    ERR_clear_error();                          /* nobody else is to find it */
    return arena_adopt(arena, pkey, release_key);
}

static const char *fault_of_pem(struct arena *arena, const char *text, enum token_algorithm algorithm,
                                EVP_PKEY **pkey_out)
{
    BIO *bio = arena_adopt(arena, BIO_new_mem_buf(text, -1), release_bio);

    if (bio == NULL)
        abort();                                /* out of memory */
    if (strstr(text, "PRIVATE KEY-----") != NULL)
        return "holds a private key: give the public half alone";
    *pkey_out = next_in_pem(arena, bio);
    if (*pkey_out == NULL)
        return "is neither a public key in PEM nor a JWK Set";
    if (next_in_pem(arena, bio) != NULL)
        return "holds several keys: give them names in a JWK Set";
    return public_key_fault(*pkey_out, algorithm);
}

static bool read_pem(struct arena *arena, enum token_algorithm algorithm, struct bytes file,
                     struct public_keys *keys, const char **complaint_out)
{
    keys->count = 1;
    *complaint_out = fault_of_pem(arena, arena_bytes_dup(arena, file), algorithm,
                                  &keys->items[0].pkey);
    return *complaint_out == NULL;
}

/* --- Either -------------------------------------------------------------------------------- */

static bool looks_like_json(struct bytes file)
{
    size_t blanks = 0;

    while (blanks < file.size && strchr(" \t\r\n", file.data[blanks]) != NULL)
        blanks++;
    return blanks < file.size && file.data[blanks] == '{';
}

bool public_keys_read(struct arena *arena, enum token_algorithm algorithm, struct bytes file,
                      struct public_keys *keys_out, const char **complaint_out)
{
    struct public_keys keys = { .count = 0 };

    assert(algorithm != TOKEN_HS256);
    if (looks_like_json(file) ? !jwks_read(arena, algorithm, file, &keys, complaint_out)
                              : !read_pem(arena, algorithm, file, &keys, complaint_out))
        return false;
    *keys_out = keys;
    return true;
}

const struct public_key *public_keys_find(const struct public_keys *keys, const char *kid)
{
    if (keys->count == 1 && (kid == NULL || keys->items[0].kid == NULL))
        return &keys->items[0];
    for (int i = 0; kid != NULL && i < keys->count; i++)
        if (strcmp(keys->items[i].kid, kid) == 0)
            return &keys->items[i];
    return NULL;
}
