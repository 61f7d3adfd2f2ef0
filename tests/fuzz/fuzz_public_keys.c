/*
 * The file of public keys, PEM or JWK Set, behind a first line with the algorithm: what is taken is a key,
 * and is found by its name. Whether it is sound is not asked twice: OpenSSL draws numbers to find out, and
 * may judge an odd modulus either way.
 */
#include "fuzz.h"

#include "infrastructure/auth/key_file.h"

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *name = fuzz_line(arena, &input), *complaint = NULL;
    enum token_algorithm algorithm = TOKEN_RS256;
    struct public_keys keys = { .count = 0 };

    while (strcmp(token_algorithm_name(algorithm), name) != 0)
        if (algorithm++ == TOKEN_EDDSA)
            return;
    if (!key_file_read(arena, algorithm, input, &keys, &complaint)) {
        assert(complaint != NULL && keys.count == 0);
        return;
    }
    assert(keys.count >= 1 && keys.count <= PUBLIC_KEYS_MAX);
    for (int i = 0; i < keys.count; i++) {
        assert(keys.items[i].pkey != NULL);
        assert(public_keys_find(&keys, keys.items[i].kid) == &keys.items[i]);
    }
}
