/*
 * The Authorization header, with every algorithm. A first line "{header}" and a second "{claims}" are
 * signed with the secret, so that the claims are reached; for a public key the third line is the
 * signature. Any other first line is the header as it came.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/auth/public_keys.h"
#include "infrastructure/auth/token.h"

#define SECRET "the fuzzer has to guess this secret"

static struct public_keys keys[TOKEN_EDDSA + 1];

/* Two keys of each kind, "a" and "b", whose private halves nobody has. */
static void make_keys(void)
{
    static const char *const kinds[] = { [TOKEN_ES256] = "EC", [TOKEN_EDDSA] = "ED25519" };

    for (int i = 0; i < 2; i++) {
        keys[TOKEN_RS256].items[i].pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048);
        keys[TOKEN_ES256].items[i].pkey = EVP_PKEY_Q_keygen(NULL, NULL, kinds[TOKEN_ES256], "P-256");
        keys[TOKEN_EDDSA].items[i].pkey = EVP_PKEY_Q_keygen(NULL, NULL, kinds[TOKEN_EDDSA]);
        for (int algorithm = TOKEN_RS256; algorithm <= TOKEN_EDDSA; algorithm++) {
            keys[algorithm].items[i].kid = i == 0 ? "a" : "b";
            keys[algorithm].count = i + 1;
        }
    }
}

static bool is_accepted(struct arena *arena, enum token_algorithm algorithm, const char *header)
{
    const struct token_rules rules = {
        .key = { .algorithm = algorithm, .hs256_secret = bytes_of(SECRET), .public_keys = &keys[algorithm] },
        .issuer = "", .audience = "",
    };
    struct ctx ctx = { .arena = arena, .now_ms = INT64_C(1795393860000) };
    struct actor actor = { ROLE_NONE, NULL, ACTOR_CALLER };

    if (token_verify(&ctx, &rules, header, &actor) != OK)
        return false;
    assert(*actor.id != '\0' && strlen(actor.id) <= 255);
    return true;
}

static const char *join(struct arena *arena, const char *content, struct bytes signature)
{
    return arena_printf(arena, "Bearer %s.%s", content, base64url_encode(arena, signature));
}

static const char *sign(struct arena *arena, const char *content)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1, (const unsigned char *) content, strlen(content), mac,
         &size);
    return join(arena, content, (struct bytes) { (const char *) mac, size });
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *header = fuzz_line(arena, &input);
    const bool whole = *header == '{';

    if (keys[TOKEN_RS256].count == 0)
        make_keys();
    if (whole) {
        const char *content = arena_printf(arena, "%s.%s", base64url_encode(arena, bytes_of(header)),
                                           base64url_encode(arena, bytes_of(fuzz_line(arena, &input))));

        (void) is_accepted(arena, TOKEN_HS256, sign(arena, content));
        header = join(arena, content, input);
    }
    for (enum token_algorithm algorithm = TOKEN_HS256; algorithm <= TOKEN_EDDSA; algorithm++)
        assert(!is_accepted(arena, algorithm, header));
}
