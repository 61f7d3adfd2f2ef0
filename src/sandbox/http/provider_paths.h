/*
 * provider_paths.h - the providers played, and which of them owns a path.
 */
#ifndef PAYAPI_SANDBOX_HTTP_PROVIDER_PATHS_H
#define PAYAPI_SANDBOX_HTTP_PROVIDER_PATHS_H

#include <stdbool.h>

#define PROVIDER_STRIPE   "stripe"
#define PROVIDER_PAYSTACK "paystack"

/* The name (static) of the provider whose API or payment page has that path; NULL: none. */
const char *provider_of_path(const char *path);

bool provider_is_known(const char *name);

#endif
