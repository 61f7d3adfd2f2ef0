/* Records events, lists them, and hands them to the webhooks. */
#include "stripe_events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http/distort.h"
#include "sandbox/http/provider_paths.h"
#include "sandbox/kit/alloc.h"
#include "stripe_list.h"
#include "stripe_render.h"
#include "stripe_spoil.h"

/* {"id":..,"idempotency_key":..} when an API request caused the change, else both null. */
static json_t *render_cause(const struct stripe_cause *cause)
{
    return json_pack("{s:s?, s:s?}", "id", cause->request_id, "idempotency_key",
                     cause->idempotency_key);
}

/* Distorts the event as a fault plans; the list of events shows the same as the delivery. */
static void distort(struct stripe *stripe, const char *type, json_t *envelope)
{
    char             *payload = json_dumps(envelope, JSON_COMPACT);
    struct fault_plan plan = faults_take_event(stripe->faults, PROVIDER_STRIPE, type, payload);

    free(payload);
    stripe_spoil_object(json_object_get(json_object_get(envelope, "data"), "object"), &plan);
}

void stripe_event_emit(struct stripe *stripe, const char *type,
                       const struct stripe_session *session, json_t *object, json_t *previous)
{
    struct stripe_event *event = alloc_new(1, sizeof *event);
    json_t              *envelope;

    collection_add(&stripe->events, &event->item, "evt_", 24, stripe_now_s(stripe));
    envelope = json_pack("{s:s, s:s, s:s, s:I, s:{s:o, s:o*}, s:b, s:i, s:o, s:s}",
        "id", event->item.id, "object", "event", "api_version", STRIPE_API_VERSION,
        "created", (json_int_t) event->item.created_s,
        "data", "object", object, "previous_attributes", previous, "livemode", 0,
        "pending_webhooks", 1, "request", render_cause(&stripe->cause), "type", type);
    assert(envelope != NULL);
    distort(stripe, type, envelope);
    event->type = alloc_dup(type);
    event->payload = json_dumps(envelope, JSON_INDENT(2));
    json_decref(envelope);
    webhooks_add(stripe->webhooks, event->item.id, type, session->item.id,
                 distort_expand(alloc_dup(event->payload)));
}

/* Stripe forgets events after 30 days. */
static bool is_kept(const struct stripe *stripe, const struct item *item)
{
    return sandbox_clock_now_s(stripe->clock) - item->created_s <= STRIPE_EVENTS_KEPT_S;
}

/* "charge.*" matches every type that begins with "charge.". */
static bool is_type(const char *pattern, const char *type)
{
    size_t length = strlen(pattern);

    if (length >= 2 && strcmp(pattern + length - 2, ".*") == 0)
        return strncmp(pattern, type, length - 1) == 0;
    return strcmp(pattern, type) == 0;
}

static bool is_one_of_types(const struct url_form *form, const char *type)
{
    bool is_filtered = false;

    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].pattern, "types[]") != 0)
            continue;
        is_filtered = true;
        if (is_type(form->fields[i].value, type))
            return true;
    }
    return !is_filtered;
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_event *event = (const struct stripe_event *) item;
    const char                *type = url_form_find(call->form, "type");
    const char                *delivery = url_form_find(call->form, "delivery_success");

    if (!is_kept(call->stripe, item))
        return false;
    if ((type != NULL && !is_type(type, event->type)) ||
        !is_one_of_types(call->form, event->type))
        return false;
    return delivery == NULL || (strcmp(delivery, "true") == 0) ==
                                   webhooks_is_delivered(call->stripe->webhooks, item->id);
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    return stripe_render_event(stripe, (const struct stripe_event *) item);
}

void stripe_events_list(struct stripe_call *call)
{
    const struct collection *events = &call->stripe->events;

    if (url_form_find(call->form, "type") != NULL &&
        url_form_find_below(call->form, "types") != NULL) {
        stripe_reject(call, NULL, "types", "You may pass either `type` or `types`, not both.");
        return;
    }
    stripe_list_answer(call, &(struct stripe_listing) {
        .url = "/v1/events", .items = events->items, .count = events->count,
        .cursors = events, .matches = matches, .render = render,
    });
}

void stripe_events_retrieve(struct stripe_call *call)
{
    const struct stripe_event *event = collection_find(&call->stripe->events, call->id);

    if (event == NULL || !is_kept(call->stripe, &event->item))
        stripe_fail_missing(call, "event", call->id, "id");
    else
        stripe_answer(call, stripe_render_event(call->stripe, event));
}
