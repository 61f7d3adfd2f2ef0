/*
 * The Authorization header. A first line "{header}" and a second "{claims}" are signed with the right
 * secret, so that the claims are reached; any other first line is the header as it came.
 */
#include "fuzz.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "infrastructure/auth/base64url.h"
#include "infrastructure/auth/token.h"

#define SECRET "the fuzzer has to guess this secret"

static const char *sign(struct arena *arena, const char *header, const char *claims)
{
    const char *text = arena_printf(arena, "%s.%s", base64url_encode(arena, bytes_of(header)),
                                    base64url_encode(arena, bytes_of(claims)));
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;

    HMAC(EVP_sha256(), SECRET, sizeof(SECRET) - 1, (const unsigned char *) text, strlen(text), mac,
         &size);
    return arena_printf(arena, "Bearer %s.%s", text,
                        base64url_encode(arena, (struct bytes) { (const char *) mac, size }));
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    static const struct token_rules rules = {
        .key = { .hs256_secret = { SECRET, sizeof(SECRET) - 1 } }, .issuer = "", .audience = "",
    };
    struct ctx ctx = { .arena = arena, .now_ms = INT64_C(1795393860000) };
    struct actor actor = { ROLE_NONE, NULL };
    const char *first = fuzz_line(arena, &input);
    const bool whole = *first == '{';
    const char *header = whole ? sign(arena, first, fuzz_line(arena, &input)) : first;

    if (token_verify(&ctx, &rules, header, &actor) == OK)
        assert(whole && *actor.id != '\0' && strlen(actor.id) <= 255);
}
