/* Settings, flushing, resending and sending of webhooks, as control operations. */
#include "webhook_control.h"

#include <string.h>

#include "sandbox/http/provider_paths.h"
#include "sandbox/kit/strbuf.h"

#define WHY_BYTES          200
#define EVENT_NAME_LETTERS 24

static bool is_for(const char *provider, const char *name)
{
    return provider == NULL || strcmp(provider, name) == 0;
}

static bool check_provider(struct control_call *call, const char *provider)
{
    if (provider == NULL || provider_is_known(provider))
        return true;
    control_refuse(call, 400, "provider is stripe or paystack.");
    return false;
}

/* A change is valid for both providers or for neither. */
static bool configure(struct control_call *call, const char *provider)
{
    const struct world *world = call->world;
    char                why[WHY_BYTES];

    if ((!is_for(provider, PROVIDER_STRIPE) ||
         webhooks_configure(world->stripe_webhooks, call->body, why, sizeof why)) &&
        (!is_for(provider, PROVIDER_PAYSTACK) ||
         webhooks_configure(world->paystack_webhooks, call->body, why, sizeof why)))
        return true;
    control_refuse(call, 400, why);
    return false;
}

void webhook_control_configure(struct control_call *call)
{
    json_t     *member = json_incref(json_object_get(call->body, "provider"));
    const char *provider = json_string_value(member);

    json_object_del(call->body, "provider");
    if (member != NULL && provider == NULL)
        control_refuse(call, 400, "provider is a string.");
    else if (provider == NULL && (json_object_get(call->body, "url") != NULL ||
                                  json_object_get(call->body, "secret") != NULL))
        control_refuse(call, 400, "url and secret are those of one provider: name it.");
    else if (check_provider(call, provider) && configure(call, provider))
        control_answer(call, json_pack("{s:b}", "ok", 1));
    json_decref(member);
}

void webhook_control_flush(struct control_call *call)
{
    const char *provider = NULL;
    json_int_t  flushed = 0;

    if (!control_unpack(call, "{s?s !}", "provider", &provider) ||
        !check_provider(call, provider))
        return;
    if (is_for(provider, PROVIDER_STRIPE))
        flushed += (json_int_t) webhooks_flush(call->world->stripe_webhooks);
    if (is_for(provider, PROVIDER_PAYSTACK))
        flushed += (json_int_t) webhooks_flush(call->world->paystack_webhooks);
    control_answer(call, json_pack("{s:I}", "flushed", flushed));
}

void webhook_control_resend(struct control_call *call)
{
    if (!webhooks_resend(call->world->stripe_webhooks, call->id) &&
        !webhooks_resend(call->world->paystack_webhooks, call->id))
        control_refuse(call, 404, "There is no such event.");
    else
        control_answer(call, json_pack("{s:b}", "ok", 1));
}

void webhook_control_send(struct control_call *call)
{
    const char *provider, *type = "made_up";
    json_t     *body;
    char        name[ITEM_ID_BYTES];

    if (!control_unpack(call, "{s:s, s?s, s:o !}", "provider", &provider, "type", &type,
                        "body", &body) ||
        !check_provider(call, provider))
        return;
    random_id("made_up_", EVENT_NAME_LETTERS, name, sizeof name);
    webhooks_add(is_for(provider, PROVIDER_STRIPE) ? call->world->stripe_webhooks
                                                   : call->world->paystack_webhooks,
                 name, type, name, json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY));
    control_answer(call, json_pack("{s:s}", "event", name));
}

void webhook_control_describe(struct control_call *call)
{
    struct webhook_state state = { .deliveries = json_array() };

    webhooks_describe(call->world->stripe_webhooks, &state);
    webhooks_describe(call->world->paystack_webhooks, &state);
    control_answer(call, json_pack("{s:I, s:I, s:o}", "pending", state.pending,
                                   "held", state.held, "deliveries", state.deliveries));
}
