/* Names of scopes, and sets of them. */
#include "domain/scope.h"

_Static_assert(SCOPE_COUNT <= 32, "a set has 32 bits");

static const char *const names[SCOPE_COUNT] = {
    [SCOPE_NONE] = "",
#define SCOPE(name, text) [SCOPE_##name] = (text),
#include "domain/scopes.def"
#undef SCOPE
};

bool scopes_hold(struct scopes scopes, enum scope scope)
{
    return (scopes.bits >> scope & 1) != 0;
}

struct scopes scopes_all(void)
{
    struct scopes scopes = { 0 };

    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        scopes.bits |= UINT32_C(1) << scope;
    return scopes;
}

bool scopes_add(struct scopes *scopes, enum scope scope)
{
    if (scopes_hold(*scopes, scope))
        return false;
    scopes->bits |= UINT32_C(1) << scope;
    return true;
}

bool scopes_allow(struct scopes scopes, enum scope scope)
{
    return scopes_hold(scopes, scope) || scopes_hold(scopes, SCOPE_ADMIN);
}

const char *scope_name(enum scope scope)
{
    return names[scope];
}

bool scope_parse(const char *name, enum scope *scope_out)
{
    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        if (strcmp(name, names[scope]) == 0) {
            *scope_out = scope;
            return true;
        }
    return false;
}
