/* Shows, lists and cancels payment intents; shows and lists charges. */
#include "stripe_intents.h"

#include <string.h>

#include "stripe_list.h"
#include "stripe_payments.h"
#include "stripe_render.h"

static struct stripe_intent *find_intent(struct stripe_call *call)
{
    struct stripe_intent *intent = collection_find(&call->stripe->intents, call->id);

    if (intent == NULL)
        stripe_fail_missing(call, "payment_intent", call->id, "intent");
    return intent;
}

void stripe_intents_retrieve(struct stripe_call *call)
{
    const struct stripe_intent *intent = find_intent(call);

    if (intent != NULL)
        stripe_answer(call, stripe_render_intent(intent));
}

/* The same word as static text: it outlives the form. */
static const char *read_reason(const struct url_form *form)
{
    static const char *const reasons[] = { "abandoned", "duplicate", "fraudulent",
                                           "requested_by_customer" };
    const char *reason = url_form_find(form, "cancellation_reason");

    for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof reasons[0]; i++)
        if (strcmp(reasons[i], reason) == 0)
            return reasons[i];
    return NULL;
}

void stripe_intents_cancel(struct stripe_call *call)
{
    struct stripe_intent *intent = find_intent(call);
    const char           *why;

    if (intent == NULL)
        return;
    why = stripe_payment_cancel(call->stripe, intent, read_reason(call->form));
    if (why != NULL)
        stripe_fail(call, 400, "payment_intent_unexpected_state", NULL, "%s", why);
    else
        stripe_answer(call, stripe_render_intent(intent));
}

void stripe_charges_retrieve(struct stripe_call *call)
{
    const struct stripe_charge *charge = collection_find(&call->stripe->charges, call->id);

    if (charge == NULL)
        stripe_fail_missing(call, "charge", call->id, "id");
    else
        stripe_answer(call, stripe_render_charge(charge));
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_charge *charge = (const struct stripe_charge *) item;
    const char                 *intent = url_form_find(call->form, "payment_intent");

    return (intent == NULL || strcmp(intent, charge->intent->item.id) == 0) &&
           url_form_find(call->form, "customer") == NULL &&
           url_form_find(call->form, "transfer_group") == NULL;
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    (void) stripe;
    return stripe_render_charge((const struct stripe_charge *) item);
}

void stripe_charges_list(struct stripe_call *call)
{
    const struct collection *charges = &call->stripe->charges;

    stripe_list_answer(call, &(struct stripe_listing) {
        .url = "/v1/charges", .items = charges->items, .count = charges->count,
        .cursors = charges, .matches = matches, .render = render,
    });
}
