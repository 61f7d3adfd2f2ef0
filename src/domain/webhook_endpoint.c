/* Where the shop is told of events: names, and sets of events. */
#include "domain/webhook_endpoint.h"

static const char *const statuses[] = {
    [ENDPOINT_ENABLED] = "enabled", [ENDPOINT_DISABLED] = "disabled",
    [ENDPOINT_DELETED] = "deleted",
};
static const char *const reasons[] = {
    [ENDPOINT_NOT_DISABLED] = "", [ENDPOINT_ASKED] = "asked", [ENDPOINT_GONE] = "gone",
    [ENDPOINT_FAILING] = "failing",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

_Static_assert(DOMAIN_EVENT_COUNT <= 64, "a set of events has a bit for each");

static bool find(const char *const *names, size_t count, const char *name, size_t *at_out)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) {
            *at_out = i;
            return true;
        }
    return false;
}

bool webhook_endpoint_id_parse(const char *text, struct webhook_endpoint_id *id_out)
{
    if (!id_is_valid("wep", text))
        return false;
    *id_out = (struct webhook_endpoint_id) { 0 };
    memcpy(id_out->text, text, strlen(text));
    return true;
}

const char *webhook_endpoint_status_name(enum webhook_endpoint_status status)
{
    return statuses[status];
}

bool webhook_endpoint_status_parse(const char *name, enum webhook_endpoint_status *status_out)
{
    size_t at;

    if (!find(statuses, COUNT(statuses), name, &at))
        return false;
    *status_out = (enum webhook_endpoint_status) at;
    return true;
}

const char *webhook_disabled_reason_name(enum webhook_disabled_reason reason)
{
    return reasons[reason];
}

bool webhook_disabled_reason_parse(const char *name, enum webhook_disabled_reason *reason_out)
{
    size_t at;

    if (!find(reasons, COUNT(reasons), name, &at))
        return false;
    *reason_out = (enum webhook_disabled_reason) at;
    return true;
}

bool webhook_events_add(struct webhook_events *events, const char *name)
{
    if (strcmp(name, "*") == 0) {
        *events = (struct webhook_events) { .all = true };
        return true;
    }
    for (enum domain_event event = DOMAIN_EVENT_NONE + 1; event < DOMAIN_EVENT_COUNT; event++)
        if (event != DOMAIN_EVENT_WEBHOOK_ENDPOINT_TEST
            && strcmp(domain_event_name(event), name) == 0) {
            events->set |= UINT64_C(1) << event;
            return true;
        }
    return false;
}

bool webhook_events_hold(struct webhook_events events, enum domain_event event)
{
    return events.all || (events.set >> event & 1) != 0;
}
