/* Reads the settings of delivery from JSON. */
#include "webhook_settings.h"

#include <string.h>

#include "sandbox/kit/strbuf.h"

static const char *const delivery_names[] = { "on", "off", "hold" };

static bool find_delivery(const char *name, enum webhook_delivery *delivery_out)
{
    for (size_t i = 0; i < sizeof delivery_names / sizeof delivery_names[0]; i++) {
        if (strcmp(delivery_names[i], name) == 0) {
            *delivery_out = (enum webhook_delivery) i;
            return true;
        }
    }
    return false;
}

bool webhook_settings_read(const json_t *described, const struct webhook_settings *now,
                           struct webhook_change *change_out, char *why_out, size_t size_bytes)
{
    struct webhook_settings *changed = &change_out->settings;
    const char              *delivery = delivery_names[now->delivery];
    json_error_t             error;

    *change_out = (struct webhook_change) { .settings = *now, .seed = -1 };
    if (json_unpack_ex((json_t *) (size_t) described, &error, 0,
        "{s?s, s?i, s?b, s?F, s?I, s?I, s?s, s?s !}", "delivery", &delivery, "duplicate",
        &changed->duplicates, "shuffle", &changed->shuffle, "drop_probability",
        &changed->drop_probability, "seed", &change_out->seed, "delay_ms", &changed->delay_ms,
        "url", &change_out->url, "secret", &change_out->secret) != 0) {
        copy_bounded(why_out, size_bytes, error.text);
        return false;
    }
    if (find_delivery(delivery, &changed->delivery) && changed->duplicates >= 0 &&
        changed->duplicates <= WEBHOOK_DUPLICATES_MAX && changed->delay_ms >= 0)
        return true;
    copy_bounded(why_out, size_bytes, "delivery is on, off or hold; numbers are not negative.");
    return false;
}
