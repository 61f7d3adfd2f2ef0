/*
 * domain_event.h - domain events: what the rest of the shop may want to know (docs/contract.md
 * section 8).
 */
#ifndef PAYAPI_DOMAIN_DOMAIN_EVENT_H
#define PAYAPI_DOMAIN_DOMAIN_EVENT_H

#include "domain/payment.h"

enum domain_event {
    DOMAIN_EVENT_NONE,
    DOMAIN_EVENT_ORDER_CREATED,
    DOMAIN_EVENT_PAYMENT_CREATED,
    DOMAIN_EVENT_PAYMENT_PROCESSING,
    DOMAIN_EVENT_PAYMENT_COMPLETED,
    DOMAIN_EVENT_PAYMENT_FAILED,
    DOMAIN_EVENT_PAYMENT_CANCELLED,
    DOMAIN_EVENT_PAYMENT_EXPIRED,
    DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED,
    DOMAIN_EVENT_PAYMENT_ATTACHED,
    DOMAIN_EVENT_REFUND_CREATED,
    DOMAIN_EVENT_REFUND_SUCCEEDED,
    DOMAIN_EVENT_REFUND_FAILED,
    DOMAIN_EVENT_DISPUTE_OPENED,
    DOMAIN_EVENT_DISPUTE_CLOSED
};

const char *domain_event_name(enum domain_event type);      /* "payment.completed" */
/* The event that a change of status announces; DOMAIN_EVENT_NONE: none (also when from == to). */
enum domain_event domain_event_of_transition(enum payment_status from, enum payment_status to);

#endif
