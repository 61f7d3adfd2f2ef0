/* Derives the secrets of endpoints, and signs with them. */
#include "webhook_secrets.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "infrastructure/hkdf.h"
#include "infrastructure/hmac.h"

struct webhook_secrets {
    struct bytes master;
};

const struct webhook_secrets *webhook_secrets_new(struct arena *arena, const char *master)
{
    struct webhook_secrets *secrets = arena_alloc(arena, sizeof(*secrets));

    if (*master == '\0')
        return NULL;
    secrets->master = bytes_of(arena_strdup(arena, master));
    return secrets;
}

/* RFC 4648 section 4, with padding. */
static const char *base64(struct arena *arena, const unsigned char *bytes, size_t size)
{
    char *text = arena_alloc(arena, 4 * ((size + 2) / 3) + 1);

    (void) EVP_EncodeBlock((unsigned char *) text, bytes, (int) size);
    return text;
}

static void derive(const struct webhook_secrets *secrets, struct arena *arena,
                   struct webhook_endpoint_id endpoint_id, int generation,
                   unsigned char secret_out[static HKDF_KEY_BYTES])
{
    hkdf(secrets->master,
         arena_printf(arena, "webhook-endpoint:%s:%d", endpoint_id.text, generation), secret_out);
}

const char *webhook_secret_print(const struct webhook_secrets *secrets, struct arena *arena,
                                 struct webhook_endpoint_id endpoint_id, int generation)
{
    unsigned char secret[HKDF_KEY_BYTES];
    const char *text;

    derive(secrets, arena, endpoint_id, generation, secret);
    text = arena_printf(arena, "whsec_%s", base64(arena, secret, sizeof(secret)));
    OPENSSL_cleanse(secret, sizeof(secret));
    return text;
}

static const char *signature(const struct webhook_secrets *secrets, struct arena *arena,
                             struct webhook_endpoint_id endpoint_id, int generation,
                             struct bytes signed_bytes)
{
    unsigned char secret[HKDF_KEY_BYTES], mac[HMAC_BYTES_MAX];
    size_t size;

    derive(secrets, arena, endpoint_id, generation, secret);
    size = hmac(HASH_SHA256, (struct bytes) { (const char *) secret, sizeof(secret) },
                signed_bytes, mac);
    OPENSSL_cleanse(secret, sizeof(secret));
    return base64(arena, mac, size);
}

const char *webhook_signatures(const struct webhook_secrets *secrets, struct arena *arena,
                               struct webhook_endpoint_id endpoint_id, int newest, int oldest,
                               const char *event_id, int64_t timestamp_s, struct bytes body)
{
    struct text signed_text = text_new(arena), header = text_new(arena);

    text_printf(&signed_text, "%s.%" PRId64 ".", event_id, timestamp_s);
    text_append_bytes(&signed_text, body);
    for (int generation = newest; generation >= oldest; generation--)
        text_printf(&header, "%sv1,%s", header.size > 0 ? " " : "",
                    signature(secrets, arena, endpoint_id, generation, text_bytes(&signed_text)));
    return text_bytes(&header).data;
}
