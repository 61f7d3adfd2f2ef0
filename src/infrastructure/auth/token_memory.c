/* A table of tokens that were found good. */
#include "infrastructure/auth/token_memory.h"

#include <string.h>

struct slot {
    bool               used;
    struct digest      digest;
    struct known_token known;
};

struct token_memory {
    struct slot slots[TOKEN_MEMORY_SLOTS];
};

_Static_assert(TOKEN_MEMORY_SLOTS == 256, "a byte of the digest is the number of its slot");

struct token_memory *token_memory_new(struct arena *arena)
{
    struct token_memory *memory = arena_alloc(arena, sizeof(*memory));

    memset(memory, 0, sizeof(*memory));
    return memory;
}

bool token_memory_find(const struct token_memory *memory, struct digest digest,
                       struct known_token *known_out)
{
    const struct slot *slot = &memory->slots[digest.bytes[0]];

    if (!slot->used || !digest_equal(slot->digest, digest))
        return false;
    *known_out = slot->known;
    return true;
}

void token_memory_keep(struct token_memory *memory, struct digest digest,
                       const struct known_token *known)
{
    memory->slots[digest.bytes[0]] = (struct slot) { true, digest, *known };
}
