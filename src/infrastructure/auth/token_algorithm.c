/* The names of the algorithms. */
#include "infrastructure/auth/token_algorithm.h"

#include "domain/names.h"

static const char *const names[] = {
    [TOKEN_HS256] = "HS256",
    [TOKEN_RS256] = "RS256",
    [TOKEN_ES256] = "ES256",
    [TOKEN_EDDSA] = "EdDSA",
};

const char *token_algorithm_name(enum token_algorithm algorithm)
{
    return names[algorithm];
}

bool token_algorithm_parse(const char *name, enum token_algorithm *algorithm_out)
{
    const size_t i = name_index(names, NAME_COUNT(names), name);

    if (i == NAME_COUNT(names))
        return false;
    *algorithm_out = (enum token_algorithm) i;
    return true;
}
