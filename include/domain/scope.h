/*
 * scope.h - what an API key may do: a set of scopes.def. Plain values; nothing to free.
 */
#ifndef PAYAPI_DOMAIN_SCOPE_H
#define PAYAPI_DOMAIN_SCOPE_H

#include <stdint.h>

#include "base/bytes.h"

enum scope {
    SCOPE_NONE,                 /* of routes that no key is needed for */
#define SCOPE(name, text) SCOPE_##name,
#include "domain/scopes.def"
#undef SCOPE
    SCOPE_COUNT
};

/* One bit for each scope. */
struct scopes { uint32_t bits; };

struct scopes scopes_all(void);
/* False: the scope is in the set already. */
bool scopes_add(struct scopes *scopes, enum scope scope);
MUST_CHECK bool scopes_hold(struct scopes scopes, enum scope scope);
/* True when the set allows it: by that scope, or by admin. */
MUST_CHECK bool scopes_allow(struct scopes scopes, enum scope scope);

const char *scope_name(enum scope scope);               /* "orders:read" */
MUST_CHECK bool scope_parse(const char *name, enum scope *scope_out);

#endif
