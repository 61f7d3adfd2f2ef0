/*
 * watch_providers.h - payapi-jobs probes the providers and reacts when one answers again.
 */
#ifndef PAYAPI_APPLICATION_WATCH_PROVIDERS_H
#define PAYAPI_APPLICATION_WATCH_PROVIDERS_H

#include "application/queries.h"

#define PROVIDER_PROBE_MS       60000   /* probe a provider that nobody called for so long */
#define PROVIDER_PROBE_AGAIN_MS 10000   /* ... or so long after a call that failed */
#define PROVIDER_BACK_SPREAD_MS 5000

/* The returns that were handled: provider_health.back_at_ms of each. All zero at first. */
struct provider_watch {
    int64_t woken_for_ms[PROVIDERS_MAX];
};

/*
 * Probes each provider, per direction, that was not called for a time or whose circuit is to be
 * tried. When a provider answers again, everything that waits for it is due within
 * PROVIDER_BACK_SPREAD_MS instead of after its back-off. Calls the provider, so never inside a
 * transaction.
 */
const struct problem *watch_providers(struct ctx *ctx, struct provider_watch *watch);

#endif
