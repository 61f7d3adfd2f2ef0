/*
 * domain_event.h - domain events: what the rest of the shop may want to know (docs/contract.md
 * section 8).
 */
#ifndef PAYAPI_DOMAIN_DOMAIN_EVENT_H
#define PAYAPI_DOMAIN_DOMAIN_EVENT_H

#include "domain/payment.h"

/* The rows of domain_events.def: DOMAIN_EVENT_PAYMENT_COMPLETED is "payment.completed". */
enum domain_event {
    DOMAIN_EVENT_NONE,
#define DOMAIN_EVENT(name, text) DOMAIN_EVENT_##name,
#include "domain/domain_events.def"
    DOMAIN_EVENT_COUNT
};

const char *domain_event_name(enum domain_event type);      /* "payment.completed" */
/* The event that a change of status announces; DOMAIN_EVENT_NONE: none (also when from == to). */
enum domain_event domain_event_of_transition(enum payment_status from, enum payment_status to);

#endif
