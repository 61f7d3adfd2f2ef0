/* Reads a file of public keys: one key in PEM here, a JWK Set in jwks.c. */
#include "infrastructure/auth/key_file.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "infrastructure/auth/jwks.h"

/* --- PEM ----------------------------------------------------------------------------------- */

static void release_key(void *pkey)
{
    EVP_PKEY_free(pkey);
}

static void release_bio(void *bio)
{
    BIO_free(bio);
}

/* No passphrase: there is nobody to ask for one. */
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

    ERR_clear_error();                          /* leave no error in OpenSSL's queue */
    return arena_adopt(arena, pkey, release_key);
}

static const char *fault_of_pem(struct arena *arena, const char *text,
                                enum token_algorithm algorithm, EVP_PKEY **pkey_out)
{
    BIO *bio = arena_adopt(arena, BIO_new_mem_buf(text, -1), release_bio);

    if (bio == NULL)
        abort();                                /* out of memory */
    if (strstr(text, "PRIVATE KEY-----") != NULL)
        return "holds a private key: give only the public half";
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

bool key_file_read(struct arena *arena, enum token_algorithm algorithm, struct bytes file,
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
