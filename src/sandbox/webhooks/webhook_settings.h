/*
 * webhook_settings.h - the scripted mischief of webhook delivery, as the control API sets it.
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

/* What else a change may name; the texts are borrowed from it. */
struct webhook_change {
    struct webhook_settings settings;
    json_int_t              seed;               /* -1: not named */
    const char             *url, *secret;       /* NULL: not named */
};

/*
 * Reads the change of what is set now. False with a reason in why_out[size_bytes]; change_out
 * is not to be used then.
 */
bool webhook_settings_read(const json_t *described, const struct webhook_settings *now,
                           struct webhook_change *change_out, char *why_out, size_t size_bytes);

#endif
