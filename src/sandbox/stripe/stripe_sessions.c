/* Makes, shows, lists and expires checkout sessions. */
#include "stripe_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "stripe_checkout.h"
#include "stripe_list.h"
#include "stripe_payments.h"
#include "stripe_render.h"

#define SESSION_ID_LETTERS 58

json_t *stripe_read_metadata(const struct url_form *form, const char *name)
{
    size_t  length = strlen(name);
    json_t *metadata = json_object();

    for (size_t i = 0; i < form->count; i++) {
        const char *path = form->fields[i].path, *value = form->fields[i].value;

        /* An empty value unsets the key. */
        if (strncmp(path, name, length) == 0 && path[length] == '[' && value[0] != '\0') {
            char *key = alloc_dup_bytes(path + length + 1, strlen(path) - length - 2);

            json_object_set_new(metadata, key, json_string(value));
            free(key);
        }
    }
    return metadata;
}

/* An open session with an id and a page. */
static struct stripe_session *new_session(struct stripe *stripe, int64_t expires_at_s)
{
    struct stripe_session *session = alloc_new(1, sizeof *session);

    collection_add(&stripe->sessions, &session->item, "cs_test_", SESSION_ID_LETTERS,
                   stripe_now_s(stripe));
    stripe_name_page(stripe, session);
    session->expires_at_s = expires_at_s;
    heap_push(&stripe->expiries, session->expires_at_s, session);
    return session;
}

static struct stripe_session *open_session(struct stripe *stripe, const struct url_form *form,
                                           const struct stripe_checkout *checkout)
{
    struct stripe_session *session = new_session(stripe, checkout->expires_at_s);

    session->amount = checkout->amount;
    copy_bounded(session->currency, sizeof session->currency, checkout->currency);
    session->success_url = alloc_dup(checkout->success_url);
    session->cancel_url = alloc_dup(checkout->cancel_url);
    session->client_reference_id = alloc_dup(checkout->client_reference_id);
    session->customer_email = alloc_dup(checkout->customer_email);
    session->title = alloc_dup(checkout->title);
    session->intent_description = alloc_dup(checkout->intent_description);
    session->metadata = stripe_read_metadata(form, "metadata");
    session->intent_metadata = stripe_read_metadata(form, "payment_intent_data[metadata]");
    return session;
}

struct stripe_session *stripe_session_copy(struct stripe *stripe,
                                           const struct stripe_session *like)
{
    struct stripe_session *session =
        new_session(stripe, stripe_now_s(stripe) + STRIPE_SESSION_MAX_S);

    session->amount = like->amount;
    copy_bounded(session->currency, sizeof session->currency, like->currency);
    session->success_url = alloc_dup(like->success_url);
    session->cancel_url = alloc_dup(like->cancel_url);
    session->client_reference_id = alloc_dup(like->client_reference_id);
    session->customer_email = alloc_dup(like->customer_email);
    session->title = alloc_dup(like->title);
    session->intent_description = alloc_dup(like->intent_description);
    session->metadata = json_deep_copy(like->metadata);
    session->intent_metadata = json_deep_copy(like->intent_metadata);
    return session;
}

void stripe_sessions_create(struct stripe_call *call)
{
    struct stripe_checkout checkout;

    if (stripe_checkout_read(call, &checkout))
        stripe_answer(call, stripe_render_session(
                                open_session(call->stripe, call->form, &checkout)));
}

/* NULL after answering 404. */
static struct stripe_session *find_session(struct stripe_call *call)
{
    struct stripe_session *session = collection_find(&call->stripe->sessions, call->id);

    if (session == NULL)
        stripe_fail_missing(call, "checkout.session", call->id, "id");
    return session;
}

void stripe_sessions_retrieve(struct stripe_call *call)
{
    const struct stripe_session *session = find_session(call);

    if (session != NULL)
        stripe_answer(call, stripe_render_session(session));
}

void stripe_sessions_expire(struct stripe_call *call)
{
    struct stripe_session *session = find_session(call);

    if (session == NULL)
        return;
    if (session->status != SESSION_OPEN) {
        stripe_fail(call, 400, NULL, NULL, "Only Checkout Sessions with a status in [\"open\"] "
                    "can be expired. This Checkout Session has a status of `%s`.",
                    session_status_name(session->status));
        return;
    }
    stripe_payment_expire(call->stripe, session);
    stripe_answer(call, stripe_render_session(session));
}

static bool matches(const struct stripe_call *call, const struct item *item)
{
    const struct stripe_session *session = (const struct stripe_session *) item;
    const char *status = url_form_find(call->form, "status");
    const char *email = url_form_find(call->form, "customer_details[email]");

    return (status == NULL || strcmp(status, session_status_name(session->status)) == 0) &&
           (email == NULL || (session->customer_email != NULL &&
                              strcmp(email, session->customer_email) == 0));
}

static json_t *render(const struct stripe *stripe, const struct item *item)
{
    (void) stripe;
    return stripe_render_session((const struct stripe_session *) item);
}

/* The sandbox has none of these objects, so nothing can match. */
static bool asks_for_the_unknown(const struct url_form *form)
{
    static const char *const unknown[] = { "customer", "customer_account", "payment_link",
                                           "subscription" };

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        if (url_form_find(form, unknown[i]) != NULL)
            return true;
    return false;
}

void stripe_sessions_list(struct stripe_call *call)
{
    const struct collection *sessions = &call->stripe->sessions;
    const char              *intent_id = url_form_find(call->form, "payment_intent");
    struct stripe_listing    listing = {
        .url = "/v1/checkout/sessions", .items = sessions->items, .count = sessions->count,
        .cursors = sessions, .matches = matches, .render = render,
    };
    const struct stripe_intent *intent;
    struct item                *only;

    if (intent_id != NULL) {
        intent = collection_find(&call->stripe->intents, intent_id);
        only = intent == NULL ? NULL : &intent->session->item;
        listing.items = &only;
        listing.count = only != NULL;
    }
    if (asks_for_the_unknown(call->form))
        listing.count = 0;
    stripe_list_answer(call, &listing);
}
