/* A table of API keys as the database had them a moment ago. */
#include "infrastructure/auth/api_key_memory.h"

#include <openssl/crypto.h>

#include "application/queries.h"

struct slot {
    bool           used;
    struct digest  digest;
    int64_t        read_at_ms;
    struct api_key key;
};

struct api_key_memory {
    struct slot slots[API_KEY_MEMORY_SLOTS];
};

_Static_assert(API_KEY_MEMORY_SLOTS <= 256, "a byte of the digest chooses the slot");

struct api_key_memory *api_key_memory_new(struct arena *arena)
{
    struct api_key_memory *memory = arena_alloc(arena, sizeof(*memory));

    memset(memory, 0, sizeof(*memory));
    return memory;
}

static struct slot *slot_of(struct api_key_memory *memory, struct digest digest)
{
    return &memory->slots[digest.bytes[0] % API_KEY_MEMORY_SLOTS];
}

/* A clock that was set back makes the age negative: then too it is read again. */
static bool is_fresh(const struct slot *slot, int64_t now_ms)
{
    return now_ms >= slot->read_at_ms && now_ms - slot->read_at_ms < API_KEY_MEMORY_MS;
}

struct api_key *api_key_memory_find(struct api_key_memory *memory, struct digest digest,
                                    int64_t now_ms)
{
    struct slot *slot = slot_of(memory, digest);

    if (!slot->used || CRYPTO_memcmp(slot->digest.bytes, digest.bytes, DIGEST_BYTES) != 0)
        return NULL;
    return is_fresh(slot, now_ms) ? &slot->key : NULL;
}

struct api_key *api_key_memory_keep(struct api_key_memory *memory, struct digest digest,
                                    const struct api_key *key, int64_t now_ms)
{
    struct slot *slot = slot_of(memory, digest);

    *slot = (struct slot) { true, digest, now_ms, *key };
    return &slot->key;
}
