/* Reads the Idempotency-Key and fingerprints the request that the key is bound to. */
#include "idempotency_header.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "application/entropy.h"
#include "infrastructure/api/input/card_number.h"
#include "router.h"

#define SHA256_BYTES 32
#define HOLDER_BYTES 16
#define LETTERS      "ABCDEFGHIJKLMNOPQRSTUVWXYZ" "abcdefghijklmnopqrstuvwxyz"

static const char *hex(struct arena *arena, const unsigned char *bytes, size_t size)
{
    struct text text = text_new(arena);

    for (size_t i = 0; i < size; i++)
        text_printf(&text, "%02x", bytes[i]);
    return text_bytes(&text).data;
}

static bool is_key(const char *text)
{
    size_t size = strnlen(text, IDEMPOTENCY_KEY_BYTES_MAX + 1);

    if (size == 0 || size > IDEMPOTENCY_KEY_BYTES_MAX)
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* Inside the quotes, a backslash may only escape a quote or a backslash. NULL: malformed. */
static const char *unquote(struct arena *arena, const char *header)
{
    struct text key = text_new(arena);

    for (header++; *header != '"'; header++) {
        if (*header == '\\' && *++header != '"' && *header != '\\')
            return NULL;
        if (*header == '\0')
            return NULL;
        text_append_char(&key, *header);
    }
    return header[1] == '\0' ? text_bytes(&key).data : NULL;
}

static const char *fingerprint(struct ctx *ctx, const struct request *request,
                               const struct json_body *body)
{
    struct bytes canonical = json_body_canonical(ctx->arena, body);
    const char *text = arena_printf(ctx->arena, "%s\n%s\n%s", request->method, request->path,
                                    canonical.data);
    unsigned char digest[SHA256_BYTES];

    if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) != 1)
        abort();                                /* out of memory, or no SHA-256: cannot go on */
    return hex(ctx->arena, digest, sizeof(digest));
}

static const char *new_holder(struct arena *arena)
{
    unsigned char random[HOLDER_BYTES];

    entropy_fill(random, sizeof(random));
    return hex(arena, random, sizeof(random));
}

/* API keys share theirs: a repeat with the new key, after a rotation, is a repeat. */
static const char *principal(const struct ctx *ctx)
{
    return ctx->actor.kind == ACTOR_KEY ? "" : ctx->actor.id;
}

const struct problem *idempotency_key_read(struct ctx *ctx, const struct request *request,
                                           const struct json_body *body,
                                           const struct idempotency_key **key_out)
{
    const char *header = request->idempotency_key;
    struct idempotency_key *key = arena_alloc(ctx->arena, sizeof(*key));

    *key_out = NULL;
    if (header == NULL)
        return OK;
    key->key = *header == '"' ? unquote(ctx->arena, header) : header;
    if (key->key == NULL || !is_key(key->key))
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "Idempotency-Key must have 1 to %d visible ASCII characters.",
                           IDEMPOTENCY_KEY_BYTES_MAX);
    /*
     * Only a key without letters is checked: a random key may contain digits that look like a card
     * number.
     */
    if (key->key[strcspn(key->key, LETTERS)] == '\0' && card_number_is_in(key->key))
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "Idempotency-Key must not contain a card number.");
    key->principal = principal(ctx);
    key->route = arena_printf(ctx->arena, "%s %s", request->route->method, request->route->pattern);
    key->fingerprint = fingerprint(ctx, request, body);
    key->holder = new_holder(ctx->arena);
    *key_out = key;
    return OK;
}
