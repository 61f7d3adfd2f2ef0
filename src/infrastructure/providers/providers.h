/* providers.h - the providers that are configured, each behind its circuit. */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_PROVIDERS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_PROVIDERS_H

#include "application/provider.h"
#include "infrastructure/config.h"

/*
 * Makes each provider whose secret key is set; NULL ends the list. They live as long as the arena
 * and keep copies of their secrets, so the configuration may wipe its own. Returns a complaint that
 * names the setting, or NULL. Before fork().
 */
const char *providers_make(struct arena *arena, const struct config *config,
                           const struct provider *providers_out[PROVIDERS_MAX + 1]);

#endif
