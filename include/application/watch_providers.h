/*
 * watch_providers.h - payapi-jobs keeps an eye on the providers.
 */
#ifndef PAYAPI_APPLICATION_WATCH_PROVIDERS_H
#define PAYAPI_APPLICATION_WATCH_PROVIDERS_H

#include "application/queries.h"

#define PROVIDER_PROBE_MS       60000   /* nobody called for so long: a probe does */
#define PROVIDER_PROBE_AGAIN_MS 10000   /* ... and so long after a call that failed */
#define PROVIDER_BACK_SPREAD_MS 5000

/* Whose return the watcher has seen to: provider_health.back_at_ms of then. All zero at first. */
struct provider_watch {
    int64_t woken_for_ms[PROVIDERS_MAX];
};

/*
 * Probes whoever was not called for a time, or whose circuit is to be tried, in the direction that
 * it is about. Of a provider that answers again, everything that waits is due within
 * PROVIDER_BACK_SPREAD_MS, not in its back-off's time. Calls the provider, so never inside a
 * transaction.
 */
const struct problem *watch_providers(struct ctx *ctx, struct provider_watch *watch);

#endif
