/* The table of first path segments and the provider that each belongs to. */
#include "provider_paths.h"

#include <stddef.h>
#include <string.h>

static const struct { const char *path, *provider; } paths[] = {
    { "/v1", PROVIDER_STRIPE },
    { "/v2", PROVIDER_STRIPE },
    { "/pay", PROVIDER_STRIPE },
    { "/transaction", PROVIDER_PAYSTACK },
    { "/refund", PROVIDER_PAYSTACK },
    { "/dispute", PROVIDER_PAYSTACK },
    { "/balance", PROVIDER_PAYSTACK },
    { "/checkout", PROVIDER_PAYSTACK },
};

const char *provider_of_path(const char *path)
{
    size_t length = path[0] == '/' ? 1 + strcspn(path + 1, "/") : 0;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (strlen(paths[i].path) == length && strncmp(paths[i].path, path, length) == 0)
            return paths[i].provider;
    return NULL;
}

bool provider_is_known(const char *name)
{
    return strcmp(name, PROVIDER_STRIPE) == 0 || strcmp(name, PROVIDER_PAYSTACK) == 0;
}
