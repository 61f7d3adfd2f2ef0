/*
 * stripe_events.h - every change becomes an event: kept for GET /v1/events, sent as a webhook.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_EVENTS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_EVENTS_H

#include "stripe_call.h"

/*
 * Records the event and hands it to the webhooks, ordered by session. object is adopted; so is
 * previous, the attributes before the change, which may be NULL. Call it with the lock held.
 */
void stripe_event_emit(struct stripe *stripe, const char *type,
                       const struct stripe_session *session, json_t *object, json_t *previous);

void stripe_events_list(struct stripe_call *call);
void stripe_events_retrieve(struct stripe_call *call);

#endif
