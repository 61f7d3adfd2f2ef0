/*
 * webhook_settings.h - scripted faults of webhook delivery, set through the control API.
 */
#ifndef PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_SETTINGS_H
#define PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_SETTINGS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define WEBHOOK_DUPLICATES_MAX 100

enum webhook_delivery { WEBHOOK_DELIVERY_ON, WEBHOOK_DELIVERY_OFF, WEBHOOK_DELIVERY_HOLD };

struct webhook_settings {
    enum webhook_delivery delivery;
    int                   duplicates;
    int                   shuffle;              /* a bool, as Jansson unpacks it */
    double                drop_probability;
    json_int_t            delay_ms;
};

/* A change of the settings, and what else it may name; the texts are borrowed from its JSON. */
struct webhook_change {
    struct webhook_settings settings;
    json_int_t              seed;               /* -1: not named */
    const char             *url, *secret;       /* NULL: not named */
};

/*
 * Reads a change to the present settings. False with a reason in why_out[size_bytes]; then do not
 * use change_out.
 */
bool webhook_settings_read(const json_t *described, const struct webhook_settings *now,
                           struct webhook_change *change_out, char *why_out, size_t size_bytes);

#endif
