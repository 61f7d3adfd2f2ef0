/*
 * watch_providers.h - payapi-jobs keeps an eye on the providers.
 */
#ifndef PAYAPI_APPLICATION_WATCH_PROVIDERS_H
#define PAYAPI_APPLICATION_WATCH_PROVIDERS_H

#include "application/queries.h"

#define PROVIDER_PROBE_MS       60000   /* nobody called for so long: a probe does */
#define PROVIDER_BACK_SPREAD_MS 5000

/* What the watcher saw the last time. All zero at first. */
struct provider_watch {
    bool was_open[HEALTH_PROVIDERS_MAX];
};

/*
 * Probes whoever was not called for PROVIDER_PROBE_MS, or whose circuit is to be tried. Of a provider
 * that answers again, everything that waits is due within PROVIDER_BACK_SPREAD_MS, not in its back-off's
 * time. Calls the provider, so never inside a transaction.
 */
const struct problem *watch_providers(struct ctx *ctx, struct provider_watch *watch);

#endif
