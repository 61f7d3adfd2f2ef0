/* Writes the payload of an event and hands it to the webhooks. */
#include "paystack_events.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "paystack_spoil.h"
#include "sandbox/http/distort.h"
#include "sandbox/http/provider_paths.h"
#include "sandbox/kit/strbuf.h"

#define EVENT_NAME_LETTERS 24

/* Paystack's older samples quote ids. */
static void put_id_as_text(json_t *object)
{
    const json_t *id = json_object_get(object, "id");
    char          text[24];

    if (!json_is_integer(id))
        return;
    snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    json_object_set_new(object, "id", json_string(text));
}

/* Distorts the event as a fault plans. */
static void distort(struct paystack *paystack, const char *event, json_t *envelope)
{
    char             *payload = json_dumps(envelope, JSON_COMPACT);
    struct fault_plan plan = faults_take_event(paystack->faults, PROVIDER_PAYSTACK, event,
                                               payload);

    free(payload);
    paystack_spoil_data(json_object_get(envelope, "data"), &plan);
}

void paystack_event_emit(struct paystack *paystack, const char *event,
                         const struct paystack_transaction *transaction, json_t *data)
{
    char    name[ITEM_ID_BYTES];        /* only for the control API */
    json_t *envelope;

    if (paystack->settings.says_ids_as_text) {
        put_id_as_text(data);
        put_id_as_text(json_object_get(data, "transaction"));
    }
    random_id("paystack_", EVENT_NAME_LETTERS, name, sizeof name);
    envelope = json_pack("{s:s, s:o}", "event", event, "data", data);
    assert(envelope != NULL);
    distort(paystack, event, envelope);
    webhooks_add(paystack->webhooks, name, event, transaction->reference,
                 distort_expand(json_dumps(envelope, JSON_COMPACT)));
    json_decref(envelope);
}
