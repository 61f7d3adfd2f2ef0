/* Reads a JWK Set strictly, and builds OpenSSL keys from it. */
#include "infrastructure/auth/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <stdlib.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/json_parse.h"

#define COORDINATE_BYTES 32             /* of P-256 and of Ed25519 */

/* Members that only a private or a shared key has: RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1. */
static const char *const private_members[] = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" };

#define PRIVATE_MEMBER_COUNT (sizeof(private_members) / sizeof(private_members[0]))

static EVP_PKEY *make_rsa(struct arena *arena, const json_t *jwk);
static EVP_PKEY *make_ec(struct arena *arena, const json_t *jwk);
static EVP_PKEY *make_okp(struct arena *arena, const json_t *jwk);

static const struct {
    const char *kty;
    EVP_PKEY *(*make)(struct arena *arena, const json_t *jwk);
} kinds[] = {
    [TOKEN_RS256] = { "RSA", make_rsa },
    [TOKEN_ES256] = { "EC", make_ec },
    [TOKEN_EDDSA] = { "OKP", make_okp },
};

static bool is_text(const json_t *json, const char *text)
{
    return json_is_string(json) && strcmp(json_string_value(json), text) == 0;
}

static bool is_absent_or(const json_t *json, const char *text)
{
    return json == NULL || is_text(json, text);
}

/* --- One key ------------------------------------------------------------------------------- */

static bool has_private_member(const json_t *jwk)
{
    for (size_t i = 0; i < PRIVATE_MEMBER_COUNT; i++)
        if (json_object_get(jwk, private_members[i]) != NULL)
            return true;
    return false;
}

static bool may_verify(const json_t *key_ops)
{
    size_t index;
    json_t *operation;

    if (key_ops == NULL)
        return true;
    json_array_foreach(key_ops, index, operation)
        if (is_text(operation, "verify"))
            return true;
    return false;
}

static bool is_name(const json_t *kid)
{
    return json_is_string(kid) && json_string_length(kid) >= 1 &&
           json_string_length(kid) <= PUBLIC_KEY_NAME_MAX;
}

static const char *fault_of_members(const json_t *jwk, enum token_algorithm algorithm)
{
    const json_t *kid = json_object_get(jwk, "kid");

    if (!json_is_object(jwk))
        return "is not a JSON object";
    if (has_private_member(jwk))
        return "holds a private or secret key: give only the public half";
    if (!is_text(json_object_get(jwk, "kty"), kinds[algorithm].kty))
        return "has a different kty than JWT_ALGORITHM needs";
    if (!is_absent_or(json_object_get(jwk, "alg"), token_algorithm_name(algorithm)))
        return "has a different alg than JWT_ALGORITHM";
    if (!is_absent_or(json_object_get(jwk, "use"), "sig")
        || !may_verify(json_object_get(jwk, "key_ops")))
        return "is not meant for signatures (use, key_ops)";
    if (kid != NULL && !is_name(kid))
        return "has a kid that is not a text of 1 to 255 bytes";
    return NULL;
}

static const char *fault_of_jwk(struct arena *arena, const json_t *jwk,
                                enum token_algorithm algorithm, struct public_key *key)
{
    const char *fault = fault_of_members(jwk, algorithm);

    if (fault != NULL)
        return fault;
    key->kid = json_string_value(json_object_get(jwk, "kid"));
    key->pkey = kinds[algorithm].make(arena, jwk);
    if (key->pkey == NULL)
        return "lacks a part of the key, or has a broken one";
    return public_key_fault(key->pkey, algorithm);
}

/* --- All keys ------------------------------------------------------------------------------ */

static const char *fault_of_name(const struct public_keys *keys, const char *kid, size_t count)
{
    if (kid == NULL)
        return count > 1 ? "has no kid, and is not the only key" : NULL;
    for (int i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i].kid, kid) == 0)
            return "has the kid of another key";
    return NULL;
}

static bool read_keys(struct arena *arena, enum token_algorithm algorithm, const json_t *list,
                      struct public_keys *keys, const char **complaint_out)
{
    size_t index;
    json_t *jwk;

    json_array_foreach(list, index, jwk) {
        struct public_key *key = &keys->items[keys->count];
        const char *fault = fault_of_jwk(arena, jwk, algorithm, key);

        if (fault == NULL)
            fault = fault_of_name(keys, key->kid, json_array_size(list));
        if (fault != NULL) {
            *complaint_out = arena_printf(arena, "key %zu %s", index + 1, fault);
            return false;
        }
        keys->count++;
    }
    return true;
}

