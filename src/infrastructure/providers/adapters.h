/*
 * adapters.h - what the folder of each provider in providers.def defines: NAME_new and NAME_free.
 *
 * NAME_new makes a provider from its configuration, which it copies. NULL: a setting is wrong, and
 * *complaint_out names it in one sentence, without its value. Each process and account may have its
 * own; it may be made before fork(), because the connection is opened by the first call.
 * NAME_free wipes the copied secrets; NULL is fine.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_ADAPTERS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_ADAPTERS_H

#include "application/provider.h"
#include "infrastructure/config.h"

#define PROVIDER(id, name, ...) \
    struct provider *name##_new(const struct provider_config *config, const char **complaint_out); \
    void name##_free(struct provider *provider);
#include "application/providers.def"

#endif
