/*
 * event.h - domain events: what the rest of the shop may want to know (SPEC section 8).
 */
#ifndef PAYAPI_DOMAIN_EVENT_H
#define PAYAPI_DOMAIN_EVENT_H

#include "domain/payment.h"

enum event_type {
    EVENT_NONE,
    EVENT_ORDER_CREATED,
    EVENT_PAYMENT_CREATED,
    EVENT_PAYMENT_PROCESSING,
    EVENT_PAYMENT_COMPLETED,
    EVENT_PAYMENT_FAILED,
    EVENT_PAYMENT_CANCELLED,
    EVENT_PAYMENT_EXPIRED,
    EVENT_PAYMENT_REVIEW_NEEDED,
    EVENT_PAYMENT_ATTACHED,
    EVENT_REFUND_CREATED,
    EVENT_REFUND_SUCCEEDED,
    EVENT_REFUND_FAILED,
    EVENT_DISPUTE_OPENED,
    EVENT_DISPUTE_CLOSED
};

const char *event_type_name(enum event_type type);      /* "payment.completed" */
/* What a change of status announces; EVENT_NONE when nothing (also when from == to). */
enum event_type event_of_transition(enum payment_status from, enum payment_status to);

#endif
