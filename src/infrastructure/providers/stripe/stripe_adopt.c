/*
 * Finds the session behind an event whose payment we do not have. Refunds, charges and disputes
 * carry no metadata of ours, but they name the intent, and the intent leads to its session.
 * Source: docs/facts.md section 2 (GET /v1/checkout/sessions?payment_intent=) and the traps of
 * section 4.
 */
#include <string.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define SESSIONS "/v1/checkout/sessions"

const struct problem *stripe_write_adopt(struct ctx *ctx, const struct provider_event *event,
                                         struct provider_request *request_out)
{
    const char *path;

    if (event->payment.ref[0] != '\0')
        path = arena_printf(ctx->arena, SESSIONS "/%s?expand[0]=payment_intent",
                            form_escape(ctx->arena, event->payment.ref));
    else if (event->payment.intent[0] != '\0')
        path = arena_printf(ctx->arena, SESSIONS "?payment_intent=%s&expand[0]=data.payment_intent",
                            form_escape(ctx->arena, event->payment.intent));
    else
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "The event names neither a session nor an intent.");
    *request_out = (struct provider_request) {
        .operation = OP_ADOPT, .method = "GET", .path = path, .idempotency_key = "",
    };
    return OK;
}

/* The session asked for, or the intent's session: it has one at most. NULL: there is none. */
static const json_t *session_in(const json_t *document, const struct provider_event *event)
{
    const json_t *session = document_is(document, "object", "list")
        ? json_array_get(json_object_get(document, "data"), 0)
        : document;

    if (!document_is(session, "object", "checkout.session"))
        return NULL;
    if (event->payment.ref[0] != '\0')
        return document_is(session, "id", event->payment.ref) ? session : NULL;
    return strcmp(stripe_id(session, "payment_intent"), event->payment.intent) == 0 ? session
                                                                                    : NULL;
}

/* An intent without a session belongs to another integration, unless it carries an id of ours. */
static bool is_without_session(const json_t *document, const struct provider_event *event)
{
    return document_is(document, "object", "list") && event->payment.payment_id.text[0] == '\0'
        && json_is_array(json_object_get(document, "data"))
        && json_array_size(json_object_get(document, "data")) == 0
        && json_is_false(json_object_get(document, "has_more"));
}

static enum provider_adoption read_session(const struct provider *provider, const json_t *session,
                                           struct provider_adopted *adopted_out)
{
    struct provider_adopted adopted = { .created_s = 0 };

    stripe_read_references(session, &adopted.payment);
    if (adopted.payment.payment_id.text[0] == '\0' || adopted.payment.order_id.text[0] == '\0')
        return ADOPTION_NOT_OURS;
    if (!stripe_read_session(session, &adopted.payment) || adopted.payment.amount_minor <= 0 ||
        adopted.payment.livemode != provider->livemode ||
        !document_time(session, "created", &adopted.created_s) ||
        !document_time(session, "expires_at", &adopted.expires_s))
        return ADOPTION_UNTOLD;
    *adopted_out = adopted;
    return ADOPTION_CLAIMED;
}

enum provider_adoption stripe_read_adopted(struct ctx *ctx, const struct provider *provider,
                                           const struct provider_event *event,
                                           const struct provider_reply *reply,
                                           struct provider_adopted *adopted_out)
{
    const json_t *document, *session;

    if (!reply->complete || reply->http_status != 200)
        return ADOPTION_UNTOLD;
    document = foreign_json_object(ctx->arena, reply->body);
    if (is_without_session(document, event))
        return ADOPTION_NOT_OURS;
    session = session_in(document, event);
    return session != NULL ? read_session(provider, session, adopted_out) : ADOPTION_UNTOLD;
}
