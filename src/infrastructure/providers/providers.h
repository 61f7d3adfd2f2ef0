/* providers.h - the providers that are configured, each behind its circuit. */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_PROVIDERS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_PROVIDERS_H

#include "application/provider.h"
#include "infrastructure/config.h"

/*
 * Each whose secret key is set; NULL at the end. They live as long as the arena and keep copies of
 * their secrets, so the configuration may forget its own. A complaint that names the setting, or
 * NULL. Before fork().
 */
const char *providers_make(struct arena *arena, const struct config *config,
                           const struct provider *providers_out[PROVIDERS_MAX + 1]);

#endif
