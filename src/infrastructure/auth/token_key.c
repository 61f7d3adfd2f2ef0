/* Loads the secret or the public keys that tokens are checked with. */
#include "infrastructure/auth/token_key.h"

#include "infrastructure/auth/key_file.h"
#include "infrastructure/config_source.h"

/* A public key beside HS256 is a mistake: its owner believes that it is used. */
static bool load_secret(const struct config *config, struct token_key *key,
                        struct config_report *report)
{
    if (*config->jwt_public_key_file != '\0')
        return config_fail(report, "JWT_PUBLIC_KEY_FILE is set, but JWT_ALGORITHM is HS256, which "
                                   "takes JWT_SECRET: set RS256, ES256 or EdDSA");
    key->hs256_secret = bytes_of(config->jwt_secret);
    if (key->hs256_secret.size < JWT_SECRET_BYTES_MIN)
        return config_fail(report, "JWT_SECRET is missing: JWT_ALGORITHM HS256 needs it");
    return true;
}

static bool load_public_keys(struct arena *arena, const char *path, struct token_key *key,
                             struct config_report *report)
{
    struct public_keys *keys = arena_alloc(arena, sizeof(*keys));
    const char *complaint;
    char *text = NULL;

    if (*path == '\0')
        return config_fail(report, "JWT_PUBLIC_KEY_FILE is missing: JWT_ALGORITHM %s needs it",
                           token_algorithm_name(key->algorithm));
    if (!config_read_named_file(arena, "JWT_PUBLIC_KEY_FILE", path, &text, report))
        return false;
    if (!key_file_read(arena, key->algorithm, bytes_of(text), keys, &complaint))
        return config_fail(report, "JWT_PUBLIC_KEY_FILE: %.200s %s", path, complaint);
    key->public_keys = keys;
    return true;
}

bool token_key_load(struct arena *arena, const struct config *config, struct token_key *key_out,
                    struct config_report *report)
{
    struct token_key key = { .public_keys = NULL };

    if (!token_algorithm_parse(config->jwt_algorithm, &key.algorithm))
        return config_fail(report,
                           "JWT_ALGORITHM must be HS256, RS256, ES256 or EdDSA, not '%.60s'",
                           config->jwt_algorithm);
    if (key.algorithm == TOKEN_HS256
            ? !load_secret(config, &key, report)
            : !load_public_keys(arena, config->jwt_public_key_file, &key, report))
        return false;
    *key_out = key;
    return true;
}