bool jwks_read(struct arena *arena, enum token_algorithm algorithm, struct bytes text,
               struct public_keys *keys, const char **complaint_out)
{
    const json_t *list = json_object_get(json_parse_object(arena, text), "keys");
    size_t count = json_array_size(list);

    if (count == 0) {
        *complaint_out = "is not a JWK Set with a key in it";
        return false;
    }
    if (count > PUBLIC_KEYS_MAX) {
        *complaint_out = "has more than 16 keys";
        return false;
    }
    return read_keys(arena, algorithm, list, keys, complaint_out);
}

/* --- From members to a key ----------------------------------------------------------------- */

static bool read_bytes(struct arena *arena, const json_t *jwk, const char *member,
                       struct bytes *bytes_out)
{
    const json_t *text = json_object_get(jwk, member);

    return json_is_string(text) &&
           base64url_decode(arena, bytes_of(json_string_value(text)), bytes_out) &&
           bytes_out->size > 0;
}

/*
 * A coordinate has all its bytes, leading zeros too: RFC 7518 section 6.2.1.2, RFC 8037 section 2.
 */
static bool read_coordinate(struct arena *arena, const json_t *jwk, const char *member,
                            struct bytes *bytes_out)
{
    return read_bytes(arena, jwk, member, bytes_out) && bytes_out->size == COORDINATE_BYTES;
}

static void release_key(void *pkey)
{
    EVP_PKEY_free(pkey);
}

static EVP_PKEY *make_key(struct arena *arena, const char *kind, const OSSL_PARAM *params)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *pkey = NULL;

    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, (OSSL_PARAM *) params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();                          /* leave no error in OpenSSL's queue */
    return arena_adopt(arena, pkey, release_key);
}

/* OSSL_PARAM has numbers in the machine's order, JWK the most significant byte first. */
static OSSL_PARAM number_param(struct arena *arena, const char *name, struct bytes number)
{
    unsigned char *native = arena_alloc(arena, number.size);
    BIGNUM *bignum = BN_bin2bn((const unsigned char *) number.data, (int) number.size, NULL);

    if (bignum == NULL || BN_bn2nativepad(bignum, native, (int) number.size) < 0)
        abort();                                /* out of memory */
    BN_free(bignum);
    return OSSL_PARAM_construct_BN(name, native, number.size);
}

static EVP_PKEY *make_rsa(struct arena *arena, const json_t *jwk)
{
    struct bytes modulus, exponent;
    OSSL_PARAM params[3];

    if (!read_bytes(arena, jwk, "n", &modulus) || !read_bytes(arena, jwk, "e", &exponent))
        return NULL;
    params[0] = number_param(arena, OSSL_PKEY_PARAM_RSA_N, modulus);
    params[1] = number_param(arena, OSSL_PKEY_PARAM_RSA_E, exponent);
    params[2] = OSSL_PARAM_construct_end();
    return make_key(arena, "RSA", params);
}

static EVP_PKEY *make_ec(struct arena *arena, const json_t *jwk)
{
    char group[] = "P-256", point[1 + 2 * COORDINATE_BYTES] = { 0x04 };  /* uncompressed: SEC 1 */
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end(),
    };
    struct bytes x, y;

    if (!is_text(json_object_get(jwk, "crv"), group) || !read_coordinate(arena, jwk, "x", &x) ||
        !read_coordinate(arena, jwk, "y", &y))
        return NULL;
    memcpy(point + 1, x.data, COORDINATE_BYTES);
    memcpy(point + 1 + COORDINATE_BYTES, y.data, COORDINATE_BYTES);
    return make_key(arena, "EC", params);
}

static EVP_PKEY *make_okp(struct arena *arena, const json_t *jwk)
{
    struct bytes x;
    OSSL_PARAM params[2] = { OSSL_PARAM_construct_end(), OSSL_PARAM_construct_end() };

    if (!is_text(json_object_get(jwk, "crv"), "Ed25519") || !read_coordinate(arena, jwk, "x", &x))
        return NULL;
    params[0] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *) x.data, x.size);
    return make_key(arena, "ED25519", params);
}
