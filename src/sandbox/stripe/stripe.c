/* Creates, resets and frees the account, and names its statuses and pages. */
#include "stripe.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

static const char *const session_names[] = { "open", "complete", "expired" };
static const char *const intent_names[] = { "requires_payment_method", "requires_action",
                                            "processing", "succeeded", "canceled" };
static const char *const charge_names[] = { "pending", "succeeded", "failed" };
static const char *const refund_names[] = { "pending", "requires_action", "succeeded", "failed",
                                            "canceled" };

static const char *const dispute_names[] = { "warning_needs_response", "warning_under_review",
                                             "warning_closed", "needs_response", "under_review",
                                             "won", "lost" };

const char *session_status_name(enum session_status status)
{
    return session_names[status];
}

const char *intent_status_name(enum intent_status status)
{
    return intent_names[status];
}

const char *charge_status_name(enum charge_status status)
{
    return charge_names[status];
}

const char *refund_status_name(enum refund_status status)
{
    return refund_names[status];
}

const char *dispute_status_name(enum dispute_status status)
{
    return dispute_names[status];
}

bool dispute_status_from_name(const char *name, enum dispute_status *status_out)
{
    for (size_t i = 0; i < sizeof dispute_names / sizeof dispute_names[0]; i++) {
        if (strcmp(dispute_names[i], name) == 0) {
            *status_out = (enum dispute_status) i;
            return true;
        }
    }
    return false;
}

bool refund_status_from_name(const char *name, enum refund_status *status_out)
{
    for (size_t i = 0; i < sizeof refund_names / sizeof refund_names[0]; i++) {
        if (strcmp(refund_names[i], name) == 0) {
            *status_out = (enum refund_status) i;
            return true;
        }
    }
    return false;
}

static void session_free(void *thing)
{
    struct stripe_session *session = thing;

    free(session->url);
    free(session->success_url);
    free(session->cancel_url);
    free(session->client_reference_id);
    free(session->customer_email);
    free(session->title);
    free(session->intent_description);
    json_decref(session->metadata);
    json_decref(session->intent_metadata);
    free(session);
}

static void intent_free(void *thing)
{
    struct stripe_intent *intent = thing;

    json_decref(intent->last_payment_error);
    free(intent);
}

static void refund_free(void *thing)
{
    struct stripe_refund *refund = thing;

    json_decref(refund->metadata);
    free(refund);
}

static void dispute_free(void *thing)
{
    struct stripe_dispute *dispute = thing;

    free(dispute->reason);
    json_decref(dispute->evidence);
    json_decref(dispute->metadata);
    free(dispute);
}

static void event_free(void *thing)
{
    struct stripe_event *event = thing;

    free(event->type);
    free(event->payload);
    free(event);
}

static void init_objects(struct stripe *stripe)
{
    collection_init(&stripe->sessions);
    collection_init(&stripe->intents);
    collection_init(&stripe->charges);
    collection_init(&stripe->refunds);
    collection_init(&stripe->disputes);
    collection_init(&stripe->movements);
    collection_init(&stripe->events);
    stripe->balance_delay_s = stripe->refund_fails_after_s = 0;
    stripe->refund_outcome = REFUND_SUCCEEDED;
}

static void deinit_objects(struct stripe *stripe)
{
    heap_clear(&stripe->expiries);
    heap_clear(&stripe->untold);
    heap_clear(&stripe->failing);
    collection_deinit(&stripe->sessions, session_free);
    collection_deinit(&stripe->intents, intent_free);
    collection_deinit(&stripe->charges, free);
    collection_deinit(&stripe->refunds, refund_free);
    collection_deinit(&stripe->disputes, dispute_free);
    collection_deinit(&stripe->movements, free);
    collection_deinit(&stripe->events, event_free);
}

struct stripe *stripe_new(const char *secret_key, const char *public_url,
                          struct sandbox_clock *clock, struct faults *faults,
                          struct webhooks *webhooks)
{
    struct stripe *stripe = alloc_new(1, sizeof *stripe);

    pthread_mutex_init(&stripe->lock, NULL);
    stripe->clock = clock;
    stripe->faults = faults;
    stripe->webhooks = webhooks;
    stripe->idempotency = idempotency_keys_new();
    stripe->secret_key = alloc_dup(secret_key);
    stripe->public_url = alloc_dup(public_url);
    stripe->words = table_new();
    init_objects(stripe);
    return stripe;
}

void stripe_free(struct stripe *stripe)
{
    deinit_objects(stripe);
    idempotency_keys_free(stripe->idempotency);
    table_free(stripe->words, free);
    free(stripe->secret_key);
    free(stripe->public_url);
    pthread_mutex_destroy(&stripe->lock);
    free(stripe);
}

void stripe_reset(struct stripe *stripe)
{
    stripe_lock(stripe);
    deinit_objects(stripe);
    init_objects(stripe);
    stripe_unlock(stripe);
    idempotency_keys_clear(stripe->idempotency);
}

int64_t stripe_now_s(const struct stripe *stripe)
{
    return sandbox_clock_now_s(stripe->clock) - stripe->ago_s;
}

void stripe_name_page(const struct stripe *stripe, struct stripe_session *session)
{
    struct strbuf url = { 0 };

    strbuf_addf(&url, "%s/pay/%s", stripe->public_url, session->item.id);
    free(session->url);
    session->url = strbuf_take(&url);
}

void stripe_set_public_url(struct stripe *stripe, const char *public_url)
{
    stripe_lock(stripe);
    free(stripe->public_url);
    stripe->public_url = alloc_dup(public_url);
    for (size_t i = 0; i < stripe->sessions.count; i++)
        stripe_name_page(stripe, (struct stripe_session *) stripe->sessions.items[i]);
    stripe_unlock(stripe);
}

void stripe_lock(struct stripe *stripe)
{
    pthread_mutex_lock(&stripe->lock);
}

void stripe_unlock(struct stripe *stripe)
{
    pthread_mutex_unlock(&stripe->lock);
}
