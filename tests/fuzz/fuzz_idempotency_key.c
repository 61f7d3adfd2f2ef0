/* Idempotency-Key: visible characters within the limit, the same key whether quoted or bare. */
#include "fuzz.h"

#include "infrastructure/api/http/idempotency_header.h"
#include "infrastructure/api/http/router.h"

static const struct idempotency_key *read(struct ctx *ctx, const char *header)
{
    static const struct route route = { .method = "POST", .pattern = "/api/v1/orders" };
    const struct request request = { .method = "POST", .path = "/api/v1/orders", .content_type = "",
                                     .idempotency_key = header, .route = &route };
    const struct idempotency_key *key = NULL;
    struct json_body body = { 0 };

    if (json_body_read(ctx, &request, BODY_OPTIONAL, &body) != OK ||
        idempotency_key_read(ctx, &request, &body, &key) != OK)
        assert(key == NULL);
    return key;
}

static const char *quoted(struct arena *arena, const char *key)
{
    struct text text = text_new(arena);

    text_append_char(&text, '"');
    for (; *key != '\0'; key++) {
        if (*key == '"' || *key == '\\')
            text_append_char(&text, '\\');
        text_append_char(&text, *key);
    }
    text_append_char(&text, '"');
    return text_bytes(&text).data;
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct ctx ctx = { .arena = arena, .actor = { ROLE_USER, "alice", ACTOR_CALLER } };
    const struct idempotency_key *key = read(&ctx, fuzz_line(arena, &input)), *again;

    if (key == NULL)
        return;
    assert(strlen(key->key) >= 1 && strlen(key->key) <= IDEMPOTENCY_KEY_BYTES_MAX);
    for (const char *c = key->key; *c != '\0'; c++)
        assert(*c > ' ' && *c <= '~');
    again = read(&ctx, quoted(arena, key->key));
    assert(again != NULL && strcmp(again->key, key->key) == 0);
    assert(strcmp(again->fingerprint, key->fingerprint) == 0);
}
