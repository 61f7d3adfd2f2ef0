/* Puts what the database says into the metrics that all programs share. */
#include "jobs_gauges.h"

#include "application/provider.h"
#include "application/store/store_gauges.h"
#include "base/metrics.h"

static void measure_circuits(const struct ctx *ctx)
{
    static const char *const directions[] = { [PROVIDER_READS] = "reads",
                                              [PROVIDER_WRITES] = "writes" };

    for (int i = 0; ctx->providers[i] != NULL; i++)
        for (int at = 0; at < PROVIDER_DIRECTIONS; at++) {
            const struct provider *provider = ctx->providers[i];
            struct provider_health health = provider->read_health(provider,
                                                                  (enum provider_direction) at);

            metrics_set(METRIC_CIRCUIT_OPEN, health.circuit_open,
                        METRIC_VALUES(provider->name, directions[at]));
        }
}

const struct problem *jobs_measure(struct ctx *ctx)
{
    struct gauge *gauges;
    int count;

    measure_circuits(ctx);
    TRY(store_gauges(ctx, &gauges, &count));
    for (int i = 0; i < count; i++) {
        enum metric metric;

        if (metrics_find(arena_printf(ctx->arena, "payapi_%s", gauges[i].name), &metric))
            metrics_set(metric, gauges[i].value, METRIC_VALUES(gauges[i].label));
    }
    metrics_set(METRIC_COLLECTED, ctx->now_ms / 1000, METRIC_VALUES(""));
    return OK;
}
