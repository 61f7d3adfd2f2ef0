/* Makes the configured providers: each adapter of providers.def, behind its circuits. */
#include "infrastructure/providers/providers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "infrastructure/providers/adapters.h"
#include "infrastructure/providers/breaker.h"

static const struct adapter {
    struct provider *(*make)(const struct provider_config *config, const char **complaint_out);
    void             (*release)(struct provider *provider);
} adapters[PROVIDERS_MAX] = {
#define PROVIDER(id, name, ...) { name##_new, name##_free },
#include "application/providers.def"
};

/* Without the file, only this pool knows the state of the providers. */
static struct breaker_board *open_board(const struct config *config)
{
    const char *complaint;
    struct breaker_board *board = breaker_board_open(config->provider_health_file, &complaint);

    if (complaint != NULL)
        log_event(LOG_LEVEL_WARN, "provider_health_not_shared",
                  LOG_TEXT("file", config->provider_health_file), LOG_TEXT("cause", complaint));
    return board;
}

static void release(void *adopted)
{
    struct provider *provider = adopted;
    enum provider_id id;
    bool found = provider_find(provider->name, &id);

    assert(found);
    free(provider->breaker);
    adapters[id].release(provider);
}

const char *providers_make(struct arena *arena, const struct config *config,
                           const struct provider *providers_out[PROVIDERS_MAX + 1])
{
    struct breaker_board *board = open_board(config);
    int count = 0;

    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++) {
        const char *complaint;
        struct provider *made;

        if (config->providers[id].secret_keys.count == 0)
            continue;
        made = adapters[id].make(&config->providers[id], &complaint);
        if (made == NULL)
            return complaint;
        breaker_guard(board, made, config->provider_breaker_failures);
        providers_out[count++] = arena_adopt(arena, made, release);
    }
    providers_out[count] = NULL;
    return NULL;
}
